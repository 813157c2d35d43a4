"""The use cases that several screens call, for the account that asks."""

from __future__ import annotations

from credits.billing.by_hand import AppliedByHand
from credits.classification.commands import ExclusionCommands
from credits.handling.commands import CreditCommands
from credits.handling.reading import CreditReading
from credits.unknown.commands import RulingCommands
from monitor.api.ports import ApiJournal
from monitor.console.visit import Visit
from monitor.customers.commands import ProblemCommands
from monitor.incidents.commands import IncidentCommands
from monitor.incidents.maintenance_commands import MaintenanceCommands


def incident_commands(visit: Visit, *, is_writing: bool = False) -> IncidentCommands:
    return IncidentCommands(
        journal=_journal(visit, is_writing=is_writing), catalogue=visit.catalogue,
        clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip


def maintenance_commands(visit: Visit, *, is_writing: bool = False) -> MaintenanceCommands:
    return MaintenanceCommands(
        journal=_journal(visit, is_writing=is_writing), catalogue=visit.catalogue,
        clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip


def problem_commands(visit: Visit, *, is_writing: bool = False) -> ProblemCommands:
    return ProblemCommands(
        journal=_journal(visit, is_writing=is_writing), catalogue=visit.catalogue,
        clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip


def exclusion_commands(visit: Visit, *, is_writing: bool = False) -> ExclusionCommands:
    return ExclusionCommands(
        journal=_journal(visit, is_writing=is_writing),
        catalogues=visit.backend.source.catalogues(), clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip


def credit_commands(visit: Visit) -> CreditCommands:
    return CreditCommands(
        journal=visit.backend.writing, clock=visit.backend.clock, actor=visit.actor,
        tickets=visit.backend.tickets,
    )  # fmt: skip


def credits_by_hand(visit: Visit) -> AppliedByHand:
    return AppliedByHand(
        journal=visit.backend.writing, clock=visit.backend.clock, actor=visit.actor
    )


def credit_reading(visit: Visit) -> CreditReading:
    return CreditReading(journal=visit.backend.reading, actor=visit.actor)


def ruling_commands(visit: Visit, *, is_writing: bool = False) -> RulingCommands:
    return RulingCommands(
        journal=_journal(visit, is_writing=is_writing),
        catalogues=visit.backend.source.catalogues(), clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip


def _journal(visit: Visit, *, is_writing: bool) -> ApiJournal:
    """What reads waits for nobody."""
    return visit.backend.writing if is_writing else visit.backend.reading

"""What customers say that fails is taken up once, linked to what is open, and told to operators
where several say what the checks do not see. It counts nowhere: no state, no figure, no money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.customers.ports import CustomersTransaction
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Actor
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.customers.problems import (
    AGAIN_AFTER_S,
    SEVERAL,
    WITHIN_S,
    Problem,
    ProblemKind,
    ProblemRef,
    routed,
    said_of,
)
from monitor.domain.incidents.incident import Affected, IncidentId, Statement
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.time.interval import Second
from monitor.self_monitoring.system_alert import raise_alert


def take_up(
    tx: CustomersTransaction, body: Mapping[str, Json], catalogue: Catalogue, now: Second
) -> Problem | None:
    """Store what was said, once; None where it is there already. Raises KeyError, TypeError,
    ValueError where it is nothing of ours."""
    said = said_of(body)
    if tx.problems.get(said.ref) is not None:
        return None
    if said.component not in catalogue.shown_somewhere:
        said = replace(said, component=None)
    taken = routed(said, _open_incident(tx, said.component), catalogue.support, now)
    tx.problems.save(taken)
    after: dict[str, Json] = {"level": taken.level}
    if said.component is not None:
        after["component"] = said.component
    if taken.incident is not None:
        after["incident"] = taken.incident
    tx.changes.append([MACHINE.change(now, "problem.taken_up", said.ref, after=after)])
    if said.kind is ProblemKind.FAILS and said.component is not None and taken.incident is None:
        _tell_of_several(tx, said.component, catalogue, now)
    return taken


def note_seen(tx: CustomersTransaction, component: ComponentId, seen: str, now: Second) -> None:
    """What check runs found, for all that was said of that component and not looked at yet."""
    for found in tx.problems.of_component(component, Second(now - WITHIN_S)):
        if found.looked_at is None:
            tx.problems.save(replace(found, looked_at=now, seen=seen))


def close_problem(
    tx: CustomersTransaction, wanted: ProblemRef, note: str, actor: Actor, now: Second
) -> Problem:
    """Somebody has answered it, or nothing is left to do. Raises NotFound, Refused."""
    found = tx.problems.get(wanted)
    if found is None:
        raise NotFound("problem.unknown", ref=wanted)
    if not found.is_open:
        raise Refused("problem.closed", ref=wanted, by=found.closed_by)
    closed = replace(found, closed_at=now, closed_by=actor.id, note=note)
    tx.problems.save(closed)
    tx.changes.append([actor.change(now, "problem.closed", wanted)])
    return closed


def _open_incident(tx: CustomersTransaction, component: ComponentId | None) -> IncidentId | None:
    """The one that still affects the component: as its checks see it, or as a person says."""
    if component is None:
        return None
    for incident in tx.incidents.unresolved():
        parts: tuple[Affected | Statement, ...] = (*incident.affected, *incident.statements)
        if any(part.component == component and part.end is None for part in parts):
            return incident.id
    return None


def _tell_of_several(
    tx: CustomersTransaction, component: ComponentId, catalogue: Catalogue, now: Second
) -> None:
    """Once, where so many different customers say what no incident is about."""
    recent = tx.problems.of_component(component, Second(now - WITHIN_S))
    senders = {
        p.said.sender
        for p in recent
        if p.is_open and p.incident is None and p.said.kind is ProblemKind.FAILS
    }
    if len(senders) < SEVERAL:
        return
    told = tx.problems.told_at(component)
    if told is not None and now - told < AGAIN_AFTER_S:
        return
    tx.problems.tell(component, now)
    first = min(p.said.at for p in recent)
    about = f"{component}={len(senders)}"
    raise_alert(tx, SystemAlert.CUSTOMERS_SAY, first, catalogue, now, about=about, event=component)

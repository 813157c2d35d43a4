"""Contracts of a large company, and nights that somebody wants to leave out of the guarantee."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from credits.classification.commands import ExclusionCommands
from credits.classification.draft import Draft
from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.journal import BillingJournal
from credits.money import Money
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import AccountRole, scopes_of
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import Evidence, ExclusionRecord
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import FOREVER, Interval, Second

_PRICES = [Decimal(n * 37 % 5_000) + Decimal("0.90") for n in range(1, 51)]
_BATCH = 500


def add_contracts(
    journal: BillingJournal, count: int, terms: Terms, month: Interval, since: Second
) -> None:
    """Of fifty prices, paid for that month; every tenth began within it, the others at `since`."""
    dice = random.Random(1)  # noqa: S311 - no secret
    for first in range(0, count, _BATCH):
        with journal.transaction() as tx:
            numbers = range(first, min(first + _BATCH, count))
            tx.contracts.save_all([_contract(n, dice, terms, month, since) for n in numbers])


def propose(
    journal: BillingJournal,
    catalogues: Catalogues,
    clock: Clock,
    component: ComponentId,
    spans: Sequence[Interval],
) -> list[ExclusionRecord]:
    """By an operator."""
    actor = Actor(
        id="ana", kind=ActorKind.PERSON, scopes=frozenset(scopes_of([AccountRole.OPERATOR])),
        via=Via.CONSOLE,
    )  # fmt: skip
    commands = ExclusionCommands(journal=journal, catalogues=catalogues, clock=clock, actor=actor)
    return [commands.propose(_draft(component, span)).record for span in spans]


def _draft(component: ComponentId, span: Interval) -> Draft:
    return Draft(
        component=component, start=span.start, end=span.end, cause="external_provider",
        evidence=Evidence(text="4711"),
    )  # fmt: skip


def _contract(
    number: int, dice: random.Random, terms: Terms, month: Interval, since: Second
) -> Contract:
    begun = since if number % 10 else Second(month.start + dice.randrange(20) * 86_400)
    return Contract(
        id=ContractId(f"C-{number:06}"), client_id=str(number), service_id=str(number),
        product="Hosting básico", active=(Interval(begun, FOREVER),),
        terms=(TermsPeriod(period=month, label="standard", terms=terms),),
        segments=(
            PriceSegment(
                invoice_id=f"F-{number}", line_id=f"L-{number}", period=month,
                net=Money(dice.choice(_PRICES), "USD"),
            ),
        ),
    )  # fmt: skip

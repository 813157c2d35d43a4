"""A billing office's counter: credits in a journal of its own, and people who act on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from credits.contract import ContractId
from credits.handling.commands import CreditCommands
from credits.handling.reading import CreditReading
from credits.handling.tickets import Tickets
from credits.life.credit import Credit, CreditId, CreditKey, CreditRecord, LineDue, begin
from credits.life.ledger import first_fault
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import AccountRole, scopes_of
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionRevision,
    exclusion_reference,
)
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from tests.credits.life.builders import by, due
from tests.credits.life.builders import credit as built
from tests.support.clock import FakeClock
from tests.support.journals import new_journal

MONTH = Interval(Second(0), Second(2_592_000))
NOW = "2026-11-05T12:00:00Z"


def person(
    name: str, *roles: AccountRole, services: tuple[str, ...] | None = None, token: str = ""
) -> Actor:
    """An account that acts by itself, or by a token of its own."""
    return Actor(
        id=name,
        kind=ActorKind.TOKEN if token else ActorKind.PERSON,
        scopes=frozenset(scopes_of(roles)),
        services=None if services is None else frozenset(map(ServiceId, services)),
        via=Via.API if token else Via.CONSOLE,
        token=token,
    )


EVA = person("eva", AccountRole.BILLING)
LUZ = person("luz", AccountRole.APPROVER)
CHIEF = person("chief", AccountRole.ADMIN)
ROOT = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)


def owed(
    name: str = "BON-2026-10-1",
    *,
    client: str = "77",
    contract: str = "C-1",
    lines: tuple[LineDue, ...] = (),
    ordinal: int = 0,
    period: str = "2026-10",
) -> Credit:
    made = built(*(lines or (due("6.86"),)), client=client, ordinal=ordinal)
    key = CreditKey(ContractId(contract), MONTH, "ab" * 32)
    return replace(made, id=CreditId(name), key=key, period=period)


class Counter:
    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal
        self.clock = FakeClock.at(NOW)
        self.tickets: Tickets | None = None

    def of(self, actor: Actor) -> CreditCommands:
        return CreditCommands(
            journal=self.journal, clock=self.clock, actor=actor, tickets=self.tickets
        )

    def reading(self, actor: Actor = LUZ) -> CreditReading:
        return CreditReading(journal=self.journal, actor=actor)

    def keep(self, *credits: Credit, state: CreditState = CreditState.ELIGIBLE) -> None:
        with self.journal.transaction() as tx:
            tx.credits.begin([begin(one, state, by("estado")) for one in credits])

    def reviewed(self, name: str = "BON-2026-10-1", *, ticket: str = "ABC-1") -> None:
        """Asked for and taken up by eva, as client 77."""
        self.of(EVA).request(name, ticket=ticket, client="77")
        self.of(EVA).review(name)

    def record(self, name: str = "BON-2026-10-1") -> CreditRecord:
        with self.journal.transaction() as tx:
            return tx.credits.get(CreditId(name))

    def proposes(self, who: str, component: str = "web-1") -> None:
        """Somebody proposes an exclusion within the month."""
        span = Interval(Second(100), Second(200))
        step = ExclusionRevision(
            reference=exclusion_reference(ComponentId(component), span), revision=1,
            component=ComponentId(component), interval=span, cause="customer",
            evidence=Evidence(text="Aviso"), proposed_by=who, at=Second(300),
        )  # fmt: skip
        with self.journal.transaction() as tx:
            tx.exclusions.append(step)

    def audit(self) -> list[tuple[str, str, str]]:
        with self.journal.transaction() as tx:
            found = tx.changes.since(0, 1_000)
        return [(c.kind, c.actor, c.subject) for c in found if c.kind.startswith("credit.")]

    def is_balanced(self) -> bool:
        """Whether the ledger says what the steps say."""
        with self.journal.transaction() as tx:
            records = tx.credits.page(CreditId(""), 1_000)
            return first_fault(records, {p.id: p for p in tx.credits.postings()}) is None


@contextmanager
def opened_counter(folder: Path) -> Iterator[Counter]:
    with open_journal(new_journal(folder / "journal.db")) as journal:
        yield Counter(journal)

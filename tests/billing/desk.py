"""An approved credit, a journal and a panel, with a clock that tests set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from credits.billing.applier import Applier, Outcome, recovered
from credits.billing.by_hand import AppliedByHand
from credits.billing.ports import BillingPanel
from credits.billing.steps import ApplyingSteps
from credits.contract import Contract, ContractId, PriceSegment
from credits.life.credit import Credit, CreditId, CreditKey, CreditRecord, advance, begin
from credits.life.ledger import first_fault
from credits.life.states import CreditState
from credits.money import Money
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.whmcs.panel import WhmcsPanel
from monitor.billing.whmcs.spec import WhmcsSpec
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from tests.credits.life.builders import KEY, by, due
from tests.credits.life.builders import credit as built
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.tokens import token_file
from tests.support.whmcs import IDENTIFIER, SECRET, Whmcs, ticket_of

_T = TypeVar("_T")
S = CreditState
BON = CreditId("BON-2026-04-77-0")
SETTLE = 3_600
ANA = Actor(
    id="ana", kind=ActorKind.PERSON, via=Via.API,
    scopes=frozenset({Scope.CREDITS_APPLY, Scope.CREDITS_READ}),
)  # fmt: skip
SHELL = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)


@dataclass
class Desk:
    journal: SqlJournal
    clock: FakeClock
    folder: Path
    waits: list[float] = field(default_factory=list)

    @property
    def steps(self) -> ApplyingSteps:
        return ApplyingSteps(journal=self.journal, clock=self.clock)

    def keep(self, credit: Credit | None = None, *, suspended: bool = False) -> CreditId:
        """An approved credit and its contract."""
        credit = credit or one()
        self.rent(credit, suspended=suspended)
        record = begin(credit, S.ELIGIBLE, by("estado"))
        with self.journal.transaction() as tx:
            tx.credits.begin([record])
        ticket = ticket_of(credit.client_id)
        for state in (S.REQUESTED, S.UNDER_REVIEW, S.APPROVED):
            with self.journal.transaction() as tx:
                record = tx.credits.get(credit.id)
                who = by("luz" if state is S.APPROVED else "eva", at=self.clock.now())
                step = advance(record, state, who, ticket=ticket if state is S.REQUESTED else "")
                tx.credits.append([record.with_step(step)])
        return credit.id

    def rent(
        self, credit: Credit, *, client: str = "", currency: str = "", suspended: bool = False
    ) -> None:
        segments = tuple(
            PriceSegment(
                invoice_id=line.invoice_id, line_id=line.line_id, period=credit.key.window,
                net=Money(Decimal(5000), currency or line.amount.currency),
            )
            for line in credit.lines
        )  # fmt: skip
        contract = Contract(
            id=credit.key.contract, client_id=client or credit.client_id,
            service_id=credit.service_id, product=credit.product,
            active=(Interval(Second(0), FOREVER),), is_suspended=suspended, segments=segments,
        )  # fmt: skip
        with self.journal.transaction() as tx:
            tx.contracts.save(contract)

    def state(self, wanted: CreditId = BON) -> CreditState:
        return self.record(wanted).state

    def record(self, wanted: CreditId = BON) -> CreditRecord:
        with self.journal.transaction() as tx:
            return tx.credits.get(wanted)

    def way(self, wanted: CreditId = BON) -> list[str]:
        """The states since the approval."""
        states = [step.after.value for step in self.record(wanted).steps]
        return states[states.index("approved") + 1 :]

    def panel(self, there: Whmcs, *, dry_run: bool = False, timeout_s: float = 5.0) -> WhmcsPanel:
        async def wait(seconds: float) -> None:
            self.waits.append(seconds)

        spec = WhmcsSpec(
            url=there.url,
            identifier=token_file(self.folder, IDENTIFIER, "identifier"),
            secret=token_file(self.folder, SECRET, "secret"),
            dry_run=dry_run,
            timeout_s=timeout_s,
        )
        return WhmcsPanel.built(spec, ChannelDependencies(clock=self.clock), wait)

    def applier(
        self, panel: BillingPanel, reached: Callable[[str], None] = lambda _: None
    ) -> Applier:
        return Applier(
            steps=self.steps, panel=panel, settle_s=SETTLE, on_thread=on_thread, reached=reached
        )

    async def apply(self, panel: BillingPanel, actor: Actor = ANA, month: str = "") -> Outcome:
        """What came of the only credit."""
        (outcome,) = await self.applier(panel).apply(actor, month)
        return outcome

    async def search(self, panel: BillingPanel) -> Outcome:
        (outcome,) = await self.applier(panel).reconcile()
        return outcome

    async def recover(self) -> Sequence[CreditId]:
        """What the next core does first."""
        return await recovered(self.steps, on_thread)

    def hands(self, actor: Actor = ANA) -> AppliedByHand:
        return AppliedByHand(journal=self.journal, clock=self.clock, actor=actor)

    def books_agree(self) -> bool:
        """Every posting is what the steps say, and nothing was lost between the accounts."""
        with self.journal.transaction() as tx:
            records = tx.credits.page(CreditId(""), 500)
            kept = {p.id: p for p in tx.credits.postings()}
            total = sum(tx.credits.balances().values())
        return first_fault(records, kept) is None and total == 0


async def on_thread(work: Callable[[], _T]) -> _T:
    return await asyncio.to_thread(work)


def one(amount: str = "6.86", *, client: str = "77", currency: str = "USD", n: int = 0) -> Credit:
    line = replace(due(amount, currency=currency), invoice_id="9001")
    key = CreditKey(ContractId(f"C-{client}-{n}"), KEY.window, KEY.terms_hash)
    return replace(built(line, client=client), key=key, id=CreditId(f"BON-2026-04-{client}-{n}"))


@contextmanager
def opened_desk(folder: Path) -> Iterator[Desk]:
    with open_journal(new_journal(folder / "journal.db")) as journal:
        yield Desk(journal, FakeClock(), folder)

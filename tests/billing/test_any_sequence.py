"""Applied, pending and what waits to be taken back are the fresh figure after any sequence of
calls, silences, kills, releases and new figures; and the customer has what is applied, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credits.life.credit import CreditId, CreditRecord, advance, begin
from credits.life.ledger import LedgerAccount
from credits.life.settlement import Figure, settle
from monitor.billing.whmcs.panel import WhmcsPanel
from monitor.domain.refusals import Refused
from tests.billing.desk import ANA, BON, SETTLE, Desk, S, one, opened_desk
from tests.credits.life.builders import by, due
from tests.support.whmcs import Fields, Whmcs, whmcs

WAYS = {
    S.ELIGIBLE: (S.REQUESTED, S.UNDER_REVIEW, S.APPROVED),
    S.PENDING_HUMAN_APPROVAL: (S.APPROVED,),
}
COUNTED = (LedgerAccount.OWED, LedgerAccount.APPROVED, LedgerAccount.APPLIED)


class Killed(BaseException):
    """Stands for the end of the process."""


class Life:
    """One window's credits, a panel, and what happens to both."""

    def __init__(self, desk: Desk, there: Whmcs) -> None:
        self.desk = desk
        self.there = there
        self.panel: WhmcsPanel = desk.panel(there)
        self.figure = Decimal("6.86")

    async def do(self, what: str) -> None:
        done = getattr(self, f"do_{what}")()
        if done is not None:
            await done

    async def do_apply(self) -> None:
        await self.desk.applier(self.panel).apply(ANA)

    async def do_search(self) -> None:
        await self.desk.applier(self.panel).reconcile()

    def do_land(self) -> None:
        self.there.land()

    def do_settle(self) -> None:
        """So long that whatever was on its way has arrived."""
        self.there.land()
        self.desk.clock.advance(SETTLE + 1)

    def do_wait(self) -> None:
        """So long that a person may release, and what is on its way is on its way still."""
        self.desk.clock.advance(SETTLE + 1)

    def do_release(self) -> None:
        for record in self.records:
            if record.state is S.APPLY_UNKNOWN:
                with suppress(Refused):
                    self.desk.hands().release(record.id, reason="no está")

    def do_suspend(self) -> None:
        self.there.services["501"].status = "Suspended"

    def do_resume(self) -> None:
        self.there.services["501"].status = "Active"

    def do_lose(self) -> None:
        """From now on the panel takes calls in, says nothing, and books them later."""

        async def lose(fields: Fields) -> web.StreamResponse | None:
            if fields["action"] != "AddCredit":
                return None
            self.there.late.append(fields)
            return web.Response(status=504)

        self.there.fault = lose

    def do_answer(self) -> None:
        self.there.fault = None

    async def do_kill(self) -> None:
        def kill(point: str) -> None:
            if point == "billing.answer.before":
                raise Killed

        with suppress(Killed):
            await self.desk.applier(self.panel, kill).apply(ANA)
        await self.desk.recover()

    def do_approve(self) -> None:
        for found in self.records:
            record = found
            for state in WAYS.get(found.state, ()):
                who = by("luz" if state is S.APPROVED else "eva")
                step = advance(record, state, who, ticket="T-772" if state is S.REQUESTED else "")
                record = record.with_step(step)
                with self.desk.journal.transaction() as tx:
                    tx.credits.append([record])

    def do_more(self) -> None:
        self._close(self.figure + 1)

    def do_less(self) -> None:
        self._close(self.figure - 1)

    def _close(self, figure: Decimal) -> None:
        """The month is computed anew."""
        self.figure = figure
        line = replace(due(str(figure)), invoice_id="9001")
        records = self.records
        found = settle(Figure(lines=(line,)), records)
        with self.desk.journal.transaction() as tx:
            tx.credits.append(
                [r.with_step(advance(r, S.SUPERSEDED, by("estado"))) for r in found.superseded]
            )
            if found.begins is not None:
                n = len(records)
                fresh = replace(
                    one(), id=CreditId(f"{BON}-{n}"), lines=found.lines, ordinal=n, adjusts=BON
                )
                tx.credits.begin([begin(fresh, found.begins, by("estado"))])

    @property
    def records(self) -> Sequence[CreditRecord]:
        with self.desk.journal.transaction() as tx:
            return tx.credits.page(CreditId(""), 100)

    @property
    def twice(self) -> Decimal:
        """What the panel booked again under the token of a credit that it had booked: a person
        released a call that was only late. It stands twice under one name, and is seen."""
        first: set[str] = set()
        found = Decimal(0)
        for line in self.there.log:
            found += Decimal(line["amount"]) if line["description"] in first else 0
            first.add(line["description"])
        return found

    def held(self, *accounts: LedgerAccount) -> Decimal:
        with self.desk.journal.transaction() as tx:
            balances = tx.credits.balances()
        return Decimal(sum(v for h, v in balances.items() if h.account in accounts)) / 100

    def in_state(self, *states: S) -> Decimal:
        found = (m.amount for r in self.records if r.state in states for _, m in r.amounts)
        return sum(found, Decimal(0))


def test_what_was_released_and_arrives_late_is_paid_once_whatever_the_month_comes_to_then(
    tmp_path: Path,
) -> None:
    async def lived() -> None:
        with opened_desk(tmp_path) as desk:
            desk.keep(one())
            async with whmcs() as there:
                life = Life(desk, there)
                for what in ("lose", "apply", "wait", "search", "release", "answer", "more"):
                    await life.do(what)
                assert desk.state() is S.APPROVED
                for what in ("approve", "apply", "land", "apply", "search"):
                    await life.do(what)
                assert life.held(LedgerAccount.APPLIED) == life.figure
                assert there.balance() - life.twice == life.figure

    asyncio.run(lived())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    does=st.lists(
        st.sampled_from([name[3:] for name in vars(Life) if name.startswith("do_")]),
        min_size=1, max_size=14,
    )
)  # fmt: skip
def test_every_sum_is_the_fresh_figure_and_the_customer_has_what_is_applied(
    tmp_path_factory: pytest.TempPathFactory, does: list[str]
) -> None:
    async def lived() -> None:
        with opened_desk(tmp_path_factory.mktemp("life")) as desk:
            desk.keep(one())
            async with whmcs() as there:
                life = Life(desk, there)
                for what in does:
                    await life.do(what)
                    waiting = life.in_state(S.PENDING_HUMAN_APPROVAL)
                    assert life.held(*COUNTED) + waiting == life.figure
                    assert desk.books_agree()
                # Whatever nobody knows the end of is found in the end.
                life.do_settle()
                life.do_answer()
                await life.do_kill()
                await life.do_search()
                assert there.balance() - life.twice == life.held(LedgerAccount.APPLIED)

    asyncio.run(lived())

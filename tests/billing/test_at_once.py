"""Two at once yield one, and a killed process loses and doubles nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from decimal import Decimal
from pathlib import Path

import pytest

from credits.billing.applier import Came
from monitor.journal.ports import JournalError
from tests.billing.desk import ANA, BON, SETTLE, Desk, S, opened_desk
from tests.support.whmcs import Whmcs, whmcs


async def test_two_that_apply_at_once_yield_one_call(desk: Desk) -> None:
    """The lease keeps a second core out; this is what would happen if it did not."""
    desk.keep()
    async with whmcs() as there:
        found = await asyncio.gather(
            *(desk.applier(desk.panel(there)).apply(ANA) for _ in range(4))
        )
    came = sorted(str(outcome.came) for outcomes in found for outcome in outcomes)
    assert came.count("applied") == 1
    assert set(came) <= {"applied", "changed"}
    assert len(there.calls("AddCredit")) == 1
    assert desk.books_agree()


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@pytest.mark.parametrize(
    ("point", "lands", "way"),
    [
        ("billing.claim.before", False, ["applying", "applied"]),
        ("billing.send.before", False, ["applying", "apply_unknown"]),
        ("billing.answer.before", True, ["applying", "apply_unknown", "applied"]),
    ],
)
async def test_a_process_killed_at_each_point_leaves_at_most_one_effect(
    desk: Desk, point: str, lands: bool, way: list[str]
) -> None:
    desk.keep()

    def kill(reached: str) -> None:
        if reached == point:
            raise Killed

    async with whmcs() as there:
        panel = desk.panel(there)
        with pytest.raises(Killed):
            await desk.applier(panel, kill).apply(ANA)
        assert len(there.log) == lands
        again = desk.applier(panel)
        await desk.recover()
        await again.reconcile()
        await again.apply(ANA)
        assert desk.way() == way
        if desk.state() is S.APPLY_UNKNOWN:
            desk.clock.advance(SETTLE + 1)
            await again.reconcile()
            desk.hands().release(BON, reason="no está")
            await again.apply(ANA)
        assert desk.state() is S.APPLIED
    assert there.balance() == Decimal("6.86")
    assert desk.books_agree()


@pytest.mark.parametrize(
    "point", ["billing.claim.before", "billing.send.before", "billing.answer.before"]
)
async def test_a_process_killed_for_good_leaves_a_journal_that_knows_what_may_have_happened(
    tmp_path: Path, point: str
) -> None:
    """kill -9 at the point, in a process of its own; the panel lives here."""
    with opened_desk(tmp_path) as desk:
        desk.keep()
        async with whmcs() as there:
            child = os.fork()
            if not child:
                _apply_and_die(tmp_path, there.url, point)
            _, status = await asyncio.to_thread(os.waitpid, child, 0)
            assert os.WTERMSIG(status) == signal.SIGKILL
            again = desk.applier(desk.panel(there))
            await desk.recover()
            await again.reconcile()
            await again.apply(ANA)
            if desk.state() is S.APPLY_UNKNOWN:
                assert point == "billing.send.before"
                desk.clock.advance(SETTLE + 1)
                await again.reconcile()
                desk.hands().release(BON, reason="no está")
                await again.apply(ANA)
            assert desk.state() is S.APPLIED
        assert there.balance() == Decimal("6.86")
        assert len(there.calls("AddCredit")) == 1
        assert desk.books_agree()


def _apply_and_die(folder: Path, url: str, point: str) -> None:
    """In the child: never returns."""
    try:
        with opened_desk(folder) as desk:

            def kill(reached: str) -> None:
                if reached == point:
                    os.kill(os.getpid(), signal.SIGKILL)

            loop = asyncio.new_event_loop()
            loop.run_until_complete(desk.applier(desk.panel(Whmcs(url=url)), kill).apply(ANA))
    finally:
        os._exit(1)


async def test_what_cannot_be_written_after_the_call_is_found_and_not_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is away in the moment in which the panel's answer comes."""
    desk.keep()
    async with whmcs() as there:
        panel = desk.panel(there)
        applier = desk.applier(panel)

        def fail(*_: object) -> None:
            raise JournalError("disk full")

        with monkeypatch.context() as patched:
            patched.setattr("credits.billing.steps.ApplyingSteps.close", fail)
            with pytest.raises(JournalError):
                await applier.apply(ANA)
        assert desk.state() is S.APPLYING
        await desk.recover()
        (outcome,) = await applier.reconcile()
        assert outcome.came is Came.APPLIED
    assert len(there.calls("AddCredit")) == 1

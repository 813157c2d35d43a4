"""Alarms ring at their moments, in order, on one timer; one that was cancelled does not."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from monitor.scheduling.timers import Timers
from tests.support.patience import PATIENCE_S


class CountingLoop:
    """The running loop's timers, counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.timers = 0
        real = loop.call_at

        def call_at(*args: object, **kwargs: object) -> asyncio.TimerHandle:
            self.timers += 1
            return real(*args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(loop, "call_at", call_at)


async def test_they_ring_in_order_whatever_the_order_in_which_they_were_set() -> None:
    timers, rung, over = Timers(), list[str](), asyncio.Event()
    now = monotonic()
    timers.set(now + 0.03, over.set)
    timers.set(now + 0.02, lambda: rung.append("second"))
    timers.set(now + 0.01, lambda: rung.append("first"))
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    assert rung == ["first", "second"]
    assert monotonic() - now >= 0.03 - 0.001


async def test_one_that_was_cancelled_does_not_ring() -> None:
    timers, rung, over = Timers(), list[str](), asyncio.Event()
    now = monotonic()
    timers.set(now + 0.01, lambda: rung.append("cancelled")).cancel()
    timers.set(now + 0.02, over.set)
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    assert rung == []


async def test_one_may_be_set_while_another_rings() -> None:
    timers, over = Timers(), asyncio.Event()
    timers.set(monotonic(), lambda: (timers.set(monotonic() + 0.01, over.set), None)[1])
    await asyncio.wait_for(over.wait(), PATIENCE_S)


async def test_they_take_one_timer_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, timers = CountingLoop(monkeypatch), Timers()
    now = monotonic()
    for number in range(100):
        timers.set(now + 60 + number, lambda: None).cancel()
    assert loop.timers == 1
    timers.close()


async def test_none_rings_after_the_end() -> None:
    timers, rung, over = Timers(), list[str](), asyncio.Event()
    timers.set(monotonic() + 0.01, lambda: rung.append("late"))
    timers.close()
    asyncio.get_running_loop().call_later(0.03, over.set)
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    assert rung == []


async def test_one_that_breaks_keeps_no_other_from_its_moment(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise LookupError("a bug")

    timers, same, later = Timers(), asyncio.Event(), asyncio.Event()
    now = monotonic()
    timers.set(now + 0.01, broken)
    timers.set(now + 0.01, same.set)
    timers.set(now + 0.03, later.set)
    await asyncio.wait_for(same.wait(), PATIENCE_S)
    await asyncio.wait_for(later.wait(), PATIENCE_S)
    assert "a bug" in caplog.text

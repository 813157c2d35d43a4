"""Duties are woken by the calendar, and by a clock that was set under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from monitor.domain.time.interval import Second
from monitor.runtime import cron as calendar
from monitor.runtime.cron import Wakeups
from monitor.runtime.system_clock import SystemClock
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


class Duty:
    """Counts its calls; `called` is set by each."""

    def __init__(self) -> None:
        self.calls = 0
        self.called = asyncio.Event()

    async def call(self) -> None:
        self.calls += 1
        self.called.set()

    async def next_call(self) -> None:
        await asyncio.wait_for(self.called.wait(), PATIENCE_S)
        self.called.clear()


def every_minute(wakeups: Wakeups, name: str, duty: Duty) -> None:
    wakeups.each_minute(name, duty.call)


def each_night(wakeups: Wakeups, name: str, duty: Duty) -> None:
    wakeups.each_day(name, duty.call, hour=3)


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calendar whose next times are far off, as they are after the clock was set back."""
    monkeypatch.setattr(calendar, "STEP_CHECK_S", 0.01)
    fires = CronTrigger.get_next_fire_time

    def far_off(trigger: CronTrigger, previous: datetime | None, now: datetime) -> datetime | None:
        found = fires(trigger, previous, now)
        return found.replace(year=found.year + 1) if found else None

    monkeypatch.setattr(CronTrigger, "get_next_fire_time", far_off)


@pytest.mark.usefixtures("never")
@pytest.mark.parametrize("step", [-3_600, 3_600, -40 * 86_400])
@pytest.mark.parametrize("add", [every_minute, each_night])
async def test_every_duty_is_called_after_each_step_of_the_clock(
    step: int, add: Callable[[Wakeups, str, Duty], None]
) -> None:
    duty, clock = Duty(), FakeClock(Second(SystemClock().now() - 100 * 86_400))
    wakeups = Wakeups(ZONE, clock)
    add(wakeups, "duty", duty)
    async with wakeups:
        for _ in range(2):
            clock.step(step)
            await duty.next_call()
    assert duty.calls == 2


@pytest.mark.timeout(10)
async def test_a_clock_set_forward_by_years_has_each_duty_called_once() -> None:
    duty = Duty()
    wakeups = Wakeups(ZONE, FakeClock(Second(SystemClock().now() - 730 * 86_400)))
    wakeups.each_minute("duty", duty.call)
    async with wakeups:
        wakeups.call_all()
        await asyncio.wait_for(duty.called.wait(), 1)
    assert duty.calls == 1

"""APScheduler wakes the calendar's tasks; each task finds in the journal what is due.

A wake-up that was missed costs nothing: tasks are plain functions of (journal, now), and the next
one does what is due. APScheduler waits for times of the wall clock. Where that clock is
set back, those times are as far off as it was set back by, so every task is called after a step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import TracebackType
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from monitor.domain.time.calendar import at_zone
from monitor.domain.time.clock import Clock
from monitor.runtime.wall_steps import WallSteps

Task = Callable[[], Awaitable[None]]
STEP_CHECK_S = 1.0
"""How long a step of the wall clock may go unnoticed."""


class Wakeups:
    """An async context: tasks run while it is open."""

    def __init__(self, zone: ZoneInfo, clock: Clock) -> None:
        self._zone = zone
        self._clock = clock
        self._steps = WallSteps(clock)
        self._scheduler = AsyncIOScheduler(timezone=zone)

    def each_minute(self, name: str, task: Task) -> None:
        """On every whole minute: office hours, midnight and window edges all fall on one."""
        self._add(name, task, _Next(second=0, timezone=self._zone))

    def each_day(self, name: str, task: Task, *, hour: int, minute: int = 0) -> None:
        """Once a local day."""
        trigger = _Next(hour=hour, minute=minute, second=0, timezone=self._zone)
        self._add(name, task, trigger)

    def _add(self, name: str, task: Task, trigger: CronTrigger) -> None:
        self._scheduler.add_job(
            task, trigger, id=name, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    async def __aenter__(self) -> Wakeups:
        self._scheduler.start()
        self._following = asyncio.create_task(self._follow_wall(), name="wall")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _follow_wall(self) -> None:
        while True:
            await asyncio.sleep(STEP_CHECK_S)
            if self._steps.take():
                self.call_all()

    def call_all(self) -> None:
        """Call all tasks now, and from now on at the times that are still ahead on the clock."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=at_zone(self._clock.now(), self._zone))


class _Next(CronTrigger):  # type: ignore[misc]
    """The next time from now on, and never one of those that are over. A clock that was set forward
    by years has a million of them behind it, and the loop would work each of them out."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        found: datetime | None = super().get_next_fire_time(None, now + timedelta(microseconds=1))
        return found

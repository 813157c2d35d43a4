"""APScheduler wakes the calendar's duties; what is due is found in the journal by each duty.

A wake-up that was missed costs nothing: duties are plain functions of (journal, now), and each
is called once at start as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

Duty = Callable[[], Awaitable[None]]


class Wakeups:
    """An async context: duties run while it is open."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._scheduler = AsyncIOScheduler(timezone=zone)

    def each_minute(self, name: str, duty: Duty) -> None:
        """On every whole minute: office hours, midnight and window edges all fall on one."""
        self._add(name, duty, CronTrigger(second=0, timezone=self._zone))

    def each_day(self, name: str, duty: Duty, *, hour: int, minute: int = 0) -> None:
        """Once a local day."""
        trigger = CronTrigger(hour=hour, minute=minute, second=0, timezone=self._zone)
        self._add(name, duty, trigger)

    def _add(self, name: str, duty: Duty, trigger: CronTrigger) -> None:
        self._scheduler.add_job(
            duty, trigger, id=name, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    async def __aenter__(self) -> Wakeups:
        self._scheduler.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scheduler.shutdown(wait=False)

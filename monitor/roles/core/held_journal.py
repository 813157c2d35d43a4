"""How long another transaction has held the journal, and whose it is: for operators, for the core's
health, and for the supervisor, which may end the holder."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import structlog

from monitor.alerting.direct_alerts import DirectAlerts
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.locks.holder import find_holder, is_held
from monitor.runtime.processes.other_process import OtherProcess, look_at

ASK_AFTER_S = 2.0
"""A transaction that takes long is nobody's fault."""
TELL_AFTER_S = 3.0
_FIRST_WAIT_S = 2
"""So long the first transaction waits in vain before anything is known."""
_WAIT_S = 1.0
_MOST_S = 5.0
"""Between two attempts at most so much counts. A machine that slept, or a core that was itself
stopped, has not waited for anybody."""


class HeldJournal:
    """Note each attempt to begin a transaction; `look` now and then while it is held."""

    def __init__(self, clock: Clock, url: str, report: Path) -> None:
        self._clock = clock
        self._url = url
        self._report = report
        self._noted_at = 0.0
        self._log = structlog.get_logger()
        self._named: OtherProcess | None = None
        self.since: Second | None = None
        """None where nobody holds it."""
        self.lasted_s = 0.0
        self.holder: OtherProcess | None = None
        with suppress(OSError):
            report.unlink(missing_ok=True)

    def note(self, *, is_held: bool) -> None:
        """What came of an attempt."""
        if is_held:
            self._note_held(self._clock.monotonic())
        elif self.since is not None:
            self._note_free()

    async def look(self) -> None:
        """Find out who holds it, where somebody has held it for a while."""
        if not self._url or not self._is_long():
            return
        pid = await asyncio.to_thread(find_holder, self._url)
        holder = look_at(pid) if pid is not None else None
        if not self._is_long():
            return
        self.holder = holder
        self._write_report()
        if holder is not None and holder != self._named:
            self._named = holder
            self._log.error(
                "core.journal_held", pid=holder.pid, command=holder.command, state=holder.state,
                held_s=round(self.lasted_s),
            )  # fmt: skip

    def _is_long(self) -> bool:
        return self.since is not None and self.lasted_s >= ASK_AFTER_S

    @property
    def is_worth_telling(self) -> bool:
        return self.holder is not None and self.lasted_s >= TELL_AFTER_S

    @property
    def about(self) -> str:
        """The holder, as a system alert names it."""
        return f"{self.holder.pid}={_spoken(self.holder)}" if self.holder is not None else ""

    @property
    def words(self) -> str:
        """What is wrong, for whoever asks for the core's health; empty where nothing is."""
        if self.since is None or not self._is_long():
            return ""
        age = max(0, self._clock.now() - self.since)
        by = f"process {self.holder.pid} ({_spoken(self.holder)})" if self.holder else "another one"
        return f"the journal has been held by {by} for {age} s: nothing is recorded meanwhile"

    async def wait(self, alerts: DirectAlerts) -> None:
        """Return once nobody holds it, as a core does that has none yet. Raises JournalError."""
        while await asyncio.to_thread(is_held, self._url):
            self.note(is_held=True)
            await self.look()
            if self.is_worth_telling:
                alerts.see(SystemAlert.JOURNAL_HELD, self.about, patience_s=0.0)
            await alerts.deliver()
            await asyncio.sleep(_WAIT_S)
        self.note(is_held=False)
        alerts.end()
        await alerts.deliver()

    def _note_held(self, now: float) -> None:
        if self.since is None:
            self.since = Second(self._clock.now() - _FIRST_WAIT_S)
            self.lasted_s = 0.0
        else:
            self.lasted_s += min(now - self._noted_at, _MOST_S)
        self._noted_at = now

    def _note_free(self) -> None:
        if self._named is not None:
            self._log.info("core.journal_free", held_s=round(self.lasted_s))
        self.since, self.lasted_s = None, 0.0
        self.holder = self._named = None
        with suppress(OSError):
            self._report.unlink(missing_ok=True)

    def _write_report(self) -> None:
        """For the supervisor; see `monitor.roles.stopped_roles`. A full disk leaves it out."""
        pid = self.holder.pid if self.holder is not None else 0
        written = {"pid": pid, "lasted_s": self.lasted_s, "at": self._clock.monotonic()}
        aside = self._report.with_name(f"{self._report.name}.new")
        with suppress(OSError):
            aside.write_text(json.dumps(written), "utf-8")
            aside.replace(self._report)


def _spoken(holder: OtherProcess) -> str:
    """An equals sign would end what a system alert is about."""
    state = ", stopped" if holder.is_stopped else ", in a debugger" if holder.is_traced else ""
    return f"{holder.command}{state}"

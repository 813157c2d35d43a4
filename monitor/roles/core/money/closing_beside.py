"""Closes a month in a process of its own, so that the core's decisions wait for none of it."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from credits.period.month import Month
from credits.report.close import Closed, Closing
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.roles.core.money.closing import ClosingFailed
from monitor.runtime.processes.process import ends_with_parent

MODULE = "monitor.roles.core.money.closing_process"
_SAID_EVERY_S = 10.0


class ClosesBeside:
    """Implements `ClosesMonths`. The process ends with this one, and where it is no longer waited
    for."""

    def __init__(self, url: str, data_dir: Path, clock: Clock, argv: Sequence[str] = ()) -> None:
        self._url = url
        self._data_dir = data_dir
        self._clock = clock
        self._argv = argv or (sys.executable, "-m", MODULE)
        self._said_at = clock.monotonic() - _SAID_EVERY_S
        self._log = structlog.get_logger()
        self.progress: ClosingProgress | None = None
        """None while no month is being closed, and until its contracts are counted."""

    async def close(self, month: Month, now: Second) -> Closing:
        """Raises ClosingFailed."""
        process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=PIPE, stdout=PIPE,
            start_new_session=True, preexec_fn=ends_with_parent(),
        )  # fmt: skip
        try:
            last = await self._followed(process, self._asked(month, now))
            status = await process.wait()
        finally:
            self.progress = None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if "outcome" not in last:
            raise ClosingFailed(f"{month}: {last.get('error') or f'status {status}'}")
        return Closing(outcome=Closed(last["outcome"]), detail=last["detail"], hash=last["hash"])

    def _asked(self, month: Month, now: Second) -> bytes:
        asked = {
            "url": self._url, "data_dir": str(self._data_dir), "month": str(month), "now": now,
        }  # fmt: skip
        return json.dumps(asked).encode()

    async def _followed(self, process: Process, asked: bytes) -> Mapping[str, Any]:
        """The last line that it says."""
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(asked)
            await process.stdin.drain()
        process.stdin.close()
        last: Mapping[str, Any] = {}
        async for line in process.stdout:
            last = json.loads(line)
            if "contracts" in last:
                self._say(last)
        return last

    def _say(self, progress: Mapping[str, Any]) -> None:
        self.progress = ClosingProgress(
            month=progress["month"], contracts=progress["contracts"], of=progress["of"]
        )
        now = self._clock.monotonic()
        if now - self._said_at >= _SAID_EVERY_S:
            self._said_at = now
            self._log.info("report.closing", **progress)

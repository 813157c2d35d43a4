"""Looks at the machine and the other roles every few seconds, on a thread of its own."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from monitor.api.machine import ClockStep, JournalHolder, Machine
from monitor.domain.catalogue import Operations
from monitor.domain.closing_progress import ClosingProgress, closing_progress
from monitor.domain.role_fault import CoreFault, core_faults
from monitor.domain.time.clock import Clock, read_clock
from monitor.domain.time.interval import Second
from monitor.journal.access import journal_bytes
from monitor.journal.ports import JournalError
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.ports import ProberMetrics
from monitor.results.log.result_log import open_reader
from monitor.results.stores.ports import StoreMetrics, StoreUnavailable
from monitor.roles.health import ROLES, Addresses, faults_of, served_at
from monitor.roles.settings import follower_file, journal_held_file, log_file
from monitor.roles.stopped_roles import read_held
from monitor.runtime.processes.other_process import look_at
from monitor.runtime.processes.process_stats import disk_bytes

EVERY_S = 5.0
_PATIENCE_S = 3.0
_LONGEST = 100_000
_STEPS = 5
"""So many times that the clock was set are named."""
_OTHERS = tuple(role for role in ROLES if role != "console")


class MachineWatch:
    """`seen` is None until it has looked once."""

    def __init__(
        self,
        data_dir: Path,
        operations: Callable[[], Operations],
        journal_url: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._data_dir = data_dir
        self._operations = operations
        self._journal_url = journal_url
        self._clock = clock
        self._addresses = Addresses(data_dir)
        self._log = open_reader(log_file(data_dir))
        self._follower_state = FollowerState(follower_file(data_dir))
        self._seen: Machine | None = None
        self._ill_at: Second | None = None

    def seen(self) -> Machine | None:
        return self._seen

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Takes as long as a role that hangs is waited for."""
        prober, newest, steps = self._of_log()
        free, size = self._of_disk()
        faults = faults_of(_OTHERS, self._data_dir, read_clock(self._clock), self._addresses)
        (of_core, closing), holder = self._of_core(), self._holder()
        now = self._clock.now()
        if any(faults.values()) or of_core or holder is not None:
            self._ill_at = now
        self._seen = Machine(
            at=now,
            faults=faults,
            core_faults=of_core,
            prober=prober,
            newest_row=newest,
            store=self._of_store(),
            disk_free=free,
            disk_size=size,
            journal_bytes=self._of_journal(),
            holder=holder,
            clock_steps=steps,
            closing=closing,
            ill_at=self._ill_at,
        )

    def _of_log(self) -> tuple[ProberMetrics | None, int | None, Sequence[ClockStep]]:
        if not log_file(self._data_dir).exists():
            return None, None, ()
        try:
            steps = [e for e in self._log.eras() if e.is_step][-_STEPS:]
            told = [ClockStep(at=era.began_at, by_s=era.step_s) for era in reversed(steps)]
            return self._log.metrics(), self._log.newest(), told
        except sqlite3.Error:
            return None, None, ()

    def _holder(self) -> JournalHolder | None:
        """As the core has found out, which waits for the journal."""
        held = read_held(journal_held_file(self._data_dir))
        if held is None:
            return None
        process = look_at(held.pid) if held.pid else None
        return JournalHolder(
            pid=held.pid,
            command=process.command if process else "",
            is_stopped=process is not None and process.is_stopped,
            lasted_s=int(held.lasted_s),
        )

    def _of_store(self) -> StoreMetrics | None:
        try:
            return self._follower_state.metrics()
        except StoreUnavailable:
            return None

    def _of_disk(self) -> tuple[int | None, int | None]:
        try:
            return disk_bytes(self._data_dir)
        except OSError:
            return None, None

    def _of_journal(self) -> int | None:
        try:
            return journal_bytes(self._journal_url())
        except (JournalError, OSError):
            return None

    def _of_core(self) -> tuple[Sequence[CoreFault] | None, ClosingProgress | None]:
        """As the core itself says at /readyz, with the month that it closes; None where it does not
        answer."""
        operations = self._operations()
        url = f"{served_at(operations.ops_host, operations.ops_port)}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310 - ours
                body = answer.read(_LONGEST)
        except urllib.error.HTTPError as error:
            with error:
                body = error.read(_LONGEST)
        except OSError:
            return None, None
        with suppress(ValueError, TypeError, KeyError):
            answer = json.loads(body)
            return core_faults(answer), closing_progress(answer)
        return None, None

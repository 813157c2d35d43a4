"""The log's writer thread: group commits away from the loop, and a bounded wait for a full disk.

An fsync in the loop would be a latency that a check did not have. What is offered is not
acknowledged until it is committed; what does not fit while the disk is full is a gap.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from monitor.domain.interval import Second
from monitor.domain.observation import Result
from monitor.ports.results import Figures, FoldKey, LogFull, ResultLog

COMMIT_EVERY = 0.2
_BATCH = 1_000
_CAPACITY = 50_000
_RETRY = 1.0
_PRUNE_EVERY = 600.0

Acknowledge = Callable[[Sequence[Result]], None]


class LogWriter:
    """Start it, offer to it from the loop, stop it: `stop` writes what is left."""

    def __init__(
        self,
        log: ResultLog,
        *,
        keep_from: Callable[[], Second],
        acknowledge: Acknowledge | None = None,
    ) -> None:
        self._log = log
        self._keep_from = keep_from
        self._acknowledge = acknowledge
        self._waiting: deque[tuple[Result, bytes | None]] = deque()
        self._figures: Figures | None = None
        self._remembered = set(log.memories())
        self._wake = threading.Event()
        self._stopping = False
        self._is_full = False
        self._since_prune = 0.0
        self.lost = 0
        self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
        self._events = structlog.get_logger()

    def start(self) -> None:
        self._thread.start()

    def offer(self, result: Result, memory: bytes | None) -> None:
        """Never blocks; past the capacity it is dropped, unacknowledged, and counted."""
        if len(self._waiting) >= _CAPACITY:
            self.lost += 1
            return
        self._waiting.append((result, memory))

    def note(self, figures: Figures) -> None:
        self._figures = figures

    @property
    def unwritten(self) -> int:
        return len(self._waiting)

    def stop(self) -> None:
        """Write what is left, once, and end the thread."""
        self._stopping = True
        self._wake.set()
        self._thread.join(10)

    def _work(self) -> None:
        while not self._stopping:
            self._wake.wait(_RETRY if self._is_full else COMMIT_EVERY)
            self._write_all()
            self._prune()
        self._write_all()

    def _write_all(self) -> None:
        try:
            while self._waiting:
                self._write_some()
            self._write_figures()
        except LogFull as error:
            if not self._is_full:
                # Nothing needs to be written for this to be said.
                self._events.error("log.full", error=str(error), waiting=len(self._waiting))
            self._is_full = True
            return
        if self._is_full:
            self._events.info("log.writable", lost=self.lost)
        self._is_full = False

    def _write_some(self) -> None:
        batch = [self._waiting[i] for i in range(min(_BATCH, len(self._waiting)))]
        results = [result for result, _ in batch]
        memories = self._memories(batch)
        self._log.append(results, memories)
        self._remembered.update(key for key, memory in memories.items() if memory is not None)
        for _ in batch:
            self._waiting.popleft()
        if self._acknowledge is not None:
            self._acknowledge(results)

    def _memories(
        self, batch: Sequence[tuple[Result, bytes | None]]
    ) -> Mapping[FoldKey, bytes | None]:
        """The last memory of each check that has, or had, one: most have none, at no cost."""
        last = {(r.check, r.location): memory for r, memory in batch}
        return {k: m for k, m in last.items() if m is not None or k in self._remembered}

    def _write_figures(self) -> None:
        figures, self._figures = self._figures, None
        if figures is not None:
            self._log.note(figures)

    def _prune(self) -> None:
        self._since_prune += COMMIT_EVERY
        if self._since_prune < _PRUNE_EVERY:
            return
        try:
            if self._log.prune(self._keep_from()) == 0:
                self._since_prune = 0.0
        except LogFull:
            self._since_prune = 0.0


def acknowledge_to(fd: int) -> Acknowledge:
    """Write `check slot` lines to a descriptor after each commit: the ledger of a test's parent."""

    def acknowledge(results: Sequence[Result]) -> None:
        lines = "".join(f"{r.check} {r.slot}\n" for r in results)
        os.write(fd, lines.encode())

    return acknowledge

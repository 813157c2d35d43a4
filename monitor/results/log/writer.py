"""The log's writer thread: group commits away from the loop, and a bounded wait for a full disk.

An fsync in the loop would be a latency that a check did not have. A result that is offered is not
acknowledged until it is committed; one that does not fit while the disk is full is a gap.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from monitor.domain.checks.observation import Result
from monitor.domain.time.eras import Era
from monitor.results.log.ports import (
    ClockAnchor,
    FoldKey,
    LogBegunAnew,
    LogFull,
    ProberMetrics,
    ResultLog,
)

GATHER_S = 0.2
"""How long the first of a group waits for others; with the commit itself, under 250 ms."""
BATCH = 1_000
CAPACITY = 20_000
RETRY_S = 1.0
PRUNE_EVERY_S = 600.0
_PRUNE_PAUSE_S = 0.05
_STOP_S = 10.0
_ANEW_AT_ONCE = 3

Acknowledge = Callable[[Sequence[Result]], None]
_log = logging.getLogger(__name__)


_Offered = tuple[Result, bytes | None]


class LogWriter:
    """Start it, offer results to it from the loop, stop it: `stop` writes what is left.

    `keep_days` returns how many days of logging are kept. `on_failure` is called, on the writer's
    thread, with an error that is no full disk: nothing will be written any more then.
    """

    def __init__(
        self,
        log: ResultLog,
        *,
        keep_days: Callable[[], int],
        acknowledge: Acknowledge | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        self._log = log
        self._keep_days = keep_days
        self._acknowledge = acknowledge
        self._on_failure = on_failure
        self._capacity = capacity
        self._guard = threading.Lock()
        self._waiting: deque[_Offered] = deque()
        self._taken: list[_Offered] = []
        """The batch that is being written, or that found the disk full and is offered again."""
        self._eras: deque[tuple[int, Era]] = deque()
        """Eras of the clock that begin, each with the number of results offered before it."""
        self._offered = self._done = 0
        self._metrics: tuple[ProberMetrics, ClockAnchor | None] | None = None
        self._with_state = set(log.probe_states())
        self._tasks: deque[Callable[[], None]] = deque()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._prune_at = monotonic() + PRUNE_EVERY_S
        self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
        self.is_full = False
        self.lost = 0

    def start(self) -> None:
        self._thread.start()

    def offer(self, result: Result, state: bytes | None) -> None:
        """Never blocks. Past the capacity the oldest result is dropped, unacknowledged, and
        counted: the newest ones decide soonest once the disk has room."""
        with self._guard:
            if len(self._waiting) >= self._capacity:
                self._drop_oldest()
            self._waiting.append((result, state))
            self._offered += 1
        if not self._wake.is_set():
            self._wake.set()

    def _drop_oldest(self) -> None:
        """Eras behind it move up by one."""
        self._waiting.popleft()
        self.lost += 1
        self._offered -= 1
        place = self._done + len(self._taken)
        self._eras = deque((at - (at > place), era) for at, era in self._eras)

    def begin_era(self, era: Era) -> None:
        """Written behind every result that was offered before, and before any offered later."""
        with self._guard:
            self._eras.append((self._offered, era))
        self._wake.set()

    def note(self, metrics: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        """Store these metrics with the next commit."""
        self._metrics = (metrics, anchor)
        self._wake.set()

    @property
    def unwritten(self) -> int:
        return len(self._waiting) + len(self._taken)

    def stop(self) -> None:
        """Write what is left, once, and end the thread."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(_STOP_S)

    def ask(self, task: Callable[[], None]) -> None:
        """Run this on the writer's thread, before the results that wait are written."""
        self._tasks.append(task)
        self._wake.set()

    def write(self) -> None:
        """Commit the results that wait, in groups; on a full disk they wait on. Where the log began
        anew, what it did not take goes into the new one at once."""
        for _ in range(_ANEW_AT_ONCE):
            try:
                self._write()
            except LogBegunAnew as error:
                _log.error("log.begun_anew", extra={"reason": str(error)})
            else:
                return
        self._wake.set()

    def _write(self) -> None:
        try:
            while self._tasks:
                self._tasks.popleft()()
            while self._take():
                self._commit()
                self._begin_eras()
            self._begin_eras()
            self._write_metrics()
        except LogBegunAnew:
            raise
        except LogFull as error:
            self._report_full(error)
            return
        if self.is_full:
            self.is_full = False
            _log.warning("log.writable", extra={"lost": self.lost})

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.wait(max(0.0, self._prune_at - monotonic()))
                self._stopping.wait(RETRY_S if self.is_full else GATHER_S)
                self._wake.clear()
                self.write()
                self._prune_when_due()
                if self.is_full:
                    self._wake.set()
            self.write()
        except Exception as error:  # only the callback reports it to other threads
            _log.exception("log.failed")
            if self._on_failure is None:
                raise
            self._on_failure(error)

    def _take(self) -> bool:
        """Whether there is a batch to write: the one that failed, else the next. A batch ends
        where an era ends."""
        self._begin_eras()
        with self._guard:
            room = BATCH
            if self._eras:
                room = min(BATCH, self._eras[0][0] - self._done)
            while self._waiting and len(self._taken) < room:
                self._taken.append(self._waiting.popleft())
        return bool(self._taken)

    def _begin_eras(self) -> None:
        while self._eras and self._eras[0][0] <= self._done:
            self._log.begin_era(self._eras[0][1])
            self._eras.popleft()

    def _commit(self) -> None:
        results = [result for result, _ in self._taken]
        probe_states = self._probe_states()
        self._log.append(results, probe_states)
        self._done += len(self._taken)
        self._taken = []
        for key, state in probe_states.items():
            (self._with_state.discard if state is None else self._with_state.add)(key)
        if self._acknowledge is not None:
            self._acknowledge(results)

    def _probe_states(self) -> Mapping[FoldKey, bytes | None]:
        """The last state of each check that has, or had, one: most have none, at no cost."""
        last = {(result.check, result.location): state for result, state in self._taken}
        return {k: m for k, m in last.items() if m is not None or k in self._with_state}

    def _write_metrics(self) -> None:
        newest, self._metrics = self._metrics, None
        if newest is not None:
            self._log.note(*newest)

    def _report_full(self, error: LogFull) -> None:
        """Reported on stderr, which needs no room on the disk."""
        if not self.is_full:
            _log.error("log.full", extra={"error": str(error), "unwritten": self.unwritten})
        self.is_full = True

    def _prune_when_due(self) -> None:
        """One small step at a time, results first; then quiet until the next time."""
        if monotonic() < self._prune_at:
            return
        self._prune_at = monotonic() + PRUNE_EVERY_S
        try:
            if self._log.prune(self._keep_days()):
                self._prune_at = monotonic() + _PRUNE_PAUSE_S
        except LogBegunAnew as error:
            _log.error("log.begun_anew", extra={"reason": str(error)})
        except LogFull as error:
            self._report_full(error)

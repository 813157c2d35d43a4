"""The log's writer thread: group commits away from the loop, and a bounded wait for a full disk.

An fsync in the loop would be a latency that a check did not have. What is offered is not
acknowledged until it is committed; what does not fit while the disk is full is a gap.
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
    """Start it, offer to it from the loop, stop it: `stop` writes what is left.

    `keep_days` tells how many days of logging are kept. `on_failure` is told, on the writer's
    thread, of an error that is no full disk: nothing will be written any more then.
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
        """Eras of the clock that begin, each behind so many results that were offered before."""
        self._offered = self._done = 0
        self._figures: tuple[ProberMetrics, ClockAnchor | None] | None = None
        self._remembered = set(log.probe_states())
        self._asked: deque[Callable[[], None]] = deque()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._prune_at = monotonic() + PRUNE_EVERY_S
        self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
        self.is_full = False
        self.lost = 0

    def start(self) -> None:
        self._thread.start()

    def offer(self, result: Result, memory: bytes | None) -> None:
        """Never blocks. Past the capacity the oldest is dropped, unacknowledged, and counted: what
        is newest decides soonest once the disk has room."""
        with self._guard:
            if len(self._waiting) >= self._capacity:
                self._drop_oldest()
            self._waiting.append((result, memory))
            self._offered += 1
        if not self._wake.is_set():
            self._wake.set()

    def _drop_oldest(self) -> None:
        """Whoever stands behind it moves up by one."""
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

    def note(self, figures: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        """Keep these figures with the next commit."""
        self._figures = (figures, anchor)
        self._wake.set()

    @property
    def unwritten(self) -> int:
        return len(self._waiting) + len(self._taken)

    def stop(self) -> None:
        """Write what is left, once, and end the thread."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(_STOP_S)

    def ask(self, work: Callable[[], None]) -> None:
        """Have this done on the writer's thread, before what waits is written."""
        self._asked.append(work)
        self._wake.set()

    def write(self) -> None:
        """Commit all that waits, in groups; after a full disk it waits on. Where the log began
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
            while self._asked:
                self._asked.popleft()()
            while self._take():
                self._commit()
                self._begin_eras()
            self._begin_eras()
            self._write_figures()
        except LogBegunAnew:
            raise
        except LogFull as error:
            self._say_full(error)
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
        except Exception as error:  # the thread's only word to the others
            _log.exception("log.failed")
            if self._on_failure is None:
                raise
            self._on_failure(error)

    def _take(self) -> bool:
        """Whether there is a batch to write: the one that failed, else the next. A batch ends
        where an era does."""
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
        for key, memory in probe_states.items():
            (self._remembered.discard if memory is None else self._remembered.add)(key)
        if self._acknowledge is not None:
            self._acknowledge(results)

    def _probe_states(self) -> Mapping[FoldKey, bytes | None]:
        """The last memory of each check that has, or had, one: most have none, at no cost."""
        last = {(result.check, result.location): memory for result, memory in self._taken}
        return {k: m for k, m in last.items() if m is not None or k in self._remembered}

    def _write_figures(self) -> None:
        kept, self._figures = self._figures, None
        if kept is not None:
            self._log.note(*kept)

    def _say_full(self, error: LogFull) -> None:
        """Said on stderr, which needs no room on the disk."""
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
            self._say_full(error)

"""How long components took to answer, by local day: counted beside the fold, for the public page.

Only runs that succeeded count: one that failed took as long as its timeout says, and one of a
monitor that stood still, or was offline, tells nothing of the service. The place in the log to
which the journal has counted is a cursor of its own, stored with the figures: every ten minutes is
often enough for what is shown once a day is over. After a kill that much is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Affects, Check
from monitor.domain.checks.observation import CheckId, ComponentId, LoggedResult, Outcome, Result
from monitor.domain.checks.symptoms import ServiceKind, service_of
from monitor.domain.time.calendar import at_zone, local_day
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import JournalTransaction, LatencyKey
from monitor.results.log.ports import ResultReader
from monitor.results.rollups.latency import in_us
from monitor.results.rollups.sketch import Sketch

SAVE_EVERY = 600
SAVE_FROM = 50_000
"""So many runs are not held in memory any longer, however soon they came."""
_BATCH = 5_000
_WORKED = frozenset((Outcome.UP, Outcome.DEGRADED))
_NO_DAY = Interval(Second(0), Second(0))

Ran = tuple[Result, Check]
"""A result, and its check as the revision had it that it ran under."""


class LatencyDays:
    """Runs that were read from the log and are not stored yet.

    `stored_at` is when all that the log had was stored last: days that ended before it are whole,
    but for results that come late.
    """

    def __init__(self, zone: Callable[[], ZoneInfo]) -> None:
        self._zone = zone
        self._day = _NO_DAY
        self._durations: dict[tuple[CheckId, int, Second], list[float]] = {}
        """In milliseconds, by check, revision and day."""
        self._places: dict[tuple[CheckId, int], tuple[ComponentId, ServiceKind] | None] = {}
        self._held = 0
        self._saved_at: Second | None = None
        self.stored_at: Second | None = None

    def take(self, rows: Iterable[Ran]) -> None:
        """Count these; called with each tick, for each row of the log once."""
        for result, check in rows:
            if result.outcome not in _WORKED or not result.phases_ms:
                continue
            slot = result.slot
            if not self._day.start <= slot < self._day.end:
                self._day = local_day(at_zone(slot, zone := self._zone()).date(), zone)
            key = (check.id, result.revision, self._day.start)
            durations = self._durations.get(key)
            if durations is None:
                durations = self._begun(key, check)
            durations.append(sum(result.phases_ms.values()))
            self._held += 1

    def _begun(self, key: tuple[CheckId, int, Second], check: Check) -> list[float]:
        self._places[check.id, key[1]] = (
            None
            if check.affects is Affects.NOTHING
            else (check.component, service_of([check.spec]))
        )
        return self._durations.setdefault(key, [])

    def catch_up(
        self,
        tx: JournalTransaction,
        log: ResultReader,
        until: int,
        check_of: Callable[[CheckId, int], Check | None],
    ) -> None:
        """Count what was read before a restart and not stored. A journal that never counted begins
        at `until`: a log of weeks would be read before anything is decided."""
        cursor = tx.latencies.cursor()
        while 0 < cursor < until:
            rows = [row for row in log.read(cursor, _BATCH) if row.seq <= until]
            self.take(_ran(rows, check_of))
            if not rows:
                return
            cursor = rows[-1].seq

    def is_due(self, now: Second) -> bool:
        """At the first run, so that the journal knows from where to count; then in turn."""
        if self._saved_at is None:
            return self._held > 0
        return self._held >= SAVE_FROM or not 0 <= now - self._saved_at < SAVE_EVERY

    def save(self, tx: JournalTransaction, cursor: int) -> None:
        """Add what is held to the journal, counted up to this row of the log."""
        tx.latencies.add(self._sketches(), cursor)

    def saved(self, now: Second, *, is_all: bool) -> None:
        """What was given to a transaction is committed. `is_all`: the log had no more."""
        self._durations.clear()
        self._places.clear()
        self._held, self._saved_at = 0, now
        self.stored_at = now if is_all else self.stored_at

    def _sketches(self) -> Mapping[LatencyKey, Sketch]:
        gathered: dict[LatencyKey, list[float]] = {}
        for (check, revision, day), durations in self._durations.items():
            place = self._places[check, revision]
            if place is not None:
                gathered.setdefault(LatencyKey(*place, day), []).extend(durations)
        found = {key: Sketch.of(_in_us(taken_ms)) for key, taken_ms in gathered.items()}
        return {key: sketch for key, sketch in found.items() if sketch.runs}


def _in_us(taken_ms: Iterable[float]) -> Iterator[int]:
    return (us for us in map(in_us, taken_ms) if us is not None)


def _ran(
    rows: Sequence[LoggedResult], check_of: Callable[[CheckId, int], Check | None]
) -> Iterator[Ran]:
    for row in rows:
        check = None if row.is_absurd else check_of(row.result.check, row.result.revision)
        if check is not None:
            yield row.result, check

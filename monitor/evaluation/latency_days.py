"""How long components took to answer, by local day: counted beside the fold, for the public page.

Only runs that succeeded count: one that failed took as long as its timeout says, and one of a
monitor that stood still, or was offline, tells nothing of the service. The places in the log to
which the journal has counted are cursors of their own, stored with the figures: every ten minutes
is often enough for what is shown once a day is over. After a kill that much is read again.

Figures of ten thousand components take most of a second to add. So they are added in rounds: with
each tick those of a few parts of the components, until all parts have had their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Affects, Check
from monitor.domain.checks.observation import CheckId, ComponentId, LoggedResult, Outcome, Result
from monitor.domain.checks.symptoms import ServiceKind, service_of
from monitor.domain.time.calendar import at_zone, local_day, local_month
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import LATENCY_PARTS, JournalTransaction, LatencyKey, latency_part
from monitor.results.log.ports import ResultReader
from monitor.results.rollups.latency import in_us
from monitor.results.rollups.sketch import Sketch

SAVE_EVERY = 600
SAVE_FROM = 50_000
"""So many runs are not held in memory any longer, however soon they came."""
ADDED_A_TICK = 250
"""Checks' days: so many at least, if there are so many. It takes 40 ms."""
DAYS_APART = 100
"""Days that live pages may show lie apart, where runs that come late are added to them. The days of
a month that was over so long ago are packed."""
PACKED_AT_ONCE = 200
"""Components. It takes 40 ms."""
_BATCH = 5_000
_WORKED = frozenset((Outcome.UP, Outcome.DEGRADED))
_NO_DAY = Interval(Second(0), Second(0))

Ran = tuple[Result, Check]
"""A result, and its check as the revision had it that it ran under."""
_Place = tuple[ComponentId, ServiceKind]
_RunsKey = tuple[CheckId, int, Second]
"""Check, revision and day."""


class LatencyDays:
    """Runs that were read from the log and are not stored yet.

    `stored_at` is when all that the log had was stored last: days that ended before it are whole,
    but for results that come late.
    """

    def __init__(self, zone: Callable[[], ZoneInfo]) -> None:
        self._zone = zone
        self._day = _NO_DAY
        self._durations: dict[_RunsKey, list[float]] = {}
        """In milliseconds."""
        self._parts: list[dict[_RunsKey, _Place | None]] = [{} for _ in range(LATENCY_PARTS)]
        """What each part has of them. A check that affects nothing has no place."""
        self._held = 0
        self._is_begun = False
        """Whether each part has a cursor."""
        self._round: tuple[Second, bool] | None = None
        """When the one that is under way began, and whether the log had no more by then."""
        self._waiting: list[int] = []
        """Parts that have not had their turn in it."""
        self._adding: list[int] = []
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

    def _begun(self, key: _RunsKey, check: Check) -> list[float]:
        self._parts[latency_part(check.component)][key] = (
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
        cursors = tx.latencies.cursors()
        self._is_begun = all(cursors)
        cursor = min(cursors)
        while 0 < cursor < until:
            rows = [row for row in log.read(cursor, _BATCH) if row.seq <= until]
            self.take(_ran(rows, check_of, cursors))
            if not rows:
                return
            cursor = rows[-1].seq

    def is_due(self, now: Second) -> bool:
        """At the first run, so that the journal knows from where to count; then in turn, and as
        long as parts wait for theirs."""
        if self._waiting:
            return True
        if self._saved_at is None:
            return self._held > 0
        return self._held >= SAVE_FROM or not 0 <= now - self._saved_at < SAVE_EVERY

    def save(self, tx: JournalTransaction, cursor: int) -> None:
        """Add what is held of some parts to the journal, counted up to this row of the log."""
        self._adding = self._next_parts()
        held = [key_place for part in self._adding for key_place in self._parts[part].items()]
        tx.latencies.add(self._sketches(held), dict.fromkeys(self._adding, cursor))

    def _next_parts(self) -> list[int]:
        """All at once where none has a cursor: what a kill leaves is then in all of them or in
        none."""
        waiting, parts, figures = self._waiting or range(LATENCY_PARTS), list[int](), 0
        for part in waiting:
            parts.append(part)
            figures += len(self._parts[part])
            if figures >= ADDED_A_TICK and self._is_begun:
                break
        return parts

    def saved(self, now: Second, *, is_all: bool) -> None:
        """What was given to a transaction is committed. `is_all`: the log had no more."""
        if not self._waiting:
            self._round, self._waiting = (now, is_all), list(range(LATENCY_PARTS))
        for part in self._adding:
            for key in self._parts[part]:
                self._held -= len(self._durations.pop(key))
            self._parts[part].clear()
        self._is_begun, self._waiting = True, self._waiting[len(self._adding) :]
        if self._round is not None and not self._waiting:
            self._saved_at, was_all = self._round
            self.stored_at = self._saved_at if was_all else self.stored_at

    def _sketches(
        self, held: Iterable[tuple[_RunsKey, _Place | None]]
    ) -> Mapping[LatencyKey, Sketch]:
        gathered: dict[LatencyKey, list[float]] = {}
        for key, place in held:
            if place is not None:
                durations = gathered.setdefault(LatencyKey(*place, key[2]), [])
                durations.extend(self._durations[key])
        found = {key: Sketch.of(_in_us(taken_ms)) for key, taken_ms in gathered.items()}
        return {key: sketch for key, sketch in found.items() if sketch.runs}


def pack_old_days(tx: JournalTransaction, keep_from: Second, zone: ZoneInfo) -> None:
    """Some of the oldest month, if it was over before that second: called again and again, it
    packs them all."""
    oldest = tx.latencies.oldest()
    if oldest is None:
        return
    day = at_zone(oldest, zone)
    month = local_month(day.year, day.month, zone)
    if month.end <= keep_from:
        tx.latencies.pack(month, PACKED_AT_ONCE)


def _in_us(taken_ms: Iterable[float]) -> Iterator[int]:
    return (us for us in map(in_us, taken_ms) if us is not None)


def _ran(
    rows: Sequence[LoggedResult],
    check_of: Callable[[CheckId, int], Check | None],
    cursors: Sequence[int],
) -> Iterator[Ran]:
    """Those that were not counted for their part yet."""
    for row in rows:
        check = None if row.is_absurd else check_of(row.result.check, row.result.revision)
        if check is not None and row.seq > cursors[latency_part(check.component)]:
            yield row.result, check

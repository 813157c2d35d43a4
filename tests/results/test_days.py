"""Retention goes by when a row was logged; what was dropped, and which rows hold a day, is kept."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.time.interval import Second
from monitor.results.log.days import AHEAD, DAY, INDEX_STEP
from monitor.results.log.ports import LogFull
from monitor.results.log.result_log import (
    PRUNE_STEP,
    SqliteResultLog,
    begins_after,
    open_log,
    open_reader,
)
from monitor.results.log.retention import LoggingClock
from tests.results.samples import T0, a_result, some_results
from tests.support.clock import FakeClock

YEARS = 3 * 365 * DAY
KEEP = 35
LATE = Second(T0 + 5 * YEARS)


class Kept:
    """A log with its clock, by which a day goes by between what is written."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        self.path, self.clock = path, clock
        self.log = open_log(path, after=begins_after(clock.now()), clock=clock)
        self.reader = open_reader(path)

    def day(self, *stamps: int) -> None:
        """One look now, one for each of these seconds from now, and a day goes by."""
        now = self.clock.now()
        self.log.append([a_result(now - T0 + stamp) for stamp in (0, *stamps)], {})
        self.clock.advance(DAY)

    def prune(self) -> int:
        return sum(iter(lambda: self.log.prune(KEEP), 0))

    def slots(self) -> list[int]:
        return [int(row.result.slot) for row in self.reader.read(0, 1_000_000)]

    def reopened(self) -> None:
        self.log.close()
        self.log = open_log(self.path, clock=self.clock)

    def complete_from(self) -> Second | None:
        return self.reader.complete_from(self.clock.now())


@contextmanager
def a_log(path: Path, clock: FakeClock | None = None) -> Iterator[Kept]:
    kept = Kept(path, clock or FakeClock(T0))
    with closing(kept.reader):
        yield kept
    kept.log.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with a_log(tmp_path / "results.db") as made:
        yield made


def test_it_drops_what_was_logged_too_long_ago_in_small_steps(kept: Kept) -> None:
    kept.log.append(some_results(0, 2 * PRUNE_STEP + 10), {})
    kept.clock.advance((KEEP + 1) * DAY)
    kept.log.append(some_results((KEEP + 1) * DAY, 3), {})
    assert [kept.log.prune(KEEP) for _ in range(4)] == [PRUNE_STEP, PRUNE_STEP, 10, 0]
    assert kept.slots() == [T0 + (KEEP + 1) * DAY + n for n in range(3)]


def test_it_keeps_what_is_younger_and_the_newest_row_in_any_case(kept: Kept) -> None:
    kept.log.append(some_results(0, 3), {})
    kept.clock.advance(KEEP * DAY)
    assert kept.prune() == 0
    kept.clock.advance(2 * DAY)
    assert kept.prune() == 2
    assert kept.slots() == [T0 + 2]


def test_rows_stamped_years_ahead_stop_no_pruning(kept: Kept) -> None:
    """A thousand of them did: nothing behind them was ever dropped again."""
    kept.day(*[YEARS + n for n in range(PRUNE_STEP + 5)])
    for _ in range(KEEP + 5):
        kept.day()
    kept.prune()
    assert len(kept.slots()) == KEEP


def test_a_row_stamped_long_ago_is_kept_as_long_as_its_neighbours(kept: Kept) -> None:
    kept.day(-40 * DAY)
    kept.prune()
    assert kept.slots() == [T0, T0 - 40 * DAY]


def test_it_marks_the_days_that_lost_rows(kept: Kept) -> None:
    kept.day()
    assert kept.complete_from() == T0
    for _ in range(KEEP):
        kept.day()
    kept.prune()
    assert kept.complete_from() == T0 + DAY


def test_what_was_stamped_ahead_and_dropped_marks_no_day(kept: Kept) -> None:
    kept.day(YEARS)
    for _ in range(KEEP):
        kept.day()
    kept.prune()
    assert kept.complete_from() == T0 + DAY
    assert kept.reader.complete_from(LATE) == T0 + DAY


def test_a_log_that_takes_another_s_place_is_complete_from_its_birth(kept: Kept) -> None:
    kept.day()
    kept.log.close()
    for file in kept.path.parent.glob("results.db*"):
        file.unlink()
    with a_log(kept.path, kept.clock) as second:
        assert second.complete_from() is None
        second.day()
        assert second.complete_from() == T0 + DAY


def test_a_clock_that_was_years_ahead_for_an_hour_neither_drops_nor_keeps_for_ever(
    kept: Kept,
) -> None:
    for _ in range(20):
        kept.day()
    kept.clock.step(YEARS)
    kept.day()
    assert kept.prune() == 0
    kept.reopened()
    kept.clock.step(-YEARS)
    kept.day()
    for _ in range(KEEP):
        kept.day()
        kept.prune()
    assert len(kept.slots()) == KEEP


@pytest.mark.parametrize("step", [YEARS, -YEARS, 40 * DAY, -40 * DAY, 3_600, -3_600])
@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_step_of_the_clock_makes_no_row_a_day_older(
    kept: Kept, step: int, is_restarted: bool
) -> None:
    for _ in range(KEEP - 1):
        kept.day()
    kept.clock.step(step)
    if is_restarted:
        kept.reopened()
    kept.log.append([a_result()], {})
    assert kept.prune() == 0
    kept.clock.advance(2 * DAY)
    kept.log.append([a_result()], {})
    assert kept.prune() <= 2


def test_time_in_which_nobody_logged_ages_rows_by_a_day_at_most(kept: Kept) -> None:
    kept.day()
    kept.clock.advance(100 * DAY)
    kept.reopened()
    kept.day()
    assert kept.prune() == 0


def test_the_logging_clock_follows_nothing_that_can_be_set() -> None:
    clock = FakeClock(T0)
    logging = LoggingClock(clock, (1_000, T0 - 600))
    assert logging.now() == 1_600
    clock.step(-YEARS)
    clock.advance(10)
    assert logging.reading() == (1_610, T0 - YEARS + 10)
    assert LoggingClock(clock, (1_610, T0)).now() == 1_610
    assert LoggingClock(clock, (1_610, T0 - 2 * YEARS)).now() == 1_610 + DAY


STAMPS = st.one_of(
    st.just(0),
    st.integers(-90 * DAY, 0),
    st.sampled_from([YEARS, -YEARS, 3_600, -3_600]),
)


@given(days=st.lists(st.lists(STAMPS, max_size=4), min_size=1, max_size=60), data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_rows_are_stamped_the_newest_days_of_logging_stay_without_holes(
    days: Sequence[Sequence[int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, a_log(Path(folder) / "results.db") as kept:
        logged: list[list[int]] = []
        for n, stamps in enumerate(days):
            now = kept.clock.now()
            logged.append([now, *(now + stamp for stamp in stamps)])
            kept.day(*stamps)
            if data.draw(st.integers(0, 9)) == 0:
                kept.reopened()
            kept.prune()
            newest = [slot for day in logged[-KEEP:] for slot in day]
            left, seqs = kept.slots(), [row.seq for row in kept.reader.read(0, 1_000_000)]
            assert left[-len(newest) :] == newest
            assert len(left) <= sum(map(len, logged[-KEEP - 1 :]))
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
            dropped = [s for day in logged[: n + 1] for s in day][: -len(left)]
            for slot in dropped:
                whole = kept.reader.complete_from(Second(slot))
                assert whole is not None
                assert whole > slot
            everything = {row.seq: row.result.slot for row in kept.reader.read(0, 1_000_000)}
            for since in (min(left), now - 3 * DAY, now):
                ranges = kept.reader.ranges(Second(since))
                inside = {s for a, b in ranges for s in range(a, min(b, seqs[-1]) + 1)}
                assert inside >= {s for s, slot in everything.items() if slot >= since}


def test_it_reads_a_day_s_rows_and_few_others(kept: Kept) -> None:
    for _ in range(5):
        kept.log.append(some_results(kept.clock.now() - T0, AHEAD), {})
        kept.clock.advance(DAY)
    (first, last), *more = kept.reader.ranges(Second(T0 + 3 * DAY))
    begin = begins_after(T0)
    assert (first, more) == (begin + 3 * AHEAD + 1, [])
    assert last >= begin + 5 * AHEAD


def test_it_writes_a_day_once_in_ten_thousand_rows(kept: Kept) -> None:
    written: list[str] = []
    kept.log._open().set_trace_callback(written.append)
    for first in range(0, 2_000, 20):
        kept.log.append(some_results(first, 20), {})
    beside = [line for line in written if "INTO day" in line or "INTO log" in line]
    assert len(beside) == 3


def test_a_log_that_was_born_at_midnight_has_lost_nothing(kept: Kept) -> None:
    """It marks the first second of a day, as a day does that lost rows: a clock that went back was
    not believed for days."""
    assert T0 % DAY == 0
    kept.day()
    kept.day()
    kept.prune()
    days = kept.log._index(kept.log._open())
    assert (days.lost_until(), kept.complete_from()) == (0, T0)


def test_a_day_that_lost_rows_is_told_though_the_log_was_born_at_its_end(kept: Kept) -> None:
    kept.log.append([a_result(-DAY // 2)], {})
    kept.clock.advance(DAY)
    for _ in range(KEEP):
        kept.day()
    assert (kept.prune(), kept.log.lost_until()) == (1, T0)


def test_a_log_that_is_opened_anew_knows_what_it_dropped(kept: Kept) -> None:
    """A clock that was behind at a start was believed until the first pruning."""
    for _ in range(KEEP + 1):
        kept.day()
    kept.prune()
    assert kept.log.lost_until() == T0 + DAY
    kept.reopened()
    assert kept.log.lost_until() == T0 + DAY


def test_what_a_full_disk_refused_covers_no_row_of_the_next_try(kept: Kept) -> None:
    kept.log._open().execute("PRAGMA max_page_count = 16")
    with pytest.raises(LogFull):
        kept.log.append(some_results(0, 5_000), {})
    kept.log._open().execute("PRAGMA max_page_count = 4000")
    kept.log.append(some_results(0, 5), {})
    assert kept.reader.ranges(T0) == [(begins_after(T0) + 1, begins_after(T0) + 5 + AHEAD)]
    assert kept.complete_from() == T0


V1 = """
CREATE TABLE result (seq INTEGER PRIMARY KEY, location TEXT NOT NULL, check_id TEXT NOT NULL,
    slot INTEGER NOT NULL, revision INTEGER NOT NULL, outcome TEXT NOT NULL, failure TEXT,
    message TEXT NOT NULL, phases TEXT, evidence TEXT);
CREATE TABLE memory (location TEXT NOT NULL, check_id TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (location, check_id)) WITHOUT ROWID;
CREATE TABLE figures (id INTEGER PRIMARY KEY CHECK (id = 1), figures TEXT NOT NULL);
PRAGMA user_version = 1;
"""


def old_log(path: Path, first_seq: int, slots: Sequence[int]) -> None:
    """As the version before this one left it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(V1)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO result VALUES (?, 'local', 'web', ?, 1, 'up', NULL, '', NULL, NULL)",
            list(enumerate(slots, first_seq)),
        )
        connection.execute("COMMIT")


def indexed(log: SqliteResultLog) -> int:
    """How many steps the old rows took."""
    return sum(1 for _ in iter(lambda: log.prune(KEEP), 0))


def test_a_reader_takes_a_log_of_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    old_log(path, 7, [T0, T0 + 60])
    reader = open_reader(path)
    assert [row.seq for row in reader.read(0, 10)] == [7, 8]
    assert reader.ranges(T0) == [(7, 8)]
    assert reader.complete_from(T0) is None


def test_a_log_of_the_version_before_gets_its_days_a_step_at_a_time(tmp_path: Path) -> None:
    path, clock = tmp_path / "results.db", FakeClock(Second(T0 + 10 * DAY))
    slots = [T0 + n * 60 for n in range(3 * INDEX_STEP)]
    old_log(path, 500, slots)
    with closing(open_log(path, clock=clock)) as log:
        reader = open_reader(path)
        log.append([a_result(10 * DAY)], {})
        assert reader.ranges(LATE) == [(500, 499 + len(slots))]
        assert indexed(log) == 3
        assert reader.ranges(LATE) == []
        day = T0 + 9 * DAY
        (range_,) = reader.ranges(Second(day))
        assert range_[0] == 500 + next(n for n, slot in enumerate(slots) if slot >= day)
        assert reader.complete_from(Second(T0 + 9 * DAY)) == T0 + 2 * DAY


BORN: list[tuple[int, Callable[[], int]]] = [(1, lambda: 0), (begins_after(T0) + 1, lambda: T0)]


@pytest.mark.parametrize(("first_seq", "begin"), BORN)
def test_an_old_log_that_never_dropped_a_row_is_complete_from_its_birth(
    tmp_path: Path, first_seq: int, begin: Callable[[], int]
) -> None:
    path = tmp_path / "results.db"
    old_log(path, first_seq, [T0 + 5, T0 + 65])
    with closing(open_log(path, clock=FakeClock(T0))) as log:
        indexed(log)
        assert open_reader(path).complete_from(T0) == begin()


def test_old_rows_are_dropped_at_the_age_that_most_of_their_slots_tell(tmp_path: Path) -> None:
    path, clock = tmp_path / "results.db", FakeClock(Second(T0 + 30 * DAY))
    slots = [T0 + n * 120 for n in range(30 * DAY // 120)]
    slots[10:40] = [T0 + YEARS] * 30
    old_log(path, 1, slots)
    with closing(open_log(path, clock=clock)) as log:
        log.append([a_result(30 * DAY)], {})
        assert indexed(log) == -(-len(slots) // INDEX_STEP)
        clock.advance(15 * DAY)
        log.append([a_result(45 * DAY)], {})
        assert 0 < indexed(log) <= 10 * DAY // 120 // PRUNE_STEP + 1
        left = open_reader(path).read(0, 1_000_000)
        assert T0 + 3 * DAY <= left[0].result.slot <= T0 + 10 * DAY


def test_a_machine_that_comes_up_years_ahead_drops_nothing_of_an_old_log(tmp_path: Path) -> None:
    path, clock = tmp_path / "results.db", FakeClock(LATE)
    old_log(path, 1, [T0 + n * 120 for n in range(30 * DAY // 120)])
    with closing(open_log(path, clock=clock)) as log:
        indexed(log)
        assert open_reader(path).depth(0) == 30 * DAY // 120


def test_a_kill_while_an_old_log_gets_its_days_repeats_nothing(tmp_path: Path) -> None:
    path, clock = tmp_path / "results.db", FakeClock(Second(T0 + DAY))
    old_log(path, 1, [T0 + n for n in range(2 * INDEX_STEP)])
    with closing(open_log(path, clock=clock)) as log:
        assert log.prune(KEEP) == INDEX_STEP
    with closing(open_log(path, clock=clock)) as log:
        assert indexed(log) == 1

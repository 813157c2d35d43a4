"""Whatever log comes into the place, at whatever time: it goes on behind every reader's cursor, in
the era that results are stamped by, and nothing of it is lost to a kill."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Result
from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.ports import LogBegunAnew, LogFull
from monitor.results.log.result_log import SqliteResultLog, begins_after, open_log, open_reader
from monitor.results.log.set_aside import file_id
from tests.results.samples import T0, a_result, some_results
from tests.support.clock import FakeClock

AT = Second(T0 + 86_400)
DAY = 86_400
YEARS = 4 * 365 * DAY
ASIDE = "results-damaged-20261002T000000Z.db"


class Killed(BaseException):
    """The process is gone at this place."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteResultLog]:
    opened = opened_at(path, AT)
    yield opened
    opened.close()


def opened_at(path: Path, now: int) -> SqliteResultLog:
    clock = FakeClock(Second(now))
    return open_log(path, after=begins_after(clock.now()), clock=clock)


def copied(path: Path) -> Path:
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def put_in_its_place(copy: Path, path: Path) -> None:
    copy.replace(path)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def spoil_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(100))


def losses_of(path: Path) -> list[str]:
    return [loss.why for loss in open_reader(path).losses()]


def of_era(result: Result, era: int) -> Result:
    return replace(result, era=era)


def test_a_copy_that_was_put_in_its_place_is_written_behind_every_cursor(
    log: SqliteResultLog, path: Path
) -> None:
    log.append(some_results(0, 3), {})
    copy = copied(path)
    cursor = log.append(some_results(3, 3), {})
    put_in_its_place(copy, path)
    with pytest.raises(LogBegunAnew, match="was replaced by another file"):
        log.append([a_result(10)], {})
    log.append([a_result(10)], {})
    assert [row.result.slot for row in open_reader(path).read(cursor, 10)] == [T0 + 10]
    assert losses_of(path) == ["replaced"]


def test_a_copy_from_before_the_present_era_is_written_on_in_that_era(
    log: SqliteResultLog, path: Path
) -> None:
    """Each look was absurd for ever: whoever has booted since the copy was made has such an era."""
    log.append([a_result(0)], {})
    copy = copied(path)
    era = next_era([FIRST_ERA], Origin.BOOT, Second(T0 + 10), Second(T0 + 5))
    log.begin_era(era)
    cursor = log.append([of_era(a_result(20), 1)], {})
    put_in_its_place(copy, path)
    with pytest.raises(LogBegunAnew):
        log.append([of_era(a_result(30), 1)], {})
    log.append([of_era(a_result(30), 1), of_era(a_result(40), 1)], {})
    reader = open_reader(path)
    assert [row.is_absurd for row in reader.read(cursor, 10)] == [False, False]
    assert [kept.lineage for kept in reader.eras()] == [FIRST_ERA.lineage, era.lineage]


def test_a_log_of_later_eras_is_written_on_in_the_present_one(
    log: SqliteResultLog, path: Path
) -> None:
    """As where a log is put back that was away while another one ran."""
    other = opened_at(path.with_name("other.db"), AT)
    other.begin_era(next_era([FIRST_ERA], Origin.BOOT, Second(T0 + 10), Second(T0 + 5)))
    other.append([of_era(a_result(20), 1)], {})
    other.close()
    cursor = log.append([a_result(20)], {})
    put_in_its_place(path.with_name("other.db"), path)
    with pytest.raises(LogBegunAnew):
        log.append([a_result(30)], {})
    log.append([a_result(30)], {})
    reader = open_reader(path)
    assert [row.is_absurd for row in reader.read(cursor, 10)] == [False]
    assert list(reader.eras()) == [FIRST_ERA]


def test_a_damaged_copy_that_was_put_in_its_place_changes_no_era(
    log: SqliteResultLog, path: Path
) -> None:
    log.append([a_result(0)], {})
    copy = copied(path)
    log.begin_era(next_era([FIRST_ERA], Origin.BOOT, Second(T0 + 10), Second(T0 + 5)))
    cursor = log.append([of_era(a_result(20), 1)], {})
    put_in_its_place(copy, path)
    spoil_header(path)
    with pytest.raises(LogBegunAnew):
        log.append([of_era(a_result(30), 1)], {})
    log.append([of_era(a_result(30), 1)], {})
    assert [row.is_absurd for row in open_reader(path).read(cursor, 10)] == [False]


def test_a_copy_is_noticed_also_where_the_disk_failed_just_before(
    log: SqliteResultLog, path: Path
) -> None:
    log.append([a_result(0)], {})
    copy = copied(path)
    cursor = log.append([a_result(1)], {})
    log._drop_connection()
    put_in_its_place(copy, path)
    with pytest.raises(LogBegunAnew, match="was replaced"):
        log.append([a_result(2)], {})
    log.append([a_result(2)], {})
    assert [row.result.slot for row in open_reader(path).read(cursor, 10)] == [T0 + 2]


def test_a_copy_of_which_could_not_be_noted_that_it_is_one_is_noted_with_the_next_try(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([a_result(0)], {})
    copy = copied(path)
    log.begin_era(next_era([FIRST_ERA], Origin.BOOT, Second(T0 + 10), Second(T0 + 5)))
    log.append([of_era(a_result(20), 1)], {})
    put_in_its_place(copy, path)
    with monkeypatch.context() as full:
        full.setattr(log, "_commit", refuse)
        with pytest.raises(LogFull):
            log.append([of_era(a_result(30), 1)], {})
    with pytest.raises(LogBegunAnew):
        log.append([of_era(a_result(30), 1)], {})
    log.append([of_era(a_result(30), 1)], {})
    assert losses_of(path) == ["replaced"]
    assert not open_reader(path).read(0, 10)[-1].is_absurd


def refuse(connection: sqlite3.Connection) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def test_an_older_copy_that_was_put_there_while_nothing_ran_is_written_behind_every_cursor(
    log: SqliteResultLog, path: Path
) -> None:
    log.append(some_results(0, 3), {})
    copy = copied(path)
    cursor = log.append(some_results(3, 3), {})
    log.close()
    put_in_its_place(copy, path)
    for now in (AT + 60, AT + 120):
        again = opened_at(path, now)
        again.close()
    again = opened_at(path, AT + 180)
    again.append([a_result(10)], {})
    again.close()
    assert [row.result.slot for row in open_reader(path).read(cursor, 10)] == [T0 + 10]
    assert losses_of(path) == ["replaced"]


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_a_new_log_begins_behind_every_cursor_also_where_the_clock_is_years_behind(
    log: SqliteResultLog, path: Path, how: str
) -> None:
    """A machine whose clock has no battery, and whose disk lost a sector in the same power cut."""
    cursor = log.append(some_results(0, 500), {})
    log.close()
    if how == "damaged":
        spoil_header(path)
    else:
        for file in path.parent.glob("results.db*"):
            file.unlink()
    behind = opened_at(path, AT - YEARS)
    behind.append([a_result(-YEARS)], {})
    assert [row.result.slot for row in open_reader(path).read(cursor, 10)] == [T0 - YEARS]
    behind.close()


def test_a_log_begun_while_the_clock_was_behind_is_no_witness_of_the_days_it_lost(
    log: SqliteResultLog, path: Path
) -> None:
    log.append([a_result(0), a_result(DAY)], {})
    log.close()
    spoil_header(path)
    behind = opened_at(path, AT - YEARS)
    behind.append([a_result(-YEARS)], {})
    behind.close()
    assert open_reader(path).complete_from(AT) == AT


def test_an_earlier_loss_is_still_told_by_the_log_after(log: SqliteResultLog, path: Path) -> None:
    for _ in range(2):
        mine = file_id(path)
        assert mine is not None
        with pytest.raises(LogBegunAnew):
            log.set_aside(mine)
        log.append([a_result(0)], {})
    first, second = open_reader(path).losses()
    assert first.behind < second.behind
    assert (first.set_aside, second.set_aside) == (ASIDE, ASIDE.replace("Z", "Z-2"))
    assert all((path.parent / loss.set_aside).exists() for loss in (first, second))


@pytest.mark.parametrize("died_at", range(1, 5))
def test_a_kill_at_any_step_of_setting_aside_loses_no_row_and_uses_no_number_again(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    """The rows that the damaged log had not taken into itself yet went with the step before."""
    log.append(some_results(0, 500), {})
    reader = open_reader(path)
    reader.read(0, 1)
    cursor = log.append(some_results(500, 100), {})
    assert path.with_name("results.db-wal").stat().st_size
    with monkeypatch.context() as kill:
        kill.setattr(Path, "replace", dying_at(died_at))
        with pytest.raises(Killed):
            log.set_aside(file_id(path) or (0, 0))
    log.close()
    reader.close()
    again = opened_at(path, AT + 60)
    again.append([a_result(1_000)], {})
    again.close()
    assert [row.result.slot for row in open_reader(path).read(cursor, 10)] == [T0 + 1_000]
    kept = path.parent / ASIDE
    rows = open_reader(kept if kept.exists() else path).read(0, 1_000)
    assert [row.result.slot for row in rows][:600] == [T0 + slot for slot in range(600)]
    assert losses_of(path) == (["damaged"] if kept.exists() else [])


def dying_at(step: int) -> Callable[[Path, Path], Path]:
    """Dead just before that rename: of the new log when it is whole, of what stands beside the
    former one, of that itself, and of the new one into its place."""
    real, steps = Path.replace, count(1)

    def rename(self: Path, target: Path) -> Path:
        if next(steps) == step:
            raise Killed
        return real(self, target)

    return rename


def test_a_log_that_cannot_go_aside_stays_whole_and_is_written_on(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = open_reader(path)
    log.append(some_results(0, 3), {})
    reader.read(0, 1)
    with monkeypatch.context() as stuck:
        stuck.setattr(Path, "replace", failing_at(path))
        with pytest.raises(LogFull, match="no new one can be made"):
            log.set_aside(file_id(path) or (0, 0))
    log.append([a_result(3)], {})
    assert [row.result.slot - T0 for row in open_reader(path).read(0, 10)] == [0, 1, 2, 3]
    assert losses_of(path) == []


def failing_at(path: Path) -> Callable[[Path, Path], Path]:
    real = Path.replace

    def rename(self: Path, target: Path) -> Path:
        if self == path:
            raise OSError(5, "Input/output error")
        return real(self, target)

    return rename


def test_what_stands_in_the_place_since_a_kill_stays_there(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(some_results(0, 3), {})
    copy = copied(path)
    with monkeypatch.context() as kill:
        kill.setattr(Path, "replace", dying_at(2))
        with pytest.raises(Killed):
            log.set_aside(file_id(path) or (0, 0))
    log.close()
    put_in_its_place(copy, path)
    opened_at(path, AT + 60).close()
    assert [row.result.slot - T0 for row in open_reader(path).read(0, 10)] == [0, 1, 2]
    assert not path.with_name("results.db.new").exists()


def test_a_log_that_was_moved_away_has_all_its_rows_where_it_is(
    log: SqliteResultLog, path: Path
) -> None:
    """What stood beside it alone, for a reader had it open, was removed with the rest."""
    reader = open_reader(path)
    log.append(some_results(0, 3), {})
    reader.read(0, 1)
    elsewhere = path.with_name("elsewhere.db")
    path.rename(elsewhere)
    with pytest.raises(LogBegunAnew, match="was moved"):
        log.append([a_result(10)], {})
    assert len(open_reader(elsewhere).read(0, 10)) == 3


def test_a_log_that_is_put_there_is_not_met_by_the_rest_of_the_former_one(
    log: SqliteResultLog, path: Path
) -> None:
    """Who copies a log over another one forgets what stands beside it."""
    other = opened_at(path.with_name("other.db"), AT)
    other.append(some_results(100, 50), {})
    other.close()
    reader = open_reader(path)
    log.append(some_results(0, 3), {})
    reader.read(0, 1)
    path.with_name("other.db").replace(path)
    with pytest.raises(LogBegunAnew, match="was replaced"):
        log.append([a_result(10)], {})
    log.append([a_result(10)], {})
    slots = [row.result.slot - T0 for row in open_reader(path).read(0, 100)]
    assert slots == [*range(100, 150), 10]

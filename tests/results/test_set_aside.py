"""A log that is damaged, moved or replaced under its writer: it goes on in another, and says so."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Result
from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.ports import LogBegunAnew, LogFull
from monitor.results.log.result_log import SqliteResultLog, begins_after, open_log, open_reader
from monitor.results.log.set_aside import file_id
from monitor.results.log.writer import LogWriter
from tests.results.samples import T0, a_result, some_results
from tests.support.clock import FakeClock

AT = Second(T0 + 86_400)
ASIDE = "results-damaged-20261002T000000Z.db"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteResultLog]:
    opened = reopened(path)
    yield opened
    opened.close()


def reopened(path: Path) -> SqliteResultLog:
    return open_log(path, after=begins_after(T0), clock=FakeClock(AT))


def spoil(path: Path, *, header: bool = False) -> None:
    """Garbage over all pages but the first few, or over the header as well."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    begin = 0 if header else page
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(os.urandom(path.stat().st_size - begin))


@pytest.mark.parametrize("header", [False, True], ids=["pages", "header"])
def test_a_damaged_log_is_set_aside_and_a_new_one_begins_behind_every_cursor(
    path: Path, header: bool
) -> None:
    with_rows = reopened(path)
    cursor = with_rows.append(some_results(0, 500), {})
    with_rows.close()
    spoil(path, header=header)
    damaged = path.read_bytes()
    log = reopened(path)
    first = log.append([a_result(600)], {})
    log.close()
    assert first > cursor
    assert (path.parent / ASIDE).read_bytes() == damaged
    reader = open_reader(path)
    assert [row.result.slot for row in reader.read(cursor, 10)] == [T0 + 600]
    (loss,) = reader.losses()
    assert (loss.at, loss.why, loss.set_aside) == (AT, "damaged", ASIDE)


def test_the_loss_is_told_in_rows_and_times_where_they_can_still_be_read(
    log: SqliteResultLog, path: Path
) -> None:
    log.append(some_results(0, 500), {})
    mine = file_id(path)
    assert mine is not None
    with pytest.raises(LogBegunAnew, match=f"was damaged, set aside as {ASIDE}"):
        log.set_aside(mine)
    (loss,) = open_reader(path).losses()
    assert (loss.rows, loss.first_slot, loss.last_slot) == (500, T0, T0 + 499)


def test_a_word_about_a_log_that_was_set_aside_already_is_about_nothing(
    log: SqliteResultLog, path: Path
) -> None:
    former = file_id(path)
    assert former is not None
    with pytest.raises(LogBegunAnew):
        log.set_aside(former)
    log.set_aside(former)
    assert len(open_reader(path).losses()) == 1


def test_a_new_log_goes_on_in_the_era_of_the_former_one(log: SqliteResultLog, path: Path) -> None:
    era = next_era([FIRST_ERA], Origin.STEP, Second(T0 + 10), Second(T0))
    log.begin_era(era)
    mine = file_id(path)
    assert mine is not None
    with pytest.raises(LogBegunAnew):
        log.set_aside(mine)
    log.append([with_era(a_result(20), 1), with_era(a_result(21), 0)], {})
    reader = open_reader(path)
    assert [row.is_absurd for row in reader.read(0, 10)] == [False, True]
    assert [kept.lineage for kept in reader.eras()] == [FIRST_ERA.lineage, era.lineage]


def test_a_log_of_a_newer_version_is_not_set_aside(path: Path) -> None:
    reopened(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(sqlite3.DatabaseError, match="form 99"):
        reopened(path)
    assert not (path.parent / ASIDE).exists()


def test_a_log_that_was_moved_away_is_noticed_with_the_next_rows(
    log: SqliteResultLog, path: Path
) -> None:
    cursor = log.append(some_results(0, 3), {})
    reader = open_reader(path)
    assert len(reader.read(0, 10)) == 3
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(LogBegunAnew, match="was moved: a new one is begun"):
        log.append([a_result(10)], {})
    log.append([a_result(10)], {})
    assert [row.result.slot for row in reader.read(cursor, 10)] == [T0 + 10]
    assert [loss.why for loss in reader.losses()] == ["moved"]


def test_no_look_that_was_offered_is_lost_to_a_log_that_begins_anew(
    log: SqliteResultLog, path: Path
) -> None:
    writer = LogWriter(log, keep_days=lambda: 35)
    writer.offer(a_result(0), None)
    writer.write()
    path.rename(path.with_name("elsewhere.db"))
    writer.offer(a_result(1), None)
    writer.write()
    assert [row.result.slot for row in open_reader(path).read(0, 10)] == [T0 + 1]
    assert not writer.is_full


class Unsure:
    """A connection whose next COMMIT reports an error, and is durable or not."""

    def __init__(
        self, connection: sqlite3.Connection, code: int, *, is_durable: bool = True
    ) -> None:
        self._connection = connection
        self._code = code
        self._is_durable = is_durable

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if sql != "COMMIT":
            return self._connection.execute(sql, *values)  # type: ignore[arg-type]
        if self._is_durable:
            self._connection.execute(sql)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = self._code
        raise error

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
def test_a_commit_that_reported_an_error_and_was_durable_is_written_once(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    log.append([a_result(0)], {})
    monkeypatch.setattr(log, "_connection", Unsure(log._open(), code))
    with pytest.raises(LogFull):
        log.append([a_result(1), a_result(2)], {})
    monkeypatch.setattr(log, "_connection", None)
    log.append([a_result(1), a_result(2), a_result(3)], {})
    slots = [row.result.slot - T0 for row in open_reader(path).read(0, 10)]
    assert slots == [0, 1, 2, 3]


@pytest.mark.parametrize("is_durable", [False, True], ids=["undone", "durable"])
def test_a_batch_in_doubt_is_written_once_however_often_the_next_try_fails(
    log: SqliteResultLog, path: Path, monkeypatch: pytest.MonkeyPatch, is_durable: bool
) -> None:
    """As a disk that fills: an error of input or output first, then one for want of room."""
    batch = [a_result(1), a_result(2)]
    for code, is_kept in ((sqlite3.SQLITE_IOERR, True), (sqlite3.SQLITE_FULL, is_durable)):
        monkeypatch.setattr(log, "_connection", Unsure(log._open(), code, is_durable=is_kept))
        with pytest.raises(LogFull):
            log.append(batch, {})
        monkeypatch.setattr(log, "_connection", None)
        batch = [*batch, a_result(len(batch) + 1)]
    log.append(batch, {})
    log.append([a_result(9)], {})
    rows = open_reader(path).read(0, 10)
    assert [row.result.slot - T0 for row in rows] == [1, 2, 3, 4, 9]
    assert [row.seq - rows[0].seq for row in rows] == [0, 1, 2, 3, 4]


def with_era(result: Result, era: int) -> Result:
    return replace(result, era=era)

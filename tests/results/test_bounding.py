"""Single results are found by check and slot, wherever in the log they lie."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    LocationId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log import bounding
from monitor.results.log.bounding import BoundingResults
from monitor.results.log.ports import ResultKey
from monitor.results.log.result_log import SqliteResultLog, open_log
from monitor.results.log.rows import Row, result_of
from tests.results.samples import T0, a_result
from tests.support.clock import FakeClock

CHECKS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteResultLog]:
    opened = open_log(path, clock=FakeClock(Second(T0 + 4 * 86_400)))
    yield opened
    opened.close()


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are near that are less than a slot's away: the rest lies elsewhere."""
    monkeypatch.setattr(bounding, "_NEAR", CHECKS)


def seen(minute: int, check: int) -> Result:
    outcome = Outcome.DOWN if (minute + check) % 7 == 0 else Outcome.UP
    return a_result(minute * 60, check=f"c{check}", outcome=outcome, message=f"{minute}/{check}")


def fill(log: SqliteResultLog, minutes: int = 3_000) -> None:
    """Two days, over two midnights of UTC."""
    for minute in range(0, minutes, 500):
        log.append([seen(m, c) for m in range(minute, minute + 500) for c in range(CHECKS)], {})


def key(result: Result) -> ResultKey:
    return ResultKey(result.check, result.location, result.slot)


def test_it_finds_each_wherever_it_lies(log: SqliteResultLog, path: Path, near: None) -> None:
    fill(log)
    wanted = [seen(minute, minute % CHECKS) for minute in range(0, 3_000, 37)]
    found = BoundingResults(path).found([key(one) for one in wanted])
    assert found == {key(one): one for one in wanted}


def test_it_finds_what_came_late(log: SqliteResultLog, path: Path, near: None) -> None:
    late = replace(seen(5, 3), check=CheckId("late"))
    fill(log)
    log.append([late], {})
    assert BoundingResults(path).found([key(late), key(seen(5, 4))]) == {
        key(late): late,
        key(seen(5, 4)): seen(5, 4),
    }


def test_it_reads_little_of_a_long_log_for_one_result(
    log: SqliteResultLog, path: Path, near: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log)
    read: list[int] = []

    def counted(row: Row) -> LoggedResult:
        read.append(row[0])
        return result_of(row)

    monkeypatch.setattr(bounding, "result_of", counted)
    BoundingResults(path).found([key(seen(1_700, 9))])
    assert 0 < len(read) <= 4


def test_what_is_gone_is_left_out(log: SqliteResultLog, path: Path) -> None:
    fill(log, 500)
    wanted = [key(seen(499, 1)), key(seen(501, 1)), key(replace(seen(3, 1), location=OTHER))]
    assert set(BoundingResults(path).found(wanted)) == {wanted[0]}


OTHER = LocationId("mza")


def test_a_place_is_part_of_the_name(log: SqliteResultLog, path: Path) -> None:
    log.append([a_result(0), a_result(0, location=OTHER, outcome=Outcome.DOWN)], {})
    wanted = [ResultKey(CheckId("web"), place, Second(T0)) for place in (LOCAL, OTHER)]
    found = BoundingResults(path).found(wanted)
    assert [found[one].outcome for one in wanted] == [Outcome.UP, Outcome.DOWN]


def test_of_two_eras_that_saw_a_slot_the_later_counts(log: SqliteResultLog, path: Path) -> None:
    log.append([a_result(0, message="before"), a_result(60)], {})
    log.begin_era(next_era([FIRST_ERA], Origin.STEP, Second(T0 - 30), Second(T0 + 61)))
    log.append([replace(a_result(0, message="after", outcome=Outcome.DOWN), era=1)], {})
    wanted = ResultKey(CheckId("web"), LOCAL, Second(T0))
    assert BoundingResults(path).found([wanted])[wanted].message == "after"


def test_an_absurd_row_is_no_result(log: SqliteResultLog, path: Path) -> None:
    ahead = a_result(90 * 86_400)
    log.append([ahead], {})
    assert BoundingResults(path).found([key(ahead)]) == {}


def test_where_there_is_no_log_there_is_nothing(path: Path) -> None:
    assert BoundingResults(path).found([key(seen(1, 1))]) == {}
    assert not path.exists()


def test_a_damaged_log_stops_no_close(log: SqliteResultLog, path: Path) -> None:
    log.append([a_result(0)], {})
    log.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE day")
    assert BoundingResults(path).found([key(a_result(0))]) == {}

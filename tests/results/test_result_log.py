"""The result log keeps what it took, in order, and tells when it cannot take more."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, FailureId, Json, LocationId, Outcome
from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.ports import (
    ClockAnchor,
    LogFull,
    ProberMetrics,
    ResultLog,
    ResultReader,
    RunRow,
)
from monitor.results.log.reader import _PICKED
from monitor.results.log.result_log import (
    LogTaken,
    SqliteResultLog,
    begins_after,
    open_log,
    open_reader,
)
from monitor.results.log.rows import EVIDENCE_LIMIT, MESSAGE_LIMIT
from tests.results.samples import T0, a_result, some_results
from tests.support.clock import FakeClock

WEB = (CheckId("web"), LOCAL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(Second(T0 + 86_400))


@pytest.fixture
def log(path: Path, clock: FakeClock) -> Iterator[SqliteResultLog]:
    opened = open_log(path, clock=clock)
    yield opened
    opened.close()


def test_it_fulfils_its_ports(log: SqliteResultLog, path: Path) -> None:
    writer: ResultLog = log
    reader: ResultReader = open_reader(path)
    assert (writer.append([], {}), list(reader.read(0, 10))) == (0, [])


def test_it_reads_back_what_was_written(log: SqliteResultLog, path: Path) -> None:
    evidence: dict[str, Json] = {"address": "::1", "attempts": [{"ms": 1.5, "failure": None}]}
    written = [
        a_result(0, message="señal débil"),
        a_result(30, outcome=Outcome.DOWN, evidence=evidence),
        a_result(30, check="mail", location=LocationId("mza")),
    ]
    assert log.append(written, {}) == 3
    read = open_reader(path).read(0, 10)
    assert [row.result for row in read] == written
    assert [row.seq for row in read] == [1, 2, 3]


def test_it_hands_rows_out_after_a_cursor_up_to_a_limit(log: SqliteResultLog, path: Path) -> None:
    log.append(some_results(0, 10), {})
    reader = open_reader(path)
    assert [row.seq for row in reader.read(4, 3)] == [5, 6, 7]
    assert (reader.depth(4), reader.depth(10), reader.depth(0)) == (6, 0, 10)


def test_a_log_that_takes_another_s_place_is_read_from_its_first_row(path: Path) -> None:
    """Somebody took the file away: cursors stand far behind its end."""
    first = open_log(path, after=begins_after(T0))
    cursor = first.append(some_results(0, 500), {})
    first.close()
    for file in path.parent.glob("results.db*"):
        file.unlink()
    second = open_log(path, after=begins_after(Second(T0 + 1)))
    second.append(some_results(500, 3), {})
    reader = open_reader(path)
    assert [row.result for row in reader.read(cursor, 10)] == some_results(500, 3)
    assert reader.depth(cursor) == 3
    second.close()
    again = open_log(path, after=begins_after(Second(T0 + 9)))
    assert again.append(some_results(503, 1), {}) == reader.read(cursor, 10)[-1].seq
    again.close()


@pytest.mark.parametrize("kind", ["looks", "times"])
def test_a_cursor_ahead_of_an_older_copy_goes_on_with_what_is_new_in_it(
    path: Path, kind: str
) -> None:
    """The data folder was put back, and the journal on another machine was not."""
    newer = open_log(path.with_name("newer.db"))
    cursor = newer.append(some_results(0, 50), {})
    newer.close()
    log = open_log(path)
    log.append(some_results(0, 5), {})
    reader = SqliteResultLookup(path)
    read = reader.read if kind == "looks" else reader.timed
    assert len(read(cursor, 10)) == 0
    log.note(ProberMetrics(at=T0, started_at=T0))
    assert len(read(cursor, 10)) == 0
    log.append(some_results(60, 2), {})
    assert [row.seq for row in read(cursor, 1)] == [6]
    assert [row.seq for row in read(6, 10)] == [7]
    assert len(read(7, 10)) == 0
    log.append(some_results(90, 1), {})
    assert [row.seq for row in read(7, 10)] == [8]
    log.close()


def test_it_shows_a_waiting_reader_the_next_commit(log: SqliteResultLog, path: Path) -> None:
    reader = open_reader(path)
    log.append(some_results(0, 2), {})
    assert len(reader.read(0, 10)) == 2
    assert [len(reader.read(2, 10)) for _ in range(3)] == [0, 0, 0]
    log.append(some_results(2, 1), {})
    assert [row.seq for row in reader.read(2, 10)] == [3]
    assert len(reader.read(0, 10)) == 3


def test_it_reads_as_empty_before_there_is_a_log(path: Path) -> None:
    reader = open_reader(path)
    assert (list(reader.read(0, 10)), reader.depth(0), reader.metrics()) == ([], 0, None)
    log = open_log(path)
    log.append(some_results(0, 1), {})
    assert len(reader.read(0, 10)) == 1
    log.close()


def test_it_reads_a_log_whose_writer_is_gone(path: Path) -> None:
    log = open_log(path)
    log.append(some_results(0, 3), {})
    log.close()
    assert len(open_reader(path).read(0, 10)) == 3


def test_it_gives_the_looks_of_some_checks_in_a_range_of_rows(
    log: SqliteResultLog, path: Path
) -> None:
    elsewhere = LocationId("mza")
    log.append([a_result(60), a_result(0, check="dns"), a_result(30, location=elsewhere)], {})
    log.append([a_result(30, check="mail", outcome=Outcome.DOWN), a_result(90)], {})
    reader = open_reader(path)
    found = reader.between(2, 4, {CheckId("web"), CheckId("mail")})
    assert found == [
        RunRow(3, CheckId("web"), elsewhere, Second(T0 + 30), 1, Outcome.UP, None),
        RunRow(
            4, CheckId("mail"), LOCAL, Second(T0 + 30), 1, Outcome.DOWN, FailureId("conn_refused")
        ),
    ]
    many = {CheckId(f"c{n}") for n in range(_PICKED)} | {CheckId("web"), CheckId("mail")}
    assert reader.between(2, 4, many) == found


def test_it_keeps_the_probes_memories_with_the_batch(log: SqliteResultLog, path: Path) -> None:
    hls = (CheckId("hls"), LOCAL)
    log.append([a_result()], {WEB: b"\x00one", hls: b"two"})
    log.append([a_result(30)], {WEB: b"three", hls: None})
    assert log.probe_states() == {WEB: b"three"}
    log.close()
    again = open_log(path)
    assert again.probe_states() == {WEB: b"three"}
    again.close()


def test_it_keeps_the_newest_figures_alone(log: SqliteResultLog, path: Path) -> None:
    newest = ProberMetrics(at=Second(T0 + 5), started_at=T0, missed=3, extra={"lost": 2.0})
    log.note(ProberMetrics(at=T0, started_at=T0))
    log.note(newest)
    assert open_reader(path).metrics() == newest


def test_it_never_uses_a_seq_again(log: SqliteResultLog, path: Path, clock: FakeClock) -> None:
    log.append(some_results(0, 5), {})
    clock.advance(40 * 86_400)
    assert log.prune(35) == 4
    log.close()
    again = open_log(path)
    assert again.append(some_results(2000, 1), {}) == 6
    again.close()


def test_it_keeps_what_lies_ahead_of_the_clock_as_absurd(path: Path) -> None:
    log = SqliteResultLog(path, clock=FakeClock(Second(T0 + 60)))
    log.append([a_result(60), a_result(3600), a_result(61)], {})
    read = open_reader(path).read(0, 10)
    assert [row.is_absurd for row in read] == [False, True, False]
    assert log.newest_slot() == T0 + 61
    log.close()


def test_a_row_of_an_era_that_has_ended_is_absurd(log: SqliteResultLog, path: Path) -> None:
    log.append([a_result(0)], {})
    era = next_era(log.eras(), Origin.STEP, Second(T0 - 60), Second(T0 + 30))
    log.begin_era(era)
    log.append([a_result(30), replace(a_result(-60), era=1)], {})
    reader = open_reader(path)
    assert [row.is_absurd for row in reader.read(0, 10)] == [False, True, False]
    assert [*reader.eras()] == [*log.eras()] == [FIRST_ERA, replace(era, first_seq=2)]


def test_it_knows_its_era_and_anchor_after_a_restart(path: Path) -> None:
    first = open_log(path)
    first.begin_era(next_era(first.eras(), Origin.BOOT, T0, T0))
    anchor = ClockAnchor(wall=float(T0), boottime=12.5, boot_id="b", distrusted_s=3.0)
    first.note(ProberMetrics(at=T0, started_at=T0), anchor)
    first.close()
    second = open_log(path)
    second.append([replace(a_result(0), era=1)], {})
    reader = open_reader(path)
    assert (second.anchor(), reader.anchor()) == (anchor, anchor)
    assert [row.is_absurd for row in reader.read(0, 10)] == [False]
    second.close()


def test_a_log_of_the_version_before_is_read_and_written_on(path: Path) -> None:
    old = sqlite3.connect(path)
    old.executescript(FIRST_FORM)
    row = (7, "local", "web", T0, 1, "up", None, "", None, None)
    old.execute("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    old.commit()
    old.close()
    reader = open_reader(path)
    before = reader.read(0, 10)
    assert ([*reader.eras()], reader.anchor()) == ([FIRST_ERA], None)
    log = open_log(path)
    log.append([a_result(30)], {})
    after = reader.read(0, 10)
    assert [(r.seq, r.result.era, r.is_absurd) for r in after] == [(7, 0, False), (8, 0, False)]
    assert after[:1] == before
    log.close()


FIRST_FORM = """
PRAGMA journal_mode = WAL;
CREATE TABLE result (
    seq INTEGER PRIMARY KEY, location TEXT NOT NULL, check_id TEXT NOT NULL,
    slot INTEGER NOT NULL, revision INTEGER NOT NULL, outcome TEXT NOT NULL, failure TEXT,
    message TEXT NOT NULL, phases TEXT, evidence TEXT
);
CREATE TABLE memory (
    location TEXT NOT NULL, check_id TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (location, check_id)
) WITHOUT ROWID;
CREATE TABLE figures (id INTEGER PRIMARY KEY CHECK (id = 1), figures TEXT NOT NULL);
PRAGMA user_version = 1;
"""


def test_it_lets_one_writer_in(log: SqliteResultLog, path: Path) -> None:
    with pytest.raises(LogTaken, match="written by another process"):
        open_log(path)
    log.close()
    open_log(path).close()


def test_it_is_durable_at_every_commit(log: SqliteResultLog) -> None:
    connection = log._open()
    pragmas = ("journal_mode", "synchronous")
    assert [connection.execute(f"PRAGMA {p}").fetchone()[0] for p in pragmas] == ["wal", 2]


def test_it_has_no_index_beside_seq(log: SqliteResultLog) -> None:
    found = log._open().execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    assert found == []


def fill(log: SqliteResultLog) -> int:
    """Append until it is full; how many rows were acknowledged."""
    taken = 0
    for slot in range(10_000):
        try:
            taken = log.append([a_result(slot, message="x" * 400)], {WEB: b"%d" % slot})
        except LogFull:
            return taken
    raise AssertionError("the log never became full")


def test_it_says_that_it_is_full_and_keeps_nothing_of_the_batch(
    log: SqliteResultLog, path: Path
) -> None:
    log._open().execute("PRAGMA max_page_count = 40")
    taken = fill(log)
    reader = open_reader(path)
    assert [row.seq for row in reader.read(0, 10_000)] == list(range(1, taken + 1))
    assert log.probe_states() == {WEB: b"%d" % (taken - 1)}
    with pytest.raises(LogFull):
        log.append(some_results(20_000, 500), {})


def test_it_goes_on_without_a_restart_once_there_is_room(log: SqliteResultLog, path: Path) -> None:
    log._open().execute("PRAGMA max_page_count = 40")
    taken = fill(log)
    log._open().execute("PRAGMA max_page_count = 4000")
    assert log.append(some_results(30_000, 2), {}) == taken + 2
    assert log._open().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert open_reader(path).depth(0) == taken + 2


def test_it_sets_a_file_aside_that_is_no_log(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)
    open_log(path).close()
    (aside,) = path.parent.glob("results-damaged-*.db")
    assert aside.read_bytes().startswith(b"not a database")


UNWRITABLE: list[tuple[Callable[[], object], dict[str, Json]]] = [
    (lambda: "x" * (EVIDENCE_LIMIT + 1), {"dropped_bytes": EVIDENCE_LIMIT + 9}),
    (lambda: Outcome, {"a": repr(Outcome)}),
]


@pytest.mark.parametrize(("make", "kept"), UNWRITABLE)
def test_it_has_a_row_for_whatever_a_probe_says(
    log: SqliteResultLog, path: Path, make: Callable[[], object], kept: dict[str, Json]
) -> None:
    odd = a_result(message="\ud800" + "m" * 2 * MESSAGE_LIMIT, evidence={"a": make()})  # type: ignore[dict-item]
    log.append([odd], {})
    read = open_reader(path).read(0, 1)[0].result
    assert read.message == "?" + "m" * (MESSAGE_LIMIT - 1)
    assert read.evidence == kept


def test_it_survives_evidence_that_holds_itself(log: SqliteResultLog, path: Path) -> None:
    circle: list[Json] = []
    circle.append(circle)
    log.append([a_result(evidence={"a": circle})], {})
    assert open_reader(path).read(0, 1)[0].result.evidence == {"unwritable": "ValueError"}

"""The writer's thread: acknowledged means committed; a full disk loses nothing that fits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, Result
from monitor.domain.time.eras import FIRST_ERA, Era, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ClockAnchor, FoldKey, LogFull, ProberMetrics
from monitor.results.log.result_log import open_log, open_reader
from monitor.results.log.writer import BATCH, GATHER_S, LogWriter
from tests.results.samples import T0, a_result, some_results
from tests.support.patience import PATIENCE_S

HLS = (CheckId("hls"), LOCAL)


class RecordingLog:
    """A result log that remembers its batches, and is full while the test says so."""

    def __init__(self) -> None:
        self.batches: list[list[Result]] = []
        self.kept: list[Mapping[FoldKey, bytes | None]] = []
        self.noted: list[ProberMetrics] = []
        self.eras: list[tuple[int, int]] = []
        """The number of each, and how many results had been written before it."""
        self.pruned: list[int] = []
        self.error: Exception | None = None
        self.committed = threading.Event()

    def append(self, batch: Sequence[Result], probe_states: Mapping[FoldKey, bytes | None]) -> int:
        self._may_raise()
        self.batches.append(list(batch))
        self.kept.append(probe_states)
        self.committed.set()
        return sum(map(len, self.batches))

    def probe_states(self) -> Mapping[FoldKey, bytes]:
        return {HLS: b"kept"}

    def begin_era(self, era: Era) -> None:
        self._may_raise()
        self.eras.append((era.number, sum(map(len, self.batches))))

    def note(self, figures: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        self._may_raise()
        self.noted.append(figures)

    def prune(self, keep_days: int) -> int:
        self._may_raise()
        self.pruned.append(keep_days)
        return 1000 if len(self.pruned) < 3 else 0

    def _may_raise(self) -> None:
        if self.error is not None:
            raise self.error


def a_writer(
    log: RecordingLog,
    *,
    capacity: int = 20_000,
    acknowledge: Callable[[Sequence[Result]], None] | None = None,
    on_failure: Callable[[Exception], None] | None = None,
) -> LogWriter:
    return LogWriter(
        log, keep_days=lambda: 35, acknowledge=acknowledge, on_failure=on_failure,
        capacity=capacity,
    )  # fmt: skip


def offer_all(writer: LogWriter, results: Sequence[Result]) -> None:
    for result in results:
        writer.offer(result, None)


def written(log: RecordingLog) -> list[Result]:
    return [result for batch in log.batches for result in batch]


def test_it_commits_what_gathered_together_in_order() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    offer_all(writer, some_results(0, BATCH + 10))
    writer.write()
    assert [len(batch) for batch in log.batches] == [BATCH, 10]
    assert written(log) == some_results(0, BATCH + 10)
    assert writer.unwritten == 0


def test_it_acknowledges_after_the_commit_and_not_before() -> None:
    log = RecordingLog()
    seen: list[tuple[int, int]] = []
    writer = a_writer(log, acknowledge=lambda batch: seen.append((len(batch), len(written(log)))))
    offer_all(writer, some_results(0, 5))
    writer.write()
    log.error = LogFull("database or disk is full")
    offer_all(writer, some_results(5, 5))
    writer.write()
    assert seen == [(5, 5)]


def test_it_keeps_what_a_full_disk_refused_and_its_order() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    log.error = LogFull("full")
    for first in range(0, 30, 10):
        offer_all(writer, some_results(first, 10))
        writer.write()
    assert (writer.unwritten, writer.is_full) == (30, True)
    log.error = None
    writer.write()
    assert written(log) == some_results(0, 30)
    assert (writer.unwritten, writer.is_full, writer.lost) == (0, False, 0)


def test_it_drops_the_oldest_of_what_does_not_fit_and_counts_it() -> None:
    log = RecordingLog()
    writer = a_writer(log, capacity=10)
    log.error = LogFull("full")
    offer_all(writer, some_results(0, 25))
    assert (writer.unwritten, writer.lost) == (10, 15)
    log.error = None
    writer.write()
    assert written(log) == some_results(15, 10)


def test_it_says_once_that_the_disk_is_full_and_once_that_it_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = RecordingLog()
    writer = a_writer(log)
    log.error = LogFull("full")
    for _ in range(3):
        offer_all(writer, some_results(0, 1))
        writer.write()
    log.error = None
    writer.write()
    writer.write()
    assert [record.message for record in caplog.records] == ["log.full", "log.writable"]


def test_it_writes_a_memory_only_where_there_is_or_was_one() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    rtmp = (CheckId("rtmp"), LOCAL)
    writer.offer(a_result(), None)
    writer.offer(a_result(check="rtmp"), b"one")
    writer.offer(a_result(30, check="rtmp"), b"two")
    writer.offer(a_result(check="hls"), None)
    writer.write()
    writer.offer(a_result(30, check="hls"), None)
    writer.offer(a_result(60, check="rtmp"), None)
    writer.write()
    assert log.kept == [{rtmp: b"two", HLS: None}, {rtmp: None}]


def test_an_era_begins_between_the_results_that_were_offered_around_it() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    offer_all(writer, some_results(0, 3))
    writer.begin_era(next_era([FIRST_ERA], Origin.STEP, T0, T0))
    offer_all(writer, some_results(3, 2))
    log.error = LogFull("full")
    writer.write()
    log.error = None
    writer.write()
    assert [len(batch) for batch in log.batches] == [3, 2]
    assert log.eras == [(1, 3)]


def test_results_that_find_no_room_put_no_era_out_of_place() -> None:
    log = RecordingLog()
    writer = a_writer(log, capacity=2)
    offer_all(writer, some_results(0, 2))
    writer.begin_era(next_era([FIRST_ERA], Origin.STEP, T0, T0))
    offer_all(writer, some_results(2, 4))
    writer.write()
    assert (log.eras, [len(batch) for batch in log.batches]) == ([(1, 0)], [2])


def test_a_full_disk_puts_no_era_before_what_was_offered_first() -> None:
    log = RecordingLog()
    writer = a_writer(log, capacity=2)
    offer_all(writer, some_results(0, 2))
    log.error = LogFull("full")
    writer.write()
    offer_all(writer, some_results(2, 1))
    writer.begin_era(next_era([FIRST_ERA], Origin.STEP, T0, T0))
    offer_all(writer, some_results(3, 3))
    log.error = None
    writer.write()
    assert log.eras[0][1] >= 2


def test_it_writes_the_newest_figures() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    for second in (0, 5):
        writer.note(ProberMetrics(at=Second(T0 + second), started_at=T0))
    writer.write()
    writer.write()
    assert [figures.at - T0 for figures in log.noted] == [5]


def test_it_prunes_in_steps_until_nothing_is_left() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    pauses = []
    for _ in range(3):
        writer._prune_at = 0.0
        writer._prune_when_due()
        pauses.append(writer._prune_at - monotonic() < 1.0)
    assert log.pruned == [35, 35, 35]
    assert pauses == [True, True, False]


def test_it_leaves_pruning_for_later_while_it_is_not_due() -> None:
    log = RecordingLog()
    a_writer(log)._prune_when_due()
    assert log.pruned == []


def test_it_commits_within_250_ms_of_the_first_offer() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    writer.start()
    offer_all(writer, some_results(0, 3))
    assert log.committed.wait(GATHER_S + 0.25)
    writer.stop()
    assert len(log.batches) == 1


def test_it_writes_what_is_left_when_it_stops() -> None:
    log = RecordingLog()
    writer = a_writer(log)
    writer.start()
    offer_all(writer, some_results(0, 2500))
    writer.stop()
    assert written(log) == some_results(0, 2500)


def test_it_tells_of_an_error_that_is_no_full_disk() -> None:
    log = RecordingLog()
    told: list[Exception] = []
    failed = threading.Event()

    def fail(error: Exception) -> None:
        told.append(error)
        failed.set()

    writer = a_writer(log, on_failure=fail)
    writer.start()
    log.error = RuntimeError("malformed")
    offer_all(writer, some_results(0, 1))
    assert failed.wait(PATIENCE_S)
    writer.stop()
    assert told == [log.error]


def test_it_loses_nothing_to_a_real_log_that_fills_and_is_freed(tmp_path: Path) -> None:
    log = open_log(tmp_path / "results.db")
    log._open().execute("PRAGMA max_page_count = 30")
    acknowledged: list[Result] = []
    writer = LogWriter(log, keep_days=lambda: 35, acknowledge=acknowledged.extend)
    offered = [a_result(slot, message="x" * 300) for slot in range(3000)]
    for first in range(0, 3000, 50):
        offer_all(writer, offered[first : first + 50])
        writer.write()
    assert writer.is_full
    assert [r.result for r in open_reader(tmp_path / "results.db").read(0, 5000)] == acknowledged
    log._open().execute("PRAGMA max_page_count = 4000000")
    writer.write()
    assert acknowledged == offered
    assert open_reader(tmp_path / "results.db").depth(0) == 3000
    log.close()

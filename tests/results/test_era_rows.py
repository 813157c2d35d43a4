"""Eras are read back as they were written, by this version or one before."""

from __future__ import annotations

import json

from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.rows import era_row, read_era

SMALL = next_era([FIRST_ERA], Origin.STEP, Second(1_030), Second(1_000))
BIG = next_era([FIRST_ERA, SMALL], Origin.STEP, Second(9_000), Second(2_000))


def test_an_era_is_read_as_it_was_written() -> None:
    assert read_era(era_row(BIG)) == BIG
    assert [span.breaks_runs for span in BIG.lineage] == [False, False, True]


def test_spans_of_the_version_before_end_runs_where_the_clock_skipped() -> None:
    kept = json.loads(era_row(BIG))
    kept["lineage"] = [
        [*span[:3], is_big] for span, is_big in zip(kept["lineage"], (0, 0, 1), strict=True)
    ]
    assert [span.breaks_runs for span in read_era(json.dumps(kept)).lineage] == [False, False, True]

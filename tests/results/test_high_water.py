"""Numbers are reserved before a row bears one, and what is reserved outlives everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.results.log.high_water import RESERVED, HighWater
from monitor.results.log.ports import LogFull
from monitor.results.log.result_log import open_log, open_reader
from tests.results.samples import a_result, some_results


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


def test_a_block_is_reserved_once_for_a_million_numbers(path: Path) -> None:
    water = HighWater(path)
    water.reserve(5)
    kept = path.with_suffix(".seq").read_bytes()
    water.reserve(RESERVED + 5)
    assert path.with_suffix(".seq").read_bytes() == kept
    water.reserve(RESERVED + 6)
    assert HighWater(path).reserved == 2 * RESERVED + 6


def test_what_was_taken_is_known_to_whoever_starts_next(path: Path) -> None:
    water = HighWater(path)
    water.reserve(5)
    water.took(5, 1_000)
    water.took(9, 400)
    water.save()
    again = HighWater(path)
    assert (again.last, again.reserved, again.newest) == (9, RESERVED + 5, 1_000)


@pytest.mark.parametrize("words", ["", "5 6", "7 6 0", "one two three", "5 6 7 8", "-1 6 0"])
def test_what_cannot_be_read_tells_nothing(path: Path, words: str) -> None:
    path.with_suffix(".seq").write_text(words, "ascii")
    water = HighWater(path)
    assert (water.last, water.reserved, water.newest) == (0, 0, 0)


def test_no_row_is_kept_whose_number_could_not_be_reserved(path: Path) -> None:
    log = open_log(path)
    path.with_suffix(".seq").mkdir()
    with pytest.raises(LogFull):
        log.append(some_results(0, 3), {})
    assert len(open_reader(path).read(0, 10)) == 0
    path.with_suffix(".seq").rmdir()
    assert log.append([a_result(0)], {}) == 1
    log.close()

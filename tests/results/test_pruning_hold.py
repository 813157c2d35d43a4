"""What is left of a quiet day is there after a restart; a full disk is no trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.results.log.pruning_hold import QuietFile


def test_it_keeps_what_is_left_until_nothing_is(tmp_path: Path) -> None:
    path = tmp_path / "prober.quiet"
    assert QuietFile(path).read() == 0.0
    QuietFile(path).write(86_400.0)
    assert QuietFile(path).read() == 86_400.0
    QuietFile(path).write(0.0)
    assert list(tmp_path.iterdir()) == []
    QuietFile(path).write(0.0)


@pytest.mark.parametrize("words", ["", "soon", "nan", "inf", "\xff"])
def test_what_is_no_time_is_none(tmp_path: Path, words: str) -> None:
    path = tmp_path / "prober.quiet"
    path.write_text(words, "latin-1")
    assert QuietFile(path).read() == 0.0


def test_a_folder_that_takes_nothing_is_no_trouble_of_the_log(tmp_path: Path) -> None:
    QuietFile(tmp_path / "gone" / "prober.quiet").write(5.0)

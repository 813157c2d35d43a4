"""Files that wait and files that compute are at work at the same time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.support.order import LONGEST, mixed

WAITING = [f"tests/e2e/test_{n}.py" for n in range(4)] + ["tests/faults/test_any.py"]
WORKING = [f"tests/{room}/test_{n}.py" for room in ("api", "net") for n in range(50)]
FILES = [*WORKING[:50], *WAITING, *WORKING[50:]]


def test_it_keeps_every_file_and_the_order_of_either_kind() -> None:
    found = mixed(FILES)
    assert [name for name in found if name in WAITING] == WAITING
    assert [name for name in found if name in WORKING] == WORKING
    assert len(found) == len(FILES)


def test_those_that_wait_are_apart_and_none_is_among_the_last() -> None:
    found = mixed(FILES)
    at = [found.index(name) for name in WAITING]
    assert min(b - a for a, b in pairwise(at)) >= 15
    assert at[-1] < len(found) - 35


def test_files_of_one_kind_stay_as_they_are() -> None:
    assert mixed(WORKING) == WORKING
    assert mixed(WAITING) == WAITING
    assert mixed([]) == []


def test_the_longest_of_those_that_wait_begin_first() -> None:
    longest = "tests/e2e/test_stopped_holder.py"
    found = mixed([*WORKING, *WAITING, longest])
    assert [name for name in found if name not in WORKING] == [longest, *WAITING]


def test_each_of_the_longest_is_there() -> None:
    assert all((Path(__file__).parents[2] / name).is_file() for name in LONGEST)

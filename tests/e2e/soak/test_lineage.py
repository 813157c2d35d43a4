"""The script's own account of which moment each second of the past tells of."""

from __future__ import annotations

import pytest

from tests.e2e.soak.lineage import visible
from tests.e2e.soak.record import Record, Setting

HOUR, DAY = 3_600, 86_400


def spans(*settings: tuple[float, int]) -> list[tuple[float, float]]:
    """The moments that are told of, for a clock that is set to these offsets; 500 s in all."""
    record = Record(
        wall=1e6, ends=500, outages=(),
        settings=tuple(Setting(at=at, offset=offset) for at, offset in settings),
    )  # fmt: skip
    return [(s.moment(s.since), s.moment(s.until)) for s in visible(record)]


def test_without_a_step_each_second_tells_of_its_moment() -> None:
    assert spans() == [(0, 500)]


def test_a_step_ahead_loses_no_moment() -> None:
    assert spans((100, HOUR)) == [(0, 100), (100, 500)]


def test_a_step_back_tells_of_the_later_of_two_moments() -> None:
    assert spans((100, -30)) == [(0, 70), (100, 500)]


@pytest.mark.parametrize("step", [HOUR, 40 * DAY, -HOUR, -40 * DAY])
def test_a_far_step_that_is_undone_never_was(step: int) -> None:
    assert spans((100, step), (110, 0)) == [(0, 100), (110, 500)]


def test_a_near_step_back_that_is_undone_was() -> None:
    assert spans((100, -30), (110, 0)) == [(0, 70), (100, 110), (110, 500)]


def test_a_far_step_back_that_is_undone_gives_back_what_came_after_a_step_ahead() -> None:
    assert spans((100, HOUR), (200, 0), (210, HOUR)) == [(0, 100), (100, 200), (210, 500)]


def test_of_a_clock_that_goes_to_and_fro_what_lasted_longer_is_told() -> None:
    assert spans((100, HOUR), (110, 0), (200, HOUR)) == [(0, 100), (110, 200), (200, 500)]


def test_a_correction_hides_no_far_step_back() -> None:
    assert spans((100, -HOUR), (150, -HOUR - 30), (200, 0)) == [(0, 100), (200, 500)]


def test_what_lies_ahead_of_a_clock_that_was_taken_back_is_told_by_no_second() -> None:
    assert spans((100, HOUR), (200, HOUR - 30), (300, -30)) == [(0, 100), (300, 500)]

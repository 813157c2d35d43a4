"""When a thing was done that a wrong clock stamped."""

from __future__ import annotations

import pytest

from monitor.domain.time.eras import Era, Eras
from monitor.domain.time.interval import Second
from monitor.domain.time.stamps import Stamp, made_in, restated
from tests.domain.test_eras import DAY, HOUR, T0, YEAR, boot, eras, step


def ahead_and_back(by: int, lasted: int = HOUR) -> list[Era]:
    """Set wrong at T0, set right after an hour."""
    return eras(step(T0 + by, T0), step(T0 + lasted, T0 + by + lasted))


@pytest.mark.parametrize("by", [HOUR, 2 * DAY, 2 * YEAR, -2 * HOUR, -4 * YEAR])
def test_what_was_done_in_a_wrong_era_was_done_when_the_right_clock_says(by: int) -> None:
    assert restated(ahead_and_back(by), 1, Second(T0 + by + 600)) == T0 + 600


@pytest.mark.parametrize("by", [2 * DAY, -2 * HOUR])
def test_what_was_done_before_a_wrong_era_keeps_its_second(by: int) -> None:
    assert restated(ahead_and_back(by), 0, Second(T0 - 600)) == T0 - 600


def test_an_era_that_lasted_too_long_to_be_dropped_is_off_all_the_same() -> None:
    long = 2 * DAY
    assert restated(ahead_and_back(YEAR, long), 1, Second(T0 + YEAR + 600)) == T0 + 600


def test_a_first_clock_that_was_wrong_is_put_right() -> None:
    assert restated(eras(step(T0, T0 + YEAR)), 0, Second(T0 + YEAR - 600)) == T0 - 600


def test_while_a_clock_is_set_back_what_was_done_later_is_told_by_it() -> None:
    assert restated(eras(step(T0 - HOUR, T0)), 0, Second(T0 - 600)) == T0 - HOUR - 600


def test_a_boot_between_wrong_and_right_is_no_error_of_the_clock() -> None:
    known = eras(
        step(T0 + YEAR, T0),
        boot(T0 + YEAR + 1_000, T0 + YEAR + 600),
        step(T0 + 2_000, T0 + YEAR + 2_000),
    )
    assert restated(known, 1, Second(T0 + YEAR + 300)) == T0 + 300


def test_what_ends_with_a_boot_was_done_as_late_as_it_can_have_been() -> None:
    known = eras(boot(T0 - YEAR, T0), boot(T0 + HOUR, T0 - YEAR + 600))
    assert Eras(known).is_wrong(1)
    assert restated(known, 1, Second(T0 - YEAR + 300)) == T0 + HOUR - 300


def test_what_was_done_after_the_last_look_and_before_a_boot_keeps_its_second() -> None:
    known = eras(boot(T0 - YEAR, T0), step(T0 + HOUR, T0 - YEAR + 600))
    assert restated(known, 0, Second(T0 + 5)) == T0 + 5


def test_a_step_of_a_minute_moves_nothing() -> None:
    assert restated(eras(step(T0 - 60, T0)), 0, Second(T0 - 10)) == T0 - 10


def test_a_stamp_is_of_the_last_era_that_was_noticed_before_it() -> None:
    known = ahead_and_back(HOUR)
    stamps = [
        Stamp(seq=1, at=Second(T0 - 60)),
        Stamp(seq=5, at=Second(T0 + HOUR + 60)),
        Stamp(seq=9, at=Second(T0 + HOUR + 60)),
    ]
    found = [era for _, era in made_in(known, {1: 3, 2: 7}, stamps)]
    assert found == [0, 1, 2]


@pytest.mark.parametrize("by", [2 * DAY, -4 * YEAR])
def test_what_was_done_between_a_step_and_the_notice_of_it_is_of_the_new_clock(by: int) -> None:
    known = ahead_and_back(by)
    stamps = [Stamp(seq=1, at=Second(T0 - 60)), Stamp(seq=2, at=Second(T0 + by + 5))]
    assert [era for _, era in made_in(known, {1: 2, 2: 7}, stamps)] == [0, 1]


def test_of_a_second_that_no_clock_showed_nothing_is_said() -> None:
    known = ahead_and_back(2 * DAY)
    assert list(made_in(known, {1: 2, 2: 7}, [Stamp(seq=3, at=Second(T0 - DAY))])) == []

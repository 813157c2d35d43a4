"""Nothing is dropped on the word of a clock that has just leapt."""

from __future__ import annotations

import pytest

from monitor.domain.time.interval import Second
from monitor.results.log.retention import LEAP_S, QUIET_S, Retention
from tests.support.clock import START, FakeClock

DAY = 86_400


class Note:
    """A `QuietTime` that a next start finds as the one before left it."""

    def __init__(self) -> None:
        self.left_s = 0.0

    def read(self) -> float:
        return self.left_s

    def write(self, left_s: float) -> None:
        self.left_s = left_s


def test_results_are_kept_for_their_days() -> None:
    clock = FakeClock()
    kept = Retention(clock, Second(START - 10), Note())
    assert kept.keep_from(35) == START - 35 * DAY
    clock.advance(9 * DAY)
    assert kept.keep_from(7) == START + 2 * DAY


@pytest.mark.parametrize("leap", [LEAP_S + 2, 40 * DAY, 3_650 * DAY])
def test_a_wall_clock_that_leaps_forward_drops_nothing_for_a_day(leap: int) -> None:
    clock = FakeClock()
    kept = Retention(clock, START, Note())
    clock.advance(600)
    clock.step(leap)
    assert kept.keep_from(35) == 0
    clock.advance(QUIET_S - 1)
    assert kept.is_held
    clock.advance(1)
    assert kept.keep_from(35) == clock.now() - 35 * DAY


def test_a_clock_that_is_put_right_drops_only_what_is_old() -> None:
    clock = FakeClock()
    kept = Retention(clock, START, Note())
    clock.step(400 * DAY)
    assert kept.is_held
    clock.step(-400 * DAY)
    clock.advance(QUIET_S)
    assert kept.keep_from(35) == START + DAY - 35 * DAY


def test_a_start_long_after_the_last_result_drops_nothing_for_a_day() -> None:
    clock = FakeClock()
    kept = Retention(clock, Second(START - 60 * DAY), Note())
    assert kept.keep_from(35) == 0
    clock.advance(QUIET_S)
    assert kept.keep_from(35) == START + DAY - 35 * DAY


@pytest.mark.parametrize("newest", [None, Second(START - 60), Second(START - LEAP_S)])
def test_an_ordinary_start_holds_nothing(newest: Second | None) -> None:
    assert not Retention(FakeClock(), newest, Note()).is_held


@pytest.mark.parametrize("step", [-3_600, 3_600, -40 * DAY])
def test_smaller_steps_and_steps_back_hold_nothing(step: int) -> None:
    clock = FakeClock()
    kept = Retention(clock, START, Note())
    clock.step(step)
    assert not kept.is_held


@pytest.mark.parametrize("ran", [0, 3_600, QUIET_S - 10])
def test_a_restart_within_the_quiet_day_goes_on_with_it(ran: float) -> None:
    """The newest result has the wrong time too by then."""
    clock, note = FakeClock(), Note()
    clock.step(900 * DAY)
    kept = Retention(clock, START, note)
    clock.advance(ran)
    assert kept.keep_from(35) == 0
    again = Retention(clock, clock.now(), note)
    assert again.keep_from(35) == 0
    clock.advance(QUIET_S - ran - 1)
    assert again.is_held
    clock.advance(1)
    assert again.keep_from(35) == clock.now() - 35 * DAY
    assert not Retention(clock, clock.now(), note).is_held


def test_time_in_which_nobody_ran_is_no_quiet_time() -> None:
    clock, note = FakeClock(), Note()
    Retention(clock, Second(START - 3 * DAY), note)
    clock.advance(QUIET_S / 2)
    assert Retention(clock, clock.now(), note).is_held

"""Of two clocks, the one that says older is believed; what neither can tell has no age."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.time.age import SKEW_S, ClockReading, age_s
from monitor.domain.time.interval import Second

BEGUN = ClockReading(at=Second(1_790_000_000), boottime=100.0, boot_id="a")


def later(passed: int, step: int = 0, boot_id: str = "a") -> ClockReading:
    return ClockReading(
        at=Second(BEGUN.at + passed + step), boottime=BEGUN.boottime + passed, boot_id=boot_id
    )


@given(passed=st.integers(0, 10**8), step=st.integers(-(10**8), 10**8))
def test_no_step_makes_anything_younger_within_a_boot(passed: int, step: int) -> None:
    assert age_s(BEGUN, later(passed, step)) >= passed


def test_a_clock_set_forward_makes_it_older() -> None:
    assert age_s(BEGUN, later(10, 3_600)) == 3_610


def test_of_another_boot_there_is_the_wall_clock_alone() -> None:
    assert age_s(BEGUN, later(90, boot_id="b")) == 90
    assert age_s(BEGUN, later(0, -SKEW_S, boot_id="b")) == 0
    assert age_s(BEGUN, later(0, -SKEW_S - 1, boot_id="b")) == math.inf


def test_what_was_read_by_the_wall_clock_alone_is_of_no_boot() -> None:
    old = ClockReading(at=BEGUN.at)
    assert age_s(old, ClockReading(at=Second(BEGUN.at + 7))) == 7
    assert age_s(old, ClockReading(at=Second(BEGUN.at - 3_600))) == math.inf

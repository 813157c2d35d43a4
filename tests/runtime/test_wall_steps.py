"""Who waits for a time of day learns that the clock was set, and by how much."""

from __future__ import annotations

import pytest

from monitor.runtime.wall_steps import WallSteps
from tests.support.clock import FakeClock


@pytest.mark.parametrize("step", [-3_600, 3_600, -40 * 86_400, -2])
def test_a_step_is_told_once(step: int) -> None:
    steps = WallSteps(clock := FakeClock())
    clock.step(step)
    clock.advance(5)
    assert steps.take() == pytest.approx(step)
    clock.advance(600)
    assert steps.take() == 0


def test_a_clock_that_is_slewed_was_not_set() -> None:
    steps = WallSteps(clock := FakeClock())
    for _ in range(100):
        clock.advance(1)
        clock.step(-0.5)
        assert steps.take() == 0

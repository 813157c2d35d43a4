"""The fake clock keeps the promise of the port."""

from __future__ import annotations

from monitor.ports.clock import Clock
from tests.support.clock import FakeClock, second


def test_it_is_a_clock() -> None:
    clock: Clock = FakeClock.at("2026-10-01T00:00:00-03:00")
    assert clock.now() == second("2026-10-01T03:00:00Z")


def test_it_moves_both_hands_when_time_goes_by_and_one_when_it_is_set() -> None:
    clock = FakeClock()
    began = clock.now()
    clock.advance(30)
    clock.step(-3600)
    assert (clock.now() - began, clock.monotonic()) == (30 - 3600, 30)

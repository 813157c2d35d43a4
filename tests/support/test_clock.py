"""The fake clock keeps the promise of the port."""

from __future__ import annotations

from monitor.domain.time.clock import Clock
from tests.support.clock import FakeClock, second


def test_it_is_a_clock() -> None:
    clock: Clock = FakeClock.at("2026-10-01T00:00:00-03:00")
    assert clock.now() == second("2026-10-01T03:00:00Z")


def test_it_moves_every_hand_when_time_goes_by_and_one_when_it_is_set() -> None:
    clock = FakeClock()
    began = clock.now()
    clock.advance(30)
    clock.step(-3600)
    assert (clock.now() - began, clock.monotonic(), clock.boottime()) == (30 - 3600, 30, 30)


def test_a_reboot_begins_all_but_the_wall_clock_anew() -> None:
    clock = FakeClock(monotonic=5, boottime=7)
    began = clock.now()
    clock.reboot(boot_id="boot-2")
    assert (clock.monotonic(), clock.boottime(), clock.boot_id()) == (0, 0, "boot-2")
    assert clock.now() == began

"""Whose turn it is: each slot once or never, one run of a check at a time, no stampede."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.scheduling.grid_clock import GridClock
from monitor.scheduling.scheduler import ScheduledRun, Scheduler
from monitor.scheduling.timer_wheel import GRID_S, TICKS_PER_SECOND, Tick, TimerWheel, phase_of
from tests.support.catalogues import a_check, a_revision
from tests.support.clock import START, FakeClock


def slots_of(
    clock: FakeClock, *checks: Check, max_concurrent: int = 200, starts_per_tick: int = 20
) -> Scheduler:
    slots = Scheduler(clock)
    bounded = a_revision(checks, max_concurrent=max_concurrent, starts_per_tick=starts_per_tick)
    slots.adopt([bounded])
    return slots


def sleep_until_due(clock: FakeClock, slots: Scheduler) -> None:
    clock.advance(max(0.0, slots.wake_at() - clock.monotonic()))


def turns_within(clock: FakeClock, slots: Scheduler, seconds: float) -> list[ScheduledRun]:
    """Everything that begins while time goes by, each look over at once."""
    begun: list[ScheduledRun] = []
    end = clock.monotonic() + seconds
    while slots.wake_at() < end:
        sleep_until_due(clock, slots)
        for turn in slots.take():
            begun.append(turn)
            finish(slots, turn)
    clock.advance(end - clock.monotonic())
    return begun


def finish(slots: Scheduler, turn: ScheduledRun) -> None:
    slots.ended(turn)
    slots.logged(turn)


def first_turn(clock: FakeClock, slots: Scheduler) -> ScheduledRun:
    while not (begun := slots.take()):
        sleep_until_due(clock, slots)
    (turn,) = begun
    return turn


def slot_numbers(turns: Sequence[ScheduledRun]) -> list[int]:
    return [turn.slot - START for turn in turns]


def test_it_begins_each_check_once_an_interval() -> None:
    clock = FakeClock()
    begun = turns_within(clock, slots_of(clock, a_check(interval=20)), 101)
    slots = slot_numbers(begun)
    assert len(slots) == 5
    assert {b - a for a, b in pairwise(slots)} == {20}


def test_it_begins_within_a_millisecond_of_the_grid() -> None:
    clock = FakeClock(monotonic=12_345.678)
    slots = slots_of(clock, *(a_check(f"c{n}", interval=5) for n in range(50)))
    late = []
    for _ in range(200):
        sleep_until_due(clock, slots)
        late += [clock.monotonic() - turn.due_at for turn in slots.take()]
    assert len(late) > 40
    assert all(-0.001 <= seconds < GRID_S for seconds in late)


def test_it_gives_a_check_the_same_slots_after_a_restart() -> None:
    clock = FakeClock()
    before = turns_within(clock, slots_of(clock, a_check(interval=30)), 90)
    clock.advance(7.3)
    after = turns_within(clock, slots_of(clock, a_check(interval=30)), 90)
    assert len({slot % 30 for slot in slot_numbers(before + after)}) == 1


def test_it_spreads_checks_over_their_interval() -> None:
    wheel = TimerWheel(a_check(f"check-{n}", interval=20) for n in range(2000))
    crowd = [len(wheel.due(Tick(tick))) for tick in range(20 * TICKS_PER_SECOND)]
    assert sum(crowd) == 2000
    assert max(crowd) < 20


def test_it_knows_the_wheel_by_any_tick() -> None:
    checks = [a_check(f"c{n}", interval=interval) for n, interval in enumerate((1, 3, 20, 300))]
    wheel = TimerWheel(checks)
    ticks = range(10**9, 10**9 + 600 * TICKS_PER_SECOND)
    slow = [t for t in ticks if any((t - phase_of(c.id, c.interval)) % (c.interval * 20) == 0
                                    for c in checks)]  # fmt: skip
    assert list(wheel.between(Tick(ticks[0]), Tick(ticks[-1]))) == slow
    assert TimerWheel(()).next_from(Tick(5)) is None


def test_it_leaves_checks_of_other_locations_alone() -> None:
    clock = FakeClock()
    elsewhere = a_check("far", locations=(LocationId("mza"),))
    begun = turns_within(clock, slots_of(clock, a_check("near"), elsewhere), 60)
    assert {turn.check.id for turn in begun} == {"near"}


def test_it_runs_a_late_slot_until_the_next_one_is_due() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=20))
    first = first_turn(clock, slots)
    clock.advance(20 + 19.9)
    assert slots.take() == []
    finish(slots, first)
    (late,) = slots.take()
    assert (late.slot - first.slot, slots.missed) == (20, 0)
    assert clock.monotonic() - late.due_at == pytest.approx(19.9, abs=0.06)


def test_it_misses_a_slot_once_the_next_one_is_due() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=20))
    first = first_turn(clock, slots)
    clock.advance(40.1)
    assert slots.take() == []
    finish(slots, first)
    (turn,) = slots.take()
    assert (turn.slot - first.slot, slots.missed) == (40, 1)


def test_it_counts_what_a_stopped_process_missed() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check("a", interval=20), a_check("b", interval=5))
    turns_within(clock, slots, 40)
    clock.advance(3600)
    begun = slots.take()
    assert sorted(turn.check.id for turn in begun) == ["a", "b"]
    assert slots.missed == 3600 // 20 + 3600 // 5 - 2
    for turn in begun:
        finish(slots, turn)
    assert len(turns_within(clock, slots, 100)) == 5 + 20


def test_it_never_runs_a_check_twice_at_a_time() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=1))
    turn = first_turn(clock, slots)
    for _ in range(10):
        sleep_until_due(clock, slots)
        assert slots.take() == []
    slots.ended(turn)
    assert slots.take() == []
    assert slots.logged(turn)
    assert len(slots.take()) == 1


def test_it_bounds_how_many_run_at_once() -> None:
    clock = FakeClock()
    checks = [a_check(f"c{n}", interval=10) for n in range(30)]
    slots = slots_of(clock, *checks, max_concurrent=7)
    running: list[ScheduledRun] = []
    for _ in range(200):
        sleep_until_due(clock, slots)
        running += slots.take()
    assert len(running) == 7
    slots.ended(running[0])
    sleep_until_due(clock, slots)
    assert len(slots.take()) == 1


def test_it_bounds_how_many_begin_in_a_tick() -> None:
    clock = FakeClock()
    checks = [a_check(f"c{n}", interval=60) for n in range(100)]
    slots = slots_of(clock, *checks, starts_per_tick=4)
    clock.advance(61.5)
    begun: Counter[int] = Counter()
    while sum(begun.values()) < 100:
        begun[int(clock.monotonic() / GRID_S + 0.5)] += len(slots.take())
        sleep_until_due(clock, slots)
    assert set(begun.values()) - {0} == {4}


def test_it_keeps_up_where_the_bound_is_below_what_is_due() -> None:
    clock = FakeClock()
    checks = [a_check(f"c{n}", interval=1) for n in range(200)]
    slots = slots_of(clock, *checks, starts_per_tick=1)
    turns_within(clock, slots, 3)
    assert len(turns_within(clock, slots, 10)) == 2000
    assert slots.missed == 0


def test_it_changes_over_at_the_second_that_a_revision_names() -> None:
    clock = FakeClock()
    slots = Scheduler(clock)
    old = a_revision([a_check("stays", interval=1), a_check("goes", interval=1)], number=1)
    new = a_revision([a_check("stays", interval=1), a_check("comes", interval=1)],
                     number=2, effective_from=START + 10)  # fmt: skip
    slots.adopt([old, new])
    begun = turns_within(clock, slots, 20)
    assert {(t.revision, t.slot - START >= 10) for t in begun} == {(1, False), (2, True)}
    assert {t.check.id for t in begun if t.revision == 1} == {"stays", "goes"}
    assert {t.check.id for t in begun if t.revision == 2} == {"stays", "comes"}
    stays = slot_numbers([t for t in begun if t.check.id == "stays"])
    assert stays == list(range(1, 20))


def test_it_changes_over_at_that_second_after_a_stall_too() -> None:
    clock = FakeClock()
    slots = Scheduler(clock)
    checks = [a_check("a", interval=60), a_check("b", interval=60)]
    changed = a_revision(checks, number=2, effective_from=START + 30)
    slots.adopt([a_revision(checks, number=1), changed])
    clock.advance(59.99)
    begun = slots.take()
    assert {(t.revision, t.slot - START >= 30) for t in begun} <= {(1, False), (2, True)}
    assert len(begun) == 2


def test_it_keeps_a_waiting_slot_and_a_run_across_a_change_of_revision() -> None:
    clock = FakeClock()
    slots = Scheduler(clock)
    check = a_check(interval=10)
    slots.adopt([a_revision([check], number=1)])
    first = first_turn(clock, slots)
    clock.advance(10)
    assert slots.take() == []
    slots.adopt([a_revision([check], number=1), a_revision([check], number=2,
                 effective_from=clock.now() + 1)])  # fmt: skip
    clock.advance(5)
    assert slots.take() == []
    finish(slots, first)
    (waited,) = slots.take()
    assert (waited.revision, waited.slot - first.slot) == (1, 10)


def test_it_does_not_begin_a_slot_that_was_used_before_a_restart() -> None:
    clock = FakeClock()
    plain = turns_within(clock, slots_of(clock, a_check(interval=1)), 60)
    clock.step(-0.9)
    slots = Scheduler(clock, time=GridClock(clock, used=plain[-1].slot))
    slots.adopt([a_revision([a_check(interval=1)])])
    assert turns_within(clock, slots, 10)[0].slot == plain[-1].slot + 1


def test_it_wakes_at_once_a_second_to_look_at_the_wall() -> None:
    clock = FakeClock()
    idle = Scheduler(clock)
    assert idle.wake_at() - clock.monotonic() == 1.0
    assert idle.take() == []
    rare = slots_of(clock, a_check(interval=3600))
    rare.take()
    assert rare.wake_at() - clock.monotonic() <= 1.0


def test_it_leaves_the_second_in_which_it_started_to_the_process_before() -> None:
    clock = FakeClock()
    clock.advance(0.05)
    slots = slots_of(clock, *(a_check(f"c{n}", interval=1) for n in range(40)))
    begun: list[ScheduledRun] = []
    for _ in range(60):
        begun += slots.take()
        clock.advance(GRID_S)
    assert min(slot_numbers(begun)) == 1

"""What happens to slots when somebody sets the wall clock, and to any script of bad luck."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.checks.observation import CheckId
from monitor.scheduling.grid_clock import GridClock
from monitor.scheduling.scheduler import ScheduledRun, Scheduler
from monitor.scheduling.timer_wheel import phase_of
from tests.scheduling.test_scheduler import finish, first_turn, slot_numbers, slots_of, turns_within
from tests.support.catalogues import a_check, a_revision
from tests.support.clock import START, FakeClock

HOUR = 3600


def test_it_makes_a_gap_of_the_time_that_a_forward_step_skips() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    before = turns_within(clock, slots, 60)
    clock.step(HOUR)
    after = turns_within(clock, slots, 60)
    assert (len(before), len(after)) == (6, 6)
    assert slot_numbers(after)[0] - slot_numbers(before)[-1] > HOUR - 10
    assert (slots.time.steps, slots.time.last_step_s, slots.missed) == (1, HOUR, 0)


def test_it_goes_on_at_once_after_a_backward_step_in_an_era_of_its_own() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    before = turns_within(clock, slots, 2 * HOUR)
    clock.step(-HOUR)
    after = turns_within(clock, slots, HOUR)
    assert len(after) == 360
    assert ({t.era for t in before}, {t.era for t in after}) == ({0}, {1})
    assert (slots.time.steps, slots.time.last_step_s) == (1, -HOUR)


def test_it_does_not_believe_a_clock_that_goes_back_too_far() -> None:
    clock = FakeClock()
    time = GridClock(clock, may_follow=lambda at: at > START - HOUR)
    slots = Scheduler(clock, time=time)
    slots.adopt([a_revision([a_check(interval=10)], effective_from=START)])
    before = turns_within(clock, slots, 60)
    clock.step(-40 * 24 * HOUR)
    after = turns_within(clock, slots, 60)
    assert slot_numbers(after)[0] - slot_numbers(before)[-1] == 10
    assert slots.era == 0
    assert time.distrusted_s == pytest.approx(40 * 24 * HOUR)
    clock.step(40 * 24 * HOUR)
    turns_within(clock, slots, 60)
    assert (slots.era, time.distrusted_s) == (0, 0.0)


def test_it_goes_on_at_once_where_a_wrong_clock_is_put_right() -> None:
    year = 365 * 24 * HOUR
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    true = turns_within(clock, slots, 100)
    clock.step(year)
    wrong = turns_within(clock, slots, 100)
    clock.step(-year)
    right = turns_within(clock, slots, 100)
    assert (len(true), len(wrong), len(right)) == (10, 10, 10)
    assert len({(turn.era, turn.slot) for turn in true + wrong + right}) == 30


def test_it_goes_on_at_once_where_it_was_started_with_a_wrong_clock() -> None:
    clock = FakeClock()
    clock.step(24 * HOUR)
    slots = slots_of(clock, a_check(interval=10))
    turns_within(clock, slots, 50)
    clock.step(-24 * HOUR)
    assert len(turns_within(clock, slots, 100)) == 10


def test_a_machine_that_slept_had_its_clock_set_by_nobody() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    before = turns_within(clock, slots, 60)
    clock.suspend(HOUR)
    after = turns_within(clock, slots, 60)
    assert (slots.era, slots.time.steps) == (0, 0)
    assert HOUR - 10 < slot_numbers(after)[0] - slot_numbers(before)[-1] <= HOUR + 10


def test_a_correction_begins_no_era_and_uses_no_second_twice() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=1))
    numbers = slot_numbers(turns_within(clock, slots, 20))
    for step in (-3, 5, -8, 2):
        clock.step(step)
        numbers += slot_numbers(turns_within(clock, slots, 20))
    assert len(set(numbers)) == len(numbers)
    assert (slots.era, slots.time.steps) == (0, 4)


@pytest.mark.parametrize("is_restarted", [True, False])
def test_it_keeps_to_the_newest_configuration_where_the_clock_is_set_back(
    is_restarted: bool,
) -> None:
    clock = FakeClock()
    old = a_revision([a_check(interval=10)], effective_from=START)
    new = a_revision([a_check(interval=20)], number=2, effective_from=START + 60)
    slots = Scheduler(clock)
    slots.adopt([old, new])
    turns_within(clock, slots, 120)
    clock.step(-HOUR)
    if is_restarted:
        slots = Scheduler(clock)
        slots.adopt([old, new])
    assert {turn.revision for turn in turns_within(clock, slots, 300)} == {2}


@pytest.mark.parametrize("step", [0.9, -0.9])
def test_it_bears_a_small_correction(step: float) -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    turns_within(clock, slots, 50)
    clock.step(step)
    assert len(turns_within(clock, slots, 100)) == 10
    assert slots.time.steps == 0


def test_it_notices_small_corrections_that_add_up() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=10))
    for _ in range(4):
        clock.step(0.4)
        turns_within(clock, slots, 10)
    assert slots.time.steps == 1


def test_it_measures_lateness_on_the_monotonic_clock() -> None:
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=20))
    first = first_turn(clock, slots)
    clock.advance(20.2)
    slots.take()
    clock.step(HOUR)
    finish(slots, first)
    (late,) = slots.take()
    assert clock.monotonic() - late.due_at == pytest.approx(0.2, abs=0.06)


class AnyLuck(RuleBasedStateMachine):
    """Time goes by, stalls, steps; looks last as long as they like; the catalogue changes."""

    INTERVALS = (1, 2, 7, 20)

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock(monotonic=1_000.0)
        self.slots = Scheduler(self.clock)
        self.running: dict[CheckId, ScheduledRun] = {}
        self.held: dict[CheckId, ScheduledRun] = {}
        self.issued: Counter[tuple[CheckId, int, int]] = Counter()
        self.order: dict[tuple[CheckId, int], list[int]] = defaultdict(list)
        self.steps = 0
        self.number = 0
        self.revisions = [self.revision(len(self.INTERVALS), START)]
        self.slots.adopt(self.revisions)

    def revision(self, checks: int, begins: int) -> CatalogueRevision:
        self.number += 1
        return a_revision(
            [a_check(f"c{n}", interval=self.INTERVALS[n]) for n in range(checks)],
            number=self.number, effective_from=begins, max_concurrent=3, starts_per_tick=2,
        )  # fmt: skip

    @rule(seconds=st.floats(0, 3) | st.floats(0, 90))
    def time_goes_by(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.take()

    @rule()
    def it_wakes_when_it_asked_to(self) -> None:
        self.clock.advance(max(0.0, self.slots.wake_at() - self.clock.monotonic()))
        self.take()

    @rule(seconds=st.floats(-200, 200))
    def the_wall_is_set(self, seconds: float) -> None:
        self.clock.step(seconds)
        self.take()

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def a_look_ends(self, data: st.DataObject) -> None:
        check = data.draw(st.sampled_from(sorted(self.running)))
        turn = self.held[check] = self.running.pop(check)
        self.slots.ended(turn)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def a_result_is_logged(self, data: st.DataObject) -> None:
        check = data.draw(st.sampled_from(sorted(self.held)))
        self.slots.logged(self.held.pop(check))
        self.take()

    @rule(checks=st.integers(0, 4), ahead=st.integers(0, 60))
    def the_catalogue_changes(self, checks: int, ahead: int) -> None:
        self.revisions.append(self.revision(checks, self.clock.now() + ahead))
        self.slots.adopt(self.revisions)

    def take(self) -> None:
        for turn in self.slots.take():
            check = turn.check.id
            assert check not in self.running
            assert check not in self.held
            assert turn.slot % turn.check.interval == phase_of(check, turn.check.interval) // 20
            assert turn.due_at - 0.002 <= self.clock.monotonic() < turn.void_at
            self.running[check] = turn
            self.issued[check, turn.era, turn.slot] += 1
            self.order[check, self.slots.time.steps].append(turn.slot)

    @invariant()
    def no_slot_is_issued_twice_within_an_era(self) -> None:
        assert not [slot for slot, times in self.issued.items() if times > 1]

    @invariant()
    def slots_of_a_check_go_forward_between_steps(self) -> None:
        for slots in self.order.values():
            assert slots[1:] == sorted(slots[1:])

    @invariant()
    def few_run_at_once(self) -> None:
        assert len(self.running) <= 3


TestAnyLuck = AnyLuck.TestCase
TestAnyLuck.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@settings(max_examples=60, deadline=None)
@given(
    interval=st.integers(1, 30),
    lasts=st.lists(st.floats(0, 70), min_size=1, max_size=20),
    stalls=st.lists(st.floats(0, 70), min_size=1, max_size=20),
)
def test_it_accounts_for_every_slot(interval: int, lasts: list[float], stalls: list[float]) -> None:
    """Begun, missed, or still waiting: together all that came due."""
    clock = FakeClock()
    slots = slots_of(clock, a_check(interval=interval))
    begun = 0
    for last, stall in zip(lasts, stalls, strict=False):
        for turn in slots.take():
            begun += 1
            clock.advance(last)
            finish(slots, turn)
        clock.advance(stall)
    waiting = len(slots.take())
    phase = phase_of(CheckId("web"), interval)
    first, now = 20 * (START + 1), slots.time.now()
    due = (now - phase) // (20 * interval) - (first - 1 - phase) // (20 * interval)
    assert begun + slots.missed + waiting == max(0, due)

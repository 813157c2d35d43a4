"""A process that stood still gives the time back, and believes nothing that hangs on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from monitor.domain.catalogue import Thresholds
from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.domain.checks.probe import Context
from monitor.scheduling.check_run import NO_THRESHOLDS, CheckRun
from monitor.scheduling.stalls import BEAT_S, LAG_S, WINDOW_S, StallDetector
from monitor.scheduling.timers import Timers
from probes._failures import BY_ID
from tests.support.clock import FakeClock

UP = Observation(outcome=Outcome.UP, phases_ms={"connect": 7_005.0}, evidence={"status": 200})
ERROR_PAGE = Observation(outcome=Outcome.DOWN, failure=FailureId("status_mismatch"))
TIMED_OUT = Observation(
    outcome=Outcome.DOWN,
    failure=FailureId("greeting_timeout"),
    message="late",
    is_time_dependent=True,
)


@contextmanager
def watching(clock: FakeClock) -> Iterator[StallDetector]:
    stalls = StallDetector(clock.monotonic)
    stalls.start()
    try:
        yield stalls
    finally:
        stalls.stop()


def come_round_late(stalls: StallDetector, clock: FakeClock, *, late_s: float, times: int) -> None:
    """So often the loop comes round, each time so late."""
    for _ in range(times):
        clock.advance(BEAT_S + late_s)
        if stalls._timer is not None:
            stalls._timer.cancel()
        stalls._beat()


async def test_it_is_found_by_whoever_asks_first() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        clock.advance(BEAT_S + LAG_S / 2)
        assert stalls.lost_s() == 0
        clock.advance(6)
        assert stalls.lost_s() == pytest.approx(LAG_S / 2 + 6)
        assert stalls.lost_s() == pytest.approx(LAG_S / 2 + 6), "each is counted once"
        assert (stalls.count, stalls.recent(), stalls.standstills) == (1, 1, 1)


async def test_half_of_ten_seconds_that_is_lost_in_pieces_is_a_stall() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        come_round_late(stalls, clock, late_s=0.3, times=16)
        assert stalls.lost_s() == pytest.approx(4.8)
        assert stalls.count == 0
        come_round_late(stalls, clock, late_s=0.3, times=1)
        assert (stalls.count, stalls.recent(), stalls.standstills) == (1, 1, 0)


async def test_a_busy_machine_that_takes_a_third_of_the_time_does_not_stand_still() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        come_round_late(stalls, clock, late_s=0.025, times=8_000)
        assert stalls.lost_s() == pytest.approx(200)
        assert (stalls.count, stalls.recent()) == (0, 0)


async def test_pieces_far_apart_are_none() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        for _ in range(10):
            come_round_late(stalls, clock, late_s=0.9, times=1)
            come_round_late(stalls, clock, late_s=0.0, times=200)
        assert stalls.count == 0


async def test_it_is_told_of_for_five_minutes() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        for _ in range(3):
            clock.advance(10)
            stalls.lost_s()
        assert stalls.recent() == 3
        # The loop that beats is the test's own: here it comes round in no time.
        stalls._due_at = clock.monotonic() + WINDOW_S
        clock.advance(WINDOW_S)
        assert (stalls.recent(), stalls.count) == (1, 3)


async def test_it_names_whose_looks_took_most_of_the_time() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        come_round_late(stalls, clock, late_s=2, times=4)
        assert stalls.culprit() == ""
        stalls.attribute("web", 1.0)
        assert stalls.culprit() == "", "a step that a paused machine cut is no proof"
        for name, held_s in (("live", 1.0), ("vod", 1.5), ("live", 1.0)):
            stalls.attribute(name, held_s)
        assert stalls.culprit() == "live"
        clock.advance(WINDOW_S + 1)
        assert stalls.culprit() == ""


async def test_nothing_is_a_stall_before_the_start_and_after_the_end() -> None:
    clock = FakeClock()
    stalls = StallDetector(clock.monotonic)
    clock.advance(100)
    assert stalls.lost_s() == 0
    stalls.start()
    stalls.stop()
    clock.advance(100)
    assert stalls.lost_s() == 0


async def test_a_stall_puts_off_the_moments_that_were_set_before_it() -> None:
    clock = FakeClock(monotonic=monotonic())
    rung: list[str] = []
    with watching(clock) as stalls:
        timers = Timers(stalls)
        timers.set(monotonic() + 0.001, lambda: rung.append("early"))
        clock.advance(60)
        timers._wake()
        assert rung == [], "the sockets have their turn before the deadline has"
        timers.set(monotonic(), lambda: rung.append("now"))
        timers._wake()
        assert rung == ["now"]
        timers.close()


class GivenProbe:
    """Answers with what it is given, in its own time."""

    def start(self, spec: asyncio.Future[Observation], context: Context) -> Awaitable[Observation]:
        return spec


async def seen_over_a_stall(
    answer: Observation, thresholds: Thresholds = NO_THRESHOLDS
) -> Observation:
    clock = FakeClock()
    with watching(clock) as stalls:
        given: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        timers = Timers(stalls)
        under_way = CheckRun(GivenProbe(), given, timers, timeout_s=5, thresholds=thresholds)
        clock.advance(7)
        given.set_result(answer)
        found = under_way.seen()
        timers.close()
    assert found is not None
    return found


@pytest.mark.parametrize("answer", [UP, ERROR_PAGE])
async def test_an_answer_that_came_is_judged_and_is_in_no_latency(answer: Observation) -> None:
    seen = await seen_over_a_stall(answer)
    assert (seen.outcome, seen.failure) == (answer.outcome, answer.failure)
    assert (seen.phases_ms, seen.evidence["stalled_s"]) == ({}, 7.0)


async def test_what_hangs_on_time_is_unknown_and_what_was_held_is_told() -> None:
    seen = await seen_over_a_stall(TIMED_OUT)
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "stalled_monitor")
    assert (seen.evidence["held"], seen.evidence["held_message"]) == ("greeting_timeout", "late")


async def test_a_slowness_is_unknown() -> None:
    seen = await seen_over_a_stall(UP, Thresholds(slow_ms=1000))
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "stalled_monitor")
    assert (seen.evidence["held"], seen.phases_ms) == ("too_slow", {})


async def test_a_look_that_begins_on_waking_is_no_look_over_the_stall() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        clock.advance(7)
        given: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        timers = Timers(stalls)
        under_way = CheckRun(GivenProbe(), given, timers, timeout_s=5)
        given.set_result(TIMED_OUT)
        assert under_way.seen() is TIMED_OUT
        timers.close()


async def test_a_probe_that_overran_meanwhile_broke_nothing() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        given: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        timers = Timers(stalls)
        under_way = CheckRun(GivenProbe(), given, timers, timeout_s=5)
        clock.advance(7)
        under_way._cut_off()
        seen = under_way.seen()
        timers.close()
    assert seen is not None
    assert (seen.failure, seen.evidence["held"]) == ("stalled_monitor", "probe_error")


async def seen_by_a_late_loop(
    answer: Observation, slow_ms: float | None = None, *, late_s: float, in_time: int = 0
) -> Observation:
    """A look of five seconds over which the loop came round late four times."""
    clock = FakeClock()
    with watching(clock) as stalls:
        given: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        timers = Timers(stalls)
        thresholds = Thresholds(slow_ms=slow_ms)
        under_way = CheckRun(GivenProbe(), given, timers, timeout_s=5, thresholds=thresholds)
        come_round_late(stalls, clock, late_s=late_s, times=4)
        come_round_late(stalls, clock, late_s=0, times=in_time)
        given.set_result(answer)
        found = under_way.seen()
        timers.close()
    assert found is not None
    return found


SLOW = Observation(outcome=Outcome.UP, phases_ms={"processing": 1_500.0})


async def test_a_slowness_that_a_late_loop_may_have_made_is_unknown() -> None:
    seen = await seen_by_a_late_loop(SLOW, 1000, late_s=0.3)
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "stalled_monitor")
    assert (seen.evidence["held"], seen.evidence["stalled_s"]) == ("too_slow", 1.2)


async def test_a_slowness_that_is_more_than_the_lateness_is_believed() -> None:
    seen = await seen_by_a_late_loop(SLOW, 1000, late_s=0.1, in_time=20)
    assert (seen.outcome, seen.failure) == (Outcome.DEGRADED, "too_slow")


async def test_nothing_that_hangs_on_time_is_believed_of_a_look_that_was_mostly_late() -> None:
    seen = await seen_by_a_late_loop(TIMED_OUT, late_s=0.9)
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "stalled_monitor")


async def test_a_time_out_is_believed_where_most_of_the_time_was_the_targets() -> None:
    seen = await seen_by_a_late_loop(TIMED_OUT, late_s=0.3, in_time=80)
    assert seen is TIMED_OUT


async def test_a_look_that_is_ended_for_having_lasted_too_long_accuses_nobody() -> None:
    clock = FakeClock()
    with watching(clock) as stalls:
        timers = Timers(stalls)
        under_way = CheckRun(HangingProbe(), None, timers, timeout_s=5, most_lost_s=10)
        come_round_late(stalls, clock, late_s=0.95, times=12)
        under_way.end_if_overdue()
        assert not under_way.over.done(), "15 s are its time and an interval"
        come_round_late(stalls, clock, late_s=0.95, times=3)
        under_way.end_if_overdue()
        seen = under_way.seen()
        timers.close()
    assert seen is not None
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "stalled_monitor")


class HangingProbe:
    """Says at its deadline that time ran out."""

    def start(self, spec: None, context: Context) -> Awaitable[Observation]:
        given: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        assert context.at_deadline is not None
        context.at_deadline(lambda: given.set_result(TIMED_OUT))
        return given


def test_every_shared_class_of_time_running_out_says_so() -> None:
    by_name = {name for name in BY_ID if name.endswith("_timeout")}
    declared = {name for name, failure in BY_ID.items() if failure.is_timing}
    assert declared == by_name | {"conn_reset", "too_slow"}

"""One look ends in time, whatever the probe does, and says what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import pytest

from monitor.domain.catalogue import Thresholds
from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.checks.probe import MEMORY_LIMIT, Context
from monitor.scheduling.check_run import GRACE_S, NO_THRESHOLDS, PROBE_ERROR, run_check

UP = Observation(outcome=Outcome.UP, phases_ms={"connect": 40.0, "transfer": 80.0})


class ScriptedProbe:
    """A probe that does what its specification, a function of the context, does."""

    def start(
        self, spec: Callable[[Context], Awaitable[Observation]], context: Context
    ) -> Awaitable[Observation]:
        return spec(context)


async def see(
    script: Callable[[Context], Awaitable[Observation]],
    timeout_s: float = 5.0,
    thresholds: Thresholds = NO_THRESHOLDS,
) -> Observation:
    return await run_check(ScriptedProbe(), script, timeout_s=timeout_s, thresholds=thresholds)


async def test_it_hands_on_what_the_probe_saw() -> None:
    async def script(context: Context) -> Observation:
        return UP

    assert await see(script) is UP


async def test_it_takes_a_future_that_needs_no_task() -> None:
    def script(context: Context) -> Awaitable[Observation]:
        done = asyncio.get_running_loop().create_future()
        done.set_result(UP)
        return done

    assert await see(script) is UP


async def test_it_gives_the_deadline_on_the_monotonic_clock() -> None:
    left: list[float] = []

    async def script(context: Context) -> Observation:
        left.append(context.deadline - monotonic())
        return UP

    await see(script, timeout_s=7.0)
    assert 6.5 < left[0] <= 7.0


async def test_it_calls_a_slow_look_degraded() -> None:
    async def script(context: Context) -> Observation:
        return UP

    seen = await see(script, thresholds=Thresholds(slow_ms=100.0))
    assert (seen.outcome, seen.failure) == (Outcome.DEGRADED, "too_slow")
    assert seen.phases_ms == UP.phases_ms


@pytest.mark.parametrize("error", [RuntimeError("boom"), TimeoutError("boom"), OSError("boom")])
async def test_it_turns_a_bug_into_an_unknown_that_names_it(error: Exception) -> None:
    async def script(context: Context) -> Observation:
        raise error

    seen = await see(script)
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, PROBE_ERROR)
    assert "boom" in seen.message


async def test_it_catches_what_breaks_before_the_first_await() -> None:
    def script(context: Context) -> Awaitable[Observation]:
        raise KeyError("host")

    assert (await see(script)).failure == PROBE_ERROR


async def test_it_cuts_off_a_probe_that_ignores_its_deadline() -> None:
    async def script(context: Context) -> Observation:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("unreachable")

    began = monotonic()
    seen = await see(script, timeout_s=0.05)
    assert monotonic() - began < 0.05 + GRACE_S + 0.25
    assert seen.message == "the probe did not stop at its deadline of 0.05 s"


async def test_it_lets_cancellation_through() -> None:
    async def script(context: Context) -> Observation:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("unreachable")

    task = asyncio.ensure_future(see(script))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_drops_a_memory_that_is_too_large() -> None:
    async def script(context: Context) -> Observation:
        return Observation(outcome=Outcome.UP, memory=b"x" * (MEMORY_LIMIT + 1))

    assert (await see(script)).memory is None


async def test_a_probe_that_cancels_itself_is_a_bug_of_its_own() -> None:
    async def script(context: Context) -> Observation:
        raise asyncio.CancelledError

    seen = await see(script)
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, PROBE_ERROR)
    assert "cancelled itself" in seen.message

"""Slots become looks become results: in order, one run at a time, drained at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from monitor.domain.catalogue import Check, ConnectivitySettings
from monitor.domain.checks.observation import CheckId, FailureId, Observation, Outcome, Result
from monitor.domain.checks.probe import Context
from monitor.scheduling import runner as runner_module
from monitor.scheduling.connectivity_check import ConnectivityCheck
from monitor.scheduling.probe_state import ProbeStates
from monitor.scheduling.runner import Runner
from monitor.scheduling.scheduler import Scheduler
from monitor.scheduling.stalls import StallDetector
from monitor.scheduling.timer_wheel import GRID_S
from tests.scheduling.test_connectivity_check import settle
from tests.support.catalogues import a_check, a_revision
from tests.support.clock import FakeClock

UP = Observation(outcome=Outcome.UP, phases_ms={"connect": 1.0})
DOWN = Observation(outcome=Outcome.DOWN, failure=FailureId("conn_refused"))
LINE = ConnectivitySettings(id="line", targets=("192.0.2.1:53",))


@dataclass
class HeldProbe:
    """A probe whose looks end when the test says so; the specification names each."""

    looks: list[tuple[str, asyncio.Future[Observation]]] = field(default_factory=list)
    recalled: list[bytes | None] = field(default_factory=list)

    def start(self, spec: str, context: Context) -> Awaitable[Observation]:
        answer: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        self.looks.append((spec, answer))
        self.recalled.append(context.memory)
        return answer

    def end(self, number: int, seen: Observation = UP) -> None:
        self.looks[number][1].set_result(seen)


@dataclass
class Stage:
    """A runner on a clock that only the test moves; its timers are rung by hand."""

    clock: FakeClock
    runner: Runner
    probe: HeldProbe
    logged: list[tuple[Result, bytes | None]]
    gate: list[asyncio.Future[bool]]
    slots: Scheduler
    stop: asyncio.Event

    async def until_looks(self, count: int) -> None:
        """Let time go by until so many looks have begun."""
        for _ in range(10_000):
            if len(self.probe.looks) >= count:
                return
            await self.pass_time(0.05)
        raise AssertionError(f"only {len(self.probe.looks)} looks began")

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.runner._wake()
        await settle()

    @property
    def outcomes(self) -> list[tuple[str, str | None]]:
        return [(r.outcome.value, r.failure) for r, _ in self.logged]


@pytest.fixture(autouse=True)
def _no_spacing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks of a gate real time would go by."""
    monkeypatch.setattr(runner_module, "ConnectivityCheck", partial(ConnectivityCheck, spacing_s=0))


@asynccontextmanager
async def staged(
    *checks: Check,
    kept: dict[CheckId, bytes] | None = None,
    drain: bool = True,
    stalls_too: bool = False,
) -> AsyncIterator[Stage]:
    clock, probe = FakeClock(), HeldProbe()
    logged: list[tuple[Result, bytes | None]] = []
    gate: list[asyncio.Future[bool]] = []

    stop = asyncio.Event()

    async def reach(target: str, timeout_s: float) -> bool:
        gate.append(asyncio.get_running_loop().create_future())
        return stop.is_set() or await gate[-1]

    slots = Scheduler(clock)
    runner = Runner(
        clock=clock,
        slots=slots,
        probes={"scripted": probe},
        reach=reach,
        offer=lambda result, memory: logged.append((result, memory)),
        probe_states=ProbeStates(kept or {}),
        stalls=StallDetector(clock.monotonic) if stalls_too else None,
    )
    runner.adopt([a_revision(checks, gates=(LINE,))])
    running = asyncio.ensure_future(runner.run(stop))
    await settle()
    try:
        yield Stage(clock, runner, probe, logged, gate, slots, stop)
    finally:
        stop.set()
        await settle()
        for _, answer in probe.looks:
            if drain and not answer.done():
                answer.set_result(UP)
        for verdict in gate:
            if not verdict.done():
                verdict.set_result(True)
        await running


async def test_it_logs_what_a_slots_look_saw() -> None:
    async with staged(a_check(spec="here")) as stage:
        await stage.until_looks(1)
        stage.probe.end(0, DOWN)
        await settle()
        ((result, memory),) = stage.logged
    assert (result.check, result.location, result.revision) == ("web", "local", 1)
    assert (result.outcome, result.failure, memory) == (Outcome.DOWN, "conn_refused", None)


async def test_it_logs_a_checks_results_in_order_of_slot() -> None:
    async with staged(a_check(interval=1)) as stage:
        for number in range(6):
            await stage.until_looks(number + 1)
            await stage.pass_time(0.3 * number)
            stage.probe.end(number)
            await settle()
        slots = [result.slot for result, _ in stage.logged]
    assert len(slots) >= 6
    assert slots == sorted(set(slots))


async def test_it_begins_a_waiting_slot_when_the_run_before_it_is_over() -> None:
    async with staged(a_check(interval=10)) as stage:
        await stage.until_looks(1)
        await stage.pass_time(12)
        assert len(stage.probe.looks) == 1
        stage.probe.end(0)
        await settle()
        assert stage.runner._wake_at - stage.clock.monotonic() < 2 * GRID_S
        await stage.pass_time(GRID_S)
        assert len(stage.probe.looks) == 2
        assert stage.slots.missed == 0


async def test_it_lets_a_failure_pass_where_the_check_asks_no_gate() -> None:
    async with staged(a_check()) as stage:
        await stage.until_looks(1)
        stage.probe.end(0, DOWN)
        await settle()
        assert (stage.outcomes, stage.gate) == ([("down", "conn_refused")], [])


@pytest.mark.parametrize(
    ("is_open", "worth"), [(True, ("down", "conn_refused")), (False, ("unknown", "no_network"))]
)
async def test_it_holds_a_failure_for_the_gate(is_open: bool, worth: tuple[str, str]) -> None:
    async with staged(a_check(gate="line")) as stage:
        await stage.until_looks(1)
        stage.probe.end(0, DOWN)
        await settle()
        assert (stage.logged, len(stage.gate)) == ([], 1)
        stage.gate[0].set_result(is_open)
        await settle()
        assert stage.outcomes == [worth]


async def test_it_asks_no_gate_while_all_is_well() -> None:
    slow = Observation(outcome=Outcome.DEGRADED, failure=FailureId("too_slow"))
    async with staged(a_check(gate="line", interval=1)) as stage:
        for number, seen in enumerate((UP, slow)):
            await stage.until_looks(number + 1)
            stage.probe.end(number, seen)
            await settle()
        assert (len(stage.logged), stage.gate) == (2, [])


async def test_it_lets_others_run_while_a_failure_is_held() -> None:
    checks = [a_check(f"c{n}", interval=5, gate="line") for n in range(8)]
    async with staged(*checks) as stage:
        for number in range(8):
            await stage.until_looks(number + 1)
            stage.probe.end(number, DOWN)
        await settle()
        assert (stage.slots._running, len(stage.logged)) == (0, 0)
        assert len({spec for spec, _ in stage.probe.looks}) == 1
        stage.gate[0].set_result(False)
        await settle()
        assert stage.outcomes[:1] == [("unknown", "no_network")]


async def test_it_hands_a_memory_from_run_to_run() -> None:
    remembering = Observation(outcome=Outcome.UP, memory=b"seq=7")
    async with staged(a_check(interval=1)) as stage:
        await stage.until_looks(1)
        stage.probe.end(0, remembering)
        await stage.until_looks(2)
        stage.probe.end(1, UP)
        await stage.until_looks(3)
        kept = [memory for _, memory in stage.logged]
    assert stage.probe.recalled[:3] == [None, b"seq=7", None]
    assert [memory and memory[8:] for memory in kept[:2]] == [b"seq=7", None]


async def test_stalls_put_no_deadline_off_by_more_than_an_interval() -> None:
    """A process that is stopped time after time lost every slot of a check by one look."""
    async with staged(a_check(interval=10), stalls_too=True) as stage:
        await stage.until_looks(1)
        began = stage.clock.monotonic()
        while not stage.logged and stage.clock.monotonic() < began + 60:
            await stage.pass_time(0.9)
        assert stage.clock.monotonic() - began < 5 + 10 + 3 * 0.9
        assert stage.outcomes == [("unknown", "stalled_monitor")]


async def test_it_ends_when_told_after_the_looks_under_way() -> None:
    async with staged(a_check("a", interval=1), a_check("b", interval=1)) as stage:
        await stage.until_looks(2)
    assert len(stage.logged) == len(stage.probe.looks)


async def test_it_begins_nothing_more_while_it_ends() -> None:
    async with staged(a_check("a", interval=1), a_check("b", interval=60)) as stage:
        await stage.until_looks(1)
        while "b" not in stage.slots._queues:
            await stage.pass_time(0.5)
        assert (len(stage.probe.looks), stage.logged) == (2, [])
        stage.stop.set()
        await settle()
        stage.probe.end(0)
        await settle()
        assert len(stage.logged) == 1
        assert stage.runner._timer is None
    assert (len(stage.probe.looks), len(stage.logged)) == (2, 2)


async def test_it_cuts_off_looks_that_do_not_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner_module, "DRAIN_S", 0.01)
    async with staged(a_check(interval=60), drain=False) as stage:
        await stage.until_looks(1)
    assert stage.logged == []
    assert [record.message for record in caplog.records] == ["looks_cut_off"]


async def run_broken(part: str, broken: object) -> None:
    async with staged(a_check()) as stage:
        setattr(stage.runner, part, broken)
        await stage.pass_time(60)
        for number in range(len(stage.probe.looks)):
            stage.probe.end(number)
        await settle()


@pytest.mark.parametrize(("part", "broken"), [("_probes", {}), ("_offer", None)])
async def test_it_ends_with_a_bug_of_its_own(part: str, broken: object) -> None:
    with pytest.raises(ExceptionGroup):
        await run_broken(part, broken)


async def test_it_measures_how_late_looks_begin_and_the_loop_wakes() -> None:
    async with staged(a_check(interval=20)) as stage:
        await stage.until_looks(1)
        stage.runner.counters.forget()
        stage.probe.end(0)
        await settle()
        await stage.pass_time(27)
        assert stage.runner.counters.lateness_s == [pytest.approx(7.0, abs=0.06)]
        assert stage.runner.counters.loop_lag_s > 25
        assert (stage.runner.counters.started, stage.runner.counters.finished) == (2, 1)


def test_it_forgets_what_was_remembered_of_another_target() -> None:
    here, there = a_check(spec="here"), a_check(spec="there")
    probe_states = ProbeStates({})
    kept = probe_states.keep(here, b"m")
    assert kept is not None
    again = ProbeStates({here.id: kept})
    assert (again.recall(here), again.recall(there)) == (b"m", None)
    assert again.recall(a_check(spec="here", interval=300)) == b"m"
    assert again.recall(a_check(spec="here", kind="other")) is None

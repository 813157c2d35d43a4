"""A failure is believed by a look at the gate that began after it, and by no other."""

from __future__ import annotations

import asyncio

import pytest

from monitor.domain.catalogue import ConnectivitySettings
from monitor.domain.checks.connectivity import NO_NETWORK
from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.scheduling.connectivity_check import ConnectivityCheck, unseen

TWO = ("192.0.2.1:53", "192.0.2.2:53")


class ScriptedLine:
    """Answers when the test says so; counts and names what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, asyncio.Future[bool]]] = []
        self.was_asked = asyncio.Event()

    async def __call__(self, target: str, timeout_s: float) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.asked.append((target, answer))
        self.was_asked.set()
        return await answer

    def answer(self, number: int, reached: bool) -> None:
        self.asked[number][1].set_result(reached)


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


def keeper(line: ScriptedLine, *targets: str, need: int = 1) -> ConnectivityCheck:
    gate = ConnectivitySettings(id="line", targets=targets or TWO[:1], need=need)
    return ConnectivityCheck(gate, line, spacing_s=0)


async def test_it_does_not_look_until_something_fails() -> None:
    line = ScriptedLine()
    keeper(line)
    await settle()
    assert line.asked == []


async def test_it_holds_a_failure_until_a_look_that_began_after_it_has_ended() -> None:
    line = ScriptedLine()
    gate = keeper(line)
    early = asyncio.ensure_future(gate.is_open())
    await settle()
    late = asyncio.ensure_future(gate.is_open())
    await settle()
    assert len(line.asked) == 1
    line.answer(0, True)
    await settle()
    assert (early.result(), late.done()) == (True, False)
    line.answer(1, False)
    assert await late is False


async def test_it_shares_one_look_among_all_who_wait_for_it() -> None:
    line = ScriptedLine()
    gate = keeper(line)
    first = asyncio.ensure_future(gate.is_open())
    await settle()
    waiting = [asyncio.ensure_future(gate.is_open()) for _ in range(50)]
    line.answer(0, True)
    await settle()
    line.answer(1, False)
    assert await asyncio.gather(first, *waiting) == [True, *[False] * 50]
    assert len(line.asked) == 2


async def test_it_asks_the_targets_of_others_at_most_once_a_spacing() -> None:
    line = ScriptedLine()
    gate = ConnectivityCheck(ConnectivitySettings(id="line", targets=TWO[:1]), line, spacing_s=0.05)
    loop = asyncio.get_running_loop()
    begun = []
    for number in range(3):
        waiting = asyncio.ensure_future(gate.is_open())
        await line.was_asked.wait()
        begun.append(loop.time())
        line.was_asked.clear()
        line.answer(number, True)
        await waiting
    assert min(begun[1] - begun[0], begun[2] - begun[1]) >= 0.045


async def test_it_opens_as_soon_as_enough_targets_answer() -> None:
    line = ScriptedLine()
    waiting = asyncio.ensure_future(keeper(line, *TWO).is_open())
    await settle()
    line.answer(1, True)
    assert await waiting is True
    assert line.asked[0][1].cancelled()


async def test_it_shuts_as_soon_as_too_few_are_left() -> None:
    line = ScriptedLine()
    waiting = asyncio.ensure_future(keeper(line, *TWO, need=2).is_open())
    await settle()
    line.answer(0, False)
    assert await waiting is False
    assert line.asked[1][1].cancelled()


async def test_it_shuts_when_nobody_answers() -> None:
    line = ScriptedLine()
    waiting = asyncio.ensure_future(keeper(line, *TWO).is_open())
    await settle()
    line.answer(0, False)
    line.answer(1, False)
    assert await waiting is False


async def test_it_goes_on_for_the_others_when_one_gives_up() -> None:
    line = ScriptedLine()
    gate = keeper(line)
    one, other = (asyncio.ensure_future(gate.is_open()) for _ in range(2))
    await settle()
    one.cancel()
    await settle()
    line.answer(0, True)
    assert await other is True


async def test_a_target_that_cannot_even_be_asked_does_not_answer_and_is_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever asks is the prober: a bug here must not end it at each failure."""
    broken = True

    async def line(target: str, timeout_s: float) -> bool:
        if broken:
            raise RuntimeError("boom")
        return True

    gate = ConnectivityCheck(ConnectivitySettings(id="line", targets=TWO), line, spacing_s=0)
    assert await gate.is_open() is False
    assert "boom" in caplog.text
    broken = False
    assert await gate.is_open() is True


def test_it_keeps_what_was_seen_beside_what_it_is_worth() -> None:
    seen = Observation(
        outcome=Outcome.DOWN,
        failure=FailureId("connect_timeout"),
        message="no connection in time",
        phases_ms={"connect": 900.0},
        evidence={"address": "203.0.113.9"},
        memory=b"m",
    )
    worth = unseen(seen)
    assert (worth.outcome, worth.failure) == (Outcome.UNKNOWN, NO_NETWORK)
    assert worth.evidence == {
        "address": "203.0.113.9",
        "held": "connect_timeout",
        "held_message": "no connection in time",
    }
    assert (worth.phases_ms, worth.memory) == (seen.phases_ms, b"m")

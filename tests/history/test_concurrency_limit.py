"""A bounded number of questions, each for a bounded time."""

from __future__ import annotations

import asyncio

import pytest

from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.problems import Problem
from monitor.results.stores.ports import StoreUnavailable


async def answered() -> str:
    return "answer"


async def test_too_many_questions_are_turned_away_at_once() -> None:
    gate, free = ConcurrencyLimit(at_once=2, waiting=1), asyncio.Event()

    async def slow() -> str:
        await free.wait()
        return "answer"

    asked = [asyncio.create_task(gate.run(slow)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Problem, match="3 questions are being answered or wait") as refused:
        await gate.run(answered)
    assert refused.value.response().headers["Retry-After"] == "2"
    free.set()
    assert await asyncio.gather(*asked) == ["answer"] * 3
    assert await gate.run(answered) == "answer"


async def test_a_question_that_is_given_up_keeps_its_place_until_it_ends() -> None:
    gate, free = ConcurrencyLimit(at_once=1, waiting=0, deadline_s=0.01), asyncio.Event()

    async def slow() -> str:
        await free.wait()
        raise StoreUnavailable("nobody hears it")

    with pytest.raises(Problem, match=r"no answer within 0\.01 s"):
        await gate.run(slow)
    with pytest.raises(Problem, match="1 questions"):
        await gate.run(answered)
    free.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await gate.run(answered) == "answer"

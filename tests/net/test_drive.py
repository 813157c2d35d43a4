"""A conversation goes on with the event that it waits for, and ends as a task would."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Coroutine
from time import monotonic
from typing import Any

import pytest

from monitor.net.coroutine_driver import LONG_S, CoroutineDriver, Waitable


def driven(make: Coroutine[Any, None, str]) -> CoroutineDriver[str]:
    begun: CoroutineDriver[str] = CoroutineDriver(loop=asyncio.get_running_loop())
    begun.begin(make)
    return begun


async def test_it_tells_how_long_its_long_steps_held_the_loop() -> None:
    wait = Waitable(None)

    async def talk() -> str:
        began = monotonic()
        while monotonic() - began < 1.5 * LONG_S:
            pass
        return "done"

    slow, quick = driven(talk()), Scene().driven
    wait.end()
    assert slow.held_s >= 1.5 * LONG_S
    assert quick.held_s == 0


class Scene:
    """A conversation of two waits that the test ends, and what it did."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.driven: CoroutineDriver[str] = CoroutineDriver(loop=asyncio.get_running_loop())
        self.waits = [Waitable(self.driven), Waitable(self.driven)]
        self.driven.begin(self.talk())

    async def talk(self) -> str:
        try:
            for number, wait in enumerate(self.waits):
                self.did.append(f"waits {number}")
                await wait
        finally:
            self.did.append("clears up")
        return "done"


async def test_it_has_begun_at_once_and_goes_on_at_once() -> None:
    reconciler = Scene()
    assert reconciler.did == ["waits 0"]
    reconciler.waits[0].end()
    assert reconciler.did == ["waits 0", "waits 1"]
    reconciler.waits[1].end()
    assert reconciler.driven.result() == "done"
    assert await reconciler.driven == "done"


async def test_it_raises_where_it_waits() -> None:
    reconciler = Scene()
    reconciler.waits[0].end(ValueError("no answer"))
    assert reconciler.did == ["waits 0", "clears up"]
    with pytest.raises(ValueError, match="no answer"):
        await reconciler.driven


async def test_it_clears_up_when_it_is_cancelled() -> None:
    reconciler = Scene()
    assert reconciler.driven.cancel()
    assert reconciler.did == ["waits 0", "clears up"]
    assert reconciler.driven.cancelled()
    assert not reconciler.driven.cancel()


async def test_it_is_over_with_the_task_that_awaited_it() -> None:
    reconciler = Scene()

    async def look() -> str:
        return await reconciler.driven

    task = asyncio.create_task(look())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reconciler.did == ["waits 0", "clears up"]


async def test_an_event_that_comes_too_late_does_nothing() -> None:
    reconciler = Scene()
    first, second = reconciler.waits
    first.end()
    first.end(ValueError("again"))
    assert reconciler.did == ["waits 0", "waits 1"]
    reconciler.driven.cancel()
    second.end()
    assert reconciler.driven.cancelled()


async def test_it_may_wait_on_while_it_clears_up() -> None:
    begun: CoroutineDriver[str] = CoroutineDriver(loop=asyncio.get_running_loop())
    talk, goodbye = Waitable(begun), Waitable(begun)

    async def conversation() -> str:
        try:
            await talk
        finally:
            await goodbye
        return "unreachable"

    begun.begin(conversation())
    begun.cancel()
    talk.end()
    assert not begun.done()
    goodbye.end()
    assert begun.cancelled()


async def test_it_says_so_where_something_else_is_awaited() -> None:
    async def conversation() -> str:
        await asyncio.sleep(1)
        return "unreachable"

    with pytest.raises(RuntimeError, match="no wait of its run"):
        await driven(conversation())


async def test_the_same_waits_are_a_tasks_where_nobody_drives() -> None:
    early, wait = Waitable(None), Waitable(None)
    early.end()
    await early
    asyncio.get_running_loop().call_soon(wait.end, KeyError("broken"))
    with pytest.raises(KeyError, match="broken"):
        await wait


async def test_a_wait_whose_task_was_cancelled_a_moment_ago_may_still_be_ended() -> None:
    """As by a socket that became ready before the task could clear up."""
    wait = Waitable(None)

    async def waits() -> None:
        await wait

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    wait.end()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_end_after_the_conversation_is_over_does_nothing() -> None:
    reconciler = Scene()
    reconciler.driven.cancel()
    reconciler.driven.go_on()
    Waitable(reconciler.driven).end(ValueError("late"))
    assert reconciler.driven.cancelled()


async def test_what_a_failed_wait_held_is_freed_without_the_collector() -> None:
    class Buffer:
        """Stands for what a look has received."""

    async def talk(wait: Waitable) -> str:
        held = Buffer()
        seen.append(weakref.ref(held))
        try:
            await wait
        except ValueError:
            return "told"
        return "done"

    seen: list[weakref.ref[Buffer]] = []
    gc.disable()
    try:
        conversation: CoroutineDriver[str] = CoroutineDriver(loop=asyncio.get_running_loop())
        wait = Waitable(conversation)
        conversation.begin(talk(wait))
        wait.end(ValueError("the deadline"))
        assert conversation.result() == "told"
        assert seen[0]() is None
    finally:
        gc.enable()

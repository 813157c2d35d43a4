"""One receiver that takes its time holds up its own messages, and nobody else's."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.domain.subscriptions.contact import WEBHOOK
from monitor.subscribers import dispatcher as dispatching
from monitor.subscribers.channels.kind import Route
from monitor.subscribers.dispatcher import SubscriberDispatcher
from monitor.subscribers.lanes import SLOW_S, Lanes
from tests.subscribers.test_channels import STATUS, Recording, recorded, writer_of
from tests.subscribers.world import SubscribersWorld
from tests.support.clock import FakeClock
from tests.support.worlds import T0

SLOW, SLOW_ONES, QUICK_ONES = "slow.example.com", 6, 6


class Hook(Recording):
    """Never answers from one host."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self.asked = asked

    async def send(self, address: str, written: bytes) -> None:
        self.asked.append(address)
        if SLOW in address:
            await asyncio.Event().wait()


def test_a_destination_that_answers_has_some_connections_and_a_slow_one_a_single_one() -> None:
    clock = FakeClock(T0)
    lanes = Lanes(clock, 32)
    with ExitStack() as sending:
        for _ in range(8):
            assert lanes.may_begin("a")
            sending.enter_context(lanes.sending("a"))
        assert not lanes.may_begin("a")
        assert lanes.may_begin("b")
        clock.advance(SLOW_S)
    assert lanes.may_begin("a")
    with lanes.sending("a"):
        assert not lanes.may_begin("a")
    assert lanes.may_begin("a")
    with lanes.sending("a"), lanes.sending("a"):
        assert lanes.may_begin("a")


def test_all_that_are_slow_together_leave_most_connections_to_the_others() -> None:
    clock = FakeClock(T0)
    lanes = Lanes(clock, 8)
    for each in range(5):
        with lanes.sending(f"slow{each}"):
            clock.advance(SLOW_S)
    with lanes.sending("slow0"):
        assert lanes.may_begin("slow1")
        with lanes.sending("slow1"):
            assert not lanes.may_begin("slow2")
            assert lanes.may_begin("quick")


def test_what_is_just_being_slow_counts_as_slow() -> None:
    clock = FakeClock(T0)
    lanes = Lanes(clock, 8)
    with lanes.sending("a"):
        assert lanes.may_begin("a")
        clock.advance(SLOW_S)
        assert not lanes.may_begin("a")


async def test_hooks_that_never_answer_delay_nobody_elses_updates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "GRACE_S", 0.02)
    # As if there were more slow ones than a batch has messages: they come first.
    monkeypatch.setattr(dispatching, "BATCH", 4)
    world, asked = SubscribersWorld(tmp_path), list[str]()
    for number in range(SLOW_ONES + QUICK_ONES):
        host = SLOW if number < SLOW_ONES else f"h{number}.example.com"
        world.subscribe(f"https://{host}/{number}", kind=WEBHOOK)
    route = Route(
        writer=writer_of(world, WEBHOOK, lambda: STATUS), takes_records=True,
        connections=[Hook(asked) for _ in range(8)],
        destination=lambda address: address.split("/")[2],
    )  # fmt: skip
    dispatcher = world.dispatcher(0, kind=WEBHOOK, route=route)
    async with recorded(dispatcher) as told:
        fallen = world.fall()
        await told()
        assert Counter(SLOW in address for address in asked) == {True: 2, False: 2 * QUICK_ONES}
        world.clock.advance(SLOW_S)
        world.write(fallen, "Encontramos la causa.")
        await told()
    assert Counter(SLOW in address for address in asked) == {True: 2, False: 3 * QUICK_ONES}
    await dispatcher._stop_working()


async def test_one_host_with_many_hooks_is_told_in_one_batch(tmp_path: Path) -> None:
    """Its part of the connections goes on, though none is left for the others to do."""
    world, asked = SubscribersWorld(tmp_path), list[str]()
    for number in range(20):
        world.subscribe(f"https://popular.example.com/{number}", kind=WEBHOOK)

    class Quick(Hook):
        async def send(self, address: str, written: bytes) -> None:
            await asyncio.sleep(0)
            await super().send(address, written)

    route = Route(
        writer=writer_of(world, WEBHOOK, lambda: STATUS), takes_records=True,
        connections=[Quick(asked) for _ in range(8)], destination=lambda address: "popular",
    )  # fmt: skip
    dispatcher = world.dispatcher(0, kind=WEBHOOK, route=route)
    async with recorded(dispatcher):
        world.fall()
        dispatcher.look()
        assert await dispatcher._send_due() == 40
    assert len(asked) == 40


class Held(Hook):
    """Answers nobody of one host before it is let go."""

    def __init__(self, asked: list[str], let_go: asyncio.Event) -> None:
        super().__init__(asked)
        self.let_go = let_go

    async def send(self, address: str, written: bytes) -> None:
        self.asked.append(address)
        if SLOW in address:
            await self.let_go.wait()


def held(world: SubscribersWorld, asked: list[str], let_go: asyncio.Event) -> SubscriberDispatcher:
    """Over three connections, of which a destination may have all."""
    route = Route(
        writer=writer_of(world, WEBHOOK, lambda: STATUS), takes_records=True,
        connections=[Held(asked, let_go) for _ in range(3)],
    )  # fmt: skip
    return world.dispatcher(0, kind=WEBHOOK, route=route)


async def test_what_is_still_under_way_is_sent_by_no_other_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "GRACE_S", 0.02)
    world, asked = SubscribersWorld(tmp_path), list[str]()
    world.subscribe(f"https://{SLOW}/1", kind=WEBHOOK)
    dispatcher = held(world, asked, asyncio.Event())
    async with recorded(dispatcher):
        world.fall()
        dispatcher.look()
        assert [await dispatcher._send_due() for _ in range(2)] == [2, 0]
    assert len(asked) == 2
    await dispatcher._stop_working()


async def test_what_a_batch_left_waiting_leaves_with_the_next_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is free at last takes nothing of one that is over: who unsubscribed
    meanwhile would still be told."""
    monkeypatch.setattr(dispatching, "GRACE_S", 0.02)
    world, asked, let_go = SubscribersWorld(tmp_path), list[str](), asyncio.Event()
    for number in range(2):
        world.subscribe(f"https://{SLOW}/{number}", kind=WEBHOOK)
    dispatcher = held(world, asked, let_go)
    async with recorded(dispatcher) as told:
        world.fall()
        dispatcher.look()
        await dispatcher._send_due()
        let_go.set()
        await asyncio.gather(*dispatcher._working)
        assert len(asked) == 3
        await told()
    assert len(asked) == 4

"""When nothing can be written operators are told from memory: once, and once when it is over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from monitor.alerting.direct_alerts import CALM_S, PATIENCE_S, RETRY_S, DirectAlerts
from monitor.alerting.ports import Message, Permanent, Transient
from monitor.domain.catalogue import Alerting, AlertTarget, Route
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from tests.support.clock import FakeClock


def route(name: str, *targets: str) -> Route:
    return Route(
        id=name,
        targets=tuple(AlertTarget(id=target, kind="email", spec=None) for target in targets),
    )


@dataclass
class Post:
    """What left, as (event's kind, target); what fails is taken from `errors` by target."""

    errors: dict[str, list[Transient | Permanent]] = field(default_factory=dict)
    tried: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, message: Message, target: AlertTarget) -> Transient | Permanent | None:
        self.tried.append((message.key, target.id))
        if self.errors.get(target.id):
            return self.errors[target.id].pop(0)
        self.sent.append((message.key, target.id))
        return None


def compose(owed: Notification) -> Message:
    kind, _, since = owed.subject.rpartition(":")
    assert since.isdigit()
    return Message(key=kind, thread="", subject="", text="", html="")


class World:
    def __init__(self, *routes: Route) -> None:
        self.clock = FakeClock()
        self.post = Post()
        self.distress = DirectAlerts(
            clock=self.clock,
            alerting=lambda: Alerting(routes=routes or (route("mail", "a"), route("chat", "b"))),
            compose=compose,
            send=self.post.send,
        )

    async def live(self, trouble: SystemAlert | None, seconds: float) -> None:
        for _ in range(int(seconds / 5)):
            self.distress.see(trouble)
            await self.distress.deliver()
            self.clock.advance(5)


async def test_a_short_trouble_wakes_nobody() -> None:
    world = World()
    await world.live(SystemAlert.JOURNAL_AWAY, PATIENCE_S)
    await world.live(None, 60)
    assert world.post.tried == []


async def test_what_no_route_took_is_tried_on_every_target_until_one_takes_it() -> None:
    world = World(route("mail", "a", "b"))
    world.distress.over = SystemAlert.ALERTS_DELIVERED
    world.post.errors = {"a": [Permanent("550 no such user")]}
    await world.live(SystemAlert.ALERTS_UNDELIVERED, 600)
    assert world.post.sent == [(SystemAlert.ALERTS_UNDELIVERED, "b")]
    await world.live(None, 600)
    assert world.post.sent[1:] == [(SystemAlert.ALERTS_DELIVERED, "a")]


@pytest.mark.parametrize("trouble", [SystemAlert.DISK_FULL, SystemAlert.JOURNAL_AWAY])
async def test_a_lasting_trouble_is_told_once_on_each_route_and_taken_back(
    trouble: SystemAlert,
) -> None:
    world = World()
    await world.live(trouble, 600)
    assert world.post.sent == [(trouble, "a"), (trouble, "b")]
    await world.live(None, 600)
    assert world.post.sent[2:] == [(SystemAlert.WRITES_AGAIN, "a"), (SystemAlert.WRITES_AGAIN, "b")]


async def test_what_fails_for_now_is_tried_again() -> None:
    world = World(route("mail", "a"))
    world.post.errors = {"a": [Transient("busy"), Transient("busy")]}
    await world.live(SystemAlert.DISK_FULL, PATIENCE_S + 5 + 2 * RETRY_S)
    assert world.post.tried == [(SystemAlert.DISK_FULL, "a")] * 3
    assert len(world.post.sent) == 1


async def test_what_fails_for_good_goes_to_the_next_target_of_the_route() -> None:
    world = World(route("mail", "a", "b"))
    world.post.errors = {"a": [Permanent("no such mailbox")]}
    await world.live(SystemAlert.DISK_FULL, 120)
    assert world.post.sent == [(SystemAlert.DISK_FULL, "b")]


async def test_who_was_not_told_of_it_is_not_told_that_it_is_over() -> None:
    world = World(route("mail", "a"), route("chat", "b"))
    world.post.errors = {"a": [Transient("down")] * 1000}
    await world.live(SystemAlert.DISK_FULL, 120)
    world.post.errors = {}
    await world.live(None, 120)
    assert world.post.sent == [(SystemAlert.DISK_FULL, "b"), (SystemAlert.WRITES_AGAIN, "b")]


async def test_a_second_trouble_is_told_again() -> None:
    world = World(route("mail", "a"))
    for _ in range(2):
        await world.live(SystemAlert.DISK_FULL, 120)
        await world.live(None, 120)
    assert [kind for kind, _ in world.post.sent] == [
        SystemAlert.DISK_FULL,
        SystemAlert.WRITES_AGAIN,
    ] * 2


async def test_a_trouble_that_lets_up_for_moments_is_told_once_and_not_taken_back() -> None:
    world = World(route("mail", "a"))
    for _ in range(20):
        await world.live(SystemAlert.DISK_FULL, 20)
        await world.live(None, CALM_S - 5)
    assert world.post.sent == [(SystemAlert.DISK_FULL, "a")]
    await world.live(None, CALM_S + 5)
    assert world.post.sent[1:] == [(SystemAlert.WRITES_AGAIN, "a")]


async def test_short_troubles_far_apart_wake_nobody() -> None:
    world = World()
    for _ in range(10):
        await world.live(SystemAlert.DISK_FULL, PATIENCE_S)
        await world.live(None, CALM_S + 5)
    assert world.post.tried == []


async def test_a_route_that_hangs_keeps_no_other_one_waiting() -> None:
    world = World(route("mail", "a"), route("chat", "b"))
    arrived = asyncio.Event()

    async def send(message: Message, target: AlertTarget) -> Transient | Permanent | None:
        if target.id == "a":
            await arrived.wait()
        arrived.set()
        return await world.post.send(message, target)

    world.distress.send = send
    async with asyncio.timeout(10):
        await world.live(SystemAlert.DISK_FULL, PATIENCE_S + 10)
    assert world.post.sent == [(SystemAlert.DISK_FULL, "b"), (SystemAlert.DISK_FULL, "a")]


async def test_a_trouble_that_comes_again_takes_the_place_of_an_end_that_nobody_heard() -> None:
    world = World(route("mail", "a"))
    await world.live(SystemAlert.JOURNAL_AWAY, 60)
    world.post.errors = {"a": [Transient("down")] * 3}
    await world.live(None, CALM_S + 10)
    await world.live(SystemAlert.JOURNAL_AWAY, 600)
    assert [kind for kind, _ in world.post.sent] == [SystemAlert.JOURNAL_AWAY] * 2


async def test_who_was_told_of_a_trouble_hears_of_the_end_however_long_it_takes() -> None:
    world = World(route("mail", "a"))
    await world.live(SystemAlert.DISK_FULL, 60)
    world.post.errors = {"a": [Transient("down")] * 1_000}
    await world.live(None, 60)
    await world.live(SystemAlert.DISK_FULL, 60)
    await world.live(None, 60)
    world.post.errors = {}
    await world.live(None, 60)
    assert [kind for kind, _ in world.post.sent] == [
        SystemAlert.DISK_FULL,
        SystemAlert.WRITES_AGAIN,
    ]


async def test_a_message_that_cannot_even_be_written_keeps_no_other_one_back() -> None:
    world = World(route("mail", "a"), route("chat", "b"))

    def broken(owed: Notification) -> Message:
        if owed.target == "a":
            raise KeyError("a bug")
        return compose(owed)

    world.distress.compose = broken
    await world.live(SystemAlert.DISK_FULL, 120)
    assert world.post.sent == [(SystemAlert.DISK_FULL, "b")]

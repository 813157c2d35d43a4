"""What fails while the journal is held is told from memory: each change once, all routes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from monitor.alerting.direct_messages import RETRY_S
from monitor.alerting.ports import Message, Permanent, Transient
from monitor.alerting.system_alerts import system_alert_message
from monitor.alerting.unrecorded_alerts import ROUND_S, UnrecordedAlerts
from monitor.domain.catalogue import Alerting, AlertTarget, Route
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import Second
from monitor.state.unrecorded import UnrecordedStatus
from tests.support.clock import FakeClock
from tests.support.worlds import DNS, WEB, catalogue

UP, DOWN, SLOW, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.DEGRADED, Outcome.UNKNOWN


def route(name: str, *targets: str, components: frozenset[ComponentId] | None = None) -> Route:
    chain = tuple(AlertTarget(id=target, kind="email", spec=None) for target in targets)
    return Route(id=name, targets=chain, components=components)


@dataclass
class Post:
    errors: dict[str, list[Transient | Permanent]] = field(default_factory=dict)
    sent: list[tuple[str, Message]] = field(default_factory=list)

    async def send(self, message: Message, target: AlertTarget) -> Transient | Permanent | None:
        if self.errors.get(target.id):
            return self.errors[target.id].pop(0)
        self.sent.append((target.id, message))
        return None


class World:
    def __init__(self, *routes: Route) -> None:
        self.clock, self.post = FakeClock(), Post()
        known = catalogue()
        known = replace(known, alerting=Alerting(routes=routes or (route("mail", "a"),)))
        self.alerts = UnrecordedAlerts(
            clock=self.clock,
            catalogue=lambda: known,
            compose=lambda pending: system_alert_message(pending, known, self.clock.now()),
            send=self.post.send,
        )

    async def live(self, statuses: Sequence[UnrecordedStatus] | None, seconds: int) -> None:
        for _ in range(seconds // 2):
            self.alerts.see(statuses)
            await self.alerts.deliver()
            self.clock.advance(2)

    def told(self, target: str = "a") -> list[list[str]]:
        """The lines of each message."""
        return [
            str(message.fields["about"]).partition("=")[2].splitlines()
            for to, message in self.post.sent
            if to == target
        ]


def status(
    component: ComponentId, now: Outcome, recorded: Outcome = UP, since: int = 0
) -> UnrecordedStatus:
    at = Second(FakeClock().now() + since)
    return UnrecordedStatus(
        component=component, status=now, since=at, cause="conn_refused", recorded=recorded
    )


async def test_a_failure_is_told_once_with_its_time_and_cause() -> None:
    world = World()
    await world.live([status(WEB, DOWN)], 600)
    assert world.told() == [["Web  caído  desde 21:00  conn_refused"]]
    (_, message) = world.post.sent[0]
    assert message.subject == "CAMBIÓ, aún sin registrar: Web"
    assert "Web  caído  desde 21:00  conn_refused" in message.text
    assert "{" not in message.text


async def test_what_is_as_recorded_is_not_told() -> None:
    world = World()
    await world.live([status(WEB, UP), status(DNS, DOWN, recorded=DOWN)], 120)
    await world.live([status(WEB, UP, recorded=UNKNOWN)], 120)
    assert world.post.sent == []


async def test_a_recovery_is_told_to_who_read_of_the_failure_or_has_it_recorded() -> None:
    world = World()
    await world.live([status(WEB, DOWN), status(DNS, UP, recorded=DOWN)], 60)
    assert [line.split()[:2] for line in world.told()[0]] == [["Web", "caído"], ["DNS", "bien"]]
    await world.live([status(WEB, UP), status(DNS, UP, recorded=DOWN)], 60)
    assert [line.split()[:2] for line in world.told()[1]] == [["Web", "bien"]]


async def test_what_comes_and_goes_is_one_message_in_half_a_minute() -> None:
    world = World()
    for _ in range(60):
        await world.live([status(WEB, DOWN)], 2)
        await world.live([status(WEB, UP)], 2)
    assert 2 <= len(world.post.sent) <= 240 / ROUND_S + 1


@pytest.mark.parametrize("error", [Transient("busy"), Permanent("no such mailbox")])
async def test_a_message_that_failed_says_what_is_so_when_it_leaves(
    error: Transient | Permanent,
) -> None:
    world = World(route("mail", "a", "b"))
    world.post.errors = {"a": [error]}
    await world.live([status(WEB, DOWN)], 10)
    await world.live([status(WEB, DOWN), status(DNS, SLOW)], int(RETRY_S) + 10)
    target = "b" if isinstance(error, Permanent) else "a"
    assert [line.split()[:2] for line in world.told(target)[0]] == [
        ["Web", "caído"], ["DNS", "lento"]
    ]  # fmt: skip
    assert len(world.post.sent) == 1


async def test_what_came_back_before_its_failure_was_delivered_is_not_told() -> None:
    world = World()
    world.post.errors = {"a": [Transient("busy")]}
    await world.live([status(WEB, DOWN)], 4)
    await world.live([status(WEB, UP)], 120)
    assert world.post.sent == []


async def test_a_route_reads_of_its_own_components() -> None:
    world = World(route("all", "a"), route("dns", "b", components=frozenset({DNS})))
    await world.live([status(WEB, DOWN), status(DNS, DOWN)], 10)
    assert [line.split()[0] for line in world.told("a")[0]] == ["Web", "DNS"]
    assert [line.split()[0] for line in world.told("b")[0]] == ["DNS"]


async def test_once_all_is_recorded_it_is_forgotten() -> None:
    world = World()
    await world.live([status(WEB, DOWN)], 60)
    await world.live(None, 4)
    await world.live([status(WEB, DOWN)], 60)
    assert len(world.post.sent) == 2

"""Subscribers are told what concerns them, once, over few connections, through real SMTP."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.alerting.ports import Transient
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Impact, Phase
from monitor.domain.subscriptions.links import Purpose
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    SubscriptionState,
    Wanted,
)
from monitor.domain.subscriptions.wishes import UNSUBSCRIBED, about
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.incidents.commands import IncidentCommands
from monitor.subscribers.dispatcher import SubscriberDispatcher
from tests.incidents.operators import ANA
from tests.subscribers.smtp_sink import SmtpSink, running_sink
from tests.subscribers.world import LINKS, SubscribersWorld
from tests.support.patience import PATIENCE_S
from tests.support.worlds import catalogue

WEB, MAIL = ComponentId("web"), ComponentId("mail")


@pytest.fixture
def world(tmp_path: Path) -> SubscribersWorld:
    return SubscribersWorld(tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with running_sink() as made:
        yield made


@asynccontextmanager
async def running(dispatcher: SubscriberDispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - a real server has no event for it
            await asyncio.sleep(0.005)


def to(sink: SmtpSink, address: str) -> list[EmailMessage]:
    return [m for (rcpt, _), m in zip(sink.taken, sink.mails(), strict=True) if rcpt == address]


async def told(world: SubscribersWorld, dispatcher: SubscriberDispatcher) -> None:
    """Run until everything that is pending has left."""
    while dispatcher.look() or await dispatcher._send_due():
        pass


@asynccontextmanager
async def recording(dispatcher: SubscriberDispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher._recorder.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_request_gets_one_mail_whose_link_confirms_it(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher = world.dispatcher(sink.port)
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.request("ana@example.com", locale="en")
        await told(world, dispatcher)
        await told(world, dispatcher)
    (mail,) = to(sink, "ana@example.com")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(r"http://127\.0\.0\.1/en/subscribe/confirm/(\S+)", text)
    assert found is not None
    (asked,) = world.listed()
    assert LINKS.read(Purpose.CONFIRM, found[1], world.clock.now()) == asked.id
    assert mail["Subject"] == "Confirm the updates of Estado"
    assert mail["List-Unsubscribe"] is None


async def test_who_asked_before_it_first_ran_gets_the_confirmation(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    world.request("ana@example.com")
    dispatcher = world.dispatcher(sink.port)
    async with recording(dispatcher):
        await told(world, dispatcher)
    assert len(to(sink, "ana@example.com")) == 1


async def test_each_update_goes_once_to_whom_it_concerns(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher = world.dispatcher(sink.port)
    world.subscribe("all@example.com")
    world.subscribe("web@example.com", Wanted(components=(WEB,)))
    world.subscribe("mail@example.com", Wanted(components=(MAIL,)))
    async with recording(dispatcher):
        await told(world, dispatcher)
        fallen = world.fall()
        await told(world, dispatcher)
        world.write(fallen, "Encontramos la causa.")
        await told(world, dispatcher)
        await told(world, dispatcher)
    for address in ("all@example.com", "web@example.com"):
        subjects = [m["Subject"] for m in to(sink, address)]
        assert subjects == ["Investigando: Correo: sin respuesta"] * 2
        bodies = [m.get_body(("plain",)).get_content() for m in to(sink, address)]  # type: ignore[union-attr]
        assert "No responde." in bodies[0]
        assert "Encontramos la causa." in bodies[1]
    assert to(sink, "mail@example.com") == []
    assert sink.most_at_once <= 2


async def test_what_was_public_before_it_first_ran_is_no_news(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    world.subscribe("ana@example.com")
    world.fall()
    dispatcher = world.dispatcher(sink.port)
    async with recording(dispatcher):
        await told(world, dispatcher)
    assert sink.taken == []


async def test_each_mail_ends_by_one_click_and_joins_its_thread(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher, ana = world.dispatcher(sink.port), world.subscribe("ana@example.com")
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.write(world.fall(), "Seguimos.")
        await told(world, dispatcher)
    first, second = to(sink, "ana@example.com")
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = first["List-Unsubscribe"].strip("<>")
    token = url.removeprefix("http://127.0.0.1/suscripcion/baja/")
    assert LINKS.read(Purpose.MANAGE, token, world.clock.now()) == ana
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"]
    assert first["Auto-Submitted"] == "auto-generated"


async def test_who_unsubscribes_gets_not_even_what_was_planned(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher, ana = world.dispatcher(sink.port), world.subscribe("ana@example.com")
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.fall()
        dispatcher.look()
        world.inbox.append(UNSUBSCRIBED, about(ana))
        world.follow()
        await told(world, dispatcher)
    assert sink.taken == []
    assert world.deliveries.counts()["skipped"] == 1


async def test_a_mailbox_that_is_gone_is_told_no_more(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    sink.refuse = lambda to: "550 5.1.1 no such user" if to.startswith("gone") else ""
    dispatcher, gone = world.dispatcher(sink.port), world.subscribe("gone@example.com")
    async with recording(dispatcher):
        await told(world, dispatcher)
        fallen = world.fall()
        await told(world, dispatcher)
        world.follow()
        assert world.get(gone).ending is Ending.BOUNCED
        world.write(fallen, "Seguimos.")
        await told(world, dispatcher)
    assert sink.taken == []
    assert "example.com" not in repr(world.deliveries.counts())


@pytest.mark.parametrize("answer", ["554 5.7.1 relay access denied", "550 blocked", "451 later"])
async def test_a_fault_of_ours_or_a_delay_ends_no_subscription(
    world: SubscribersWorld, sink: SmtpSink, answer: str
) -> None:
    sink.refuse = lambda _: answer
    dispatcher, ana = world.dispatcher(sink.port), world.subscribe("ana@example.com")
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.fall()
        await told(world, dispatcher)
        world.follow()
        assert world.get(ana).state is SubscriptionState.CONFIRMED
        assert sink.taken == []
        sink.refuse = lambda _: ""
        world.clock.advance(3_600)
        await told(world, dispatcher)
    assert len(to(sink, "ana@example.com")) == 1


async def test_while_the_server_is_away_everything_waits(world: SubscribersWorld) -> None:
    waits: list[float] = []
    dispatcher = world.dispatcher(1, waits=waits)
    for number in range(5):
        world.subscribe(f"s{number}@example.com")
    dispatcher.look()
    world.fall()
    dispatcher.look()
    async with recording(dispatcher):
        for _ in range(3):
            await dispatcher._send_due()
    assert world.deliveries.counts()["pending"] == 5
    assert dispatcher._pause_s > 1


async def test_when_it_is_back_ends_with_the_incident(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher, fallen = world.dispatcher(sink.port), world.fall()
    async with recording(dispatcher):
        await told(world, dispatcher)
        ana = world.subscribe("ana@example.com", Wanted(incident=fallen.id))
        other = world.fall("other1", "mail")
        await told(world, dispatcher)
        world.write(other, "Otro.")
        world.write(fallen, "Volvió.", phase=Phase.RESOLVED)
        await told(world, dispatcher)
        world.follow()
    (mail,) = to(sink, "ana@example.com")
    assert mail["Subject"].startswith("Resuelto")
    assert world.get(ana).ending is Ending.OVER


async def test_who_confirms_too_late_is_told_that_it_is_over(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher, fallen = world.dispatcher(sink.port), world.fall()
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.request("ana@example.com", Wanted(incident=fallen.id))
        await told(world, dispatcher)
        sink.taken.clear()
        world.write(fallen, "Volvió.", phase=Phase.RESOLVED)
        await told(world, dispatcher)
        (asked,) = world.listed()
        world.confirm(asked.id)
        await told(world, dispatcher)
    (mail,) = to(sink, "ana@example.com")
    assert mail["Subject"].startswith("Resuelto")


async def test_a_private_component_is_told_to_nobody(tmp_path: Path, sink: SmtpSink) -> None:
    made = catalogue()
    parts = tuple(replace(c, is_public=c.id != WEB) for c in made.components)
    world = SubscribersWorld(tmp_path, replace(made, components=parts))
    dispatcher = world.dispatcher(sink.port)
    world.subscribe("ana@example.com")
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.fall(component="web")
        await told(world, dispatcher)
    assert sink.taken == []


class Dying:
    """A connection over which nothing more is recorded after some sends, as after a kill."""

    def __init__(self, sent: Counter[str], most: int) -> None:
        self.sent, self.most = sent, most

    async def send(self, recipient: str, mail: bytes) -> None:
        found = re.search(rb"^Message-ID: (\S+)", mail, re.MULTILINE)
        assert found is not None
        self.sent[found[1].decode()] += 1
        if sum(self.sent.values()) > self.most:
            await asyncio.Event().wait()

    def close(self) -> None: ...


async def test_after_a_kill_only_sends_in_flight_are_repeated(world: SubscribersWorld) -> None:
    for number in range(40):
        world.subscribe(f"s{number}@example.com")
    sent: Counter[str] = Counter()
    first = world.dispatcher(1, made=[Dying(sent, 17) for _ in range(4)])
    first.look()
    world.fall()
    first.look()
    recording_ = asyncio.create_task(first._recorder.run())
    sending = asyncio.create_task(first._send_due())
    await until(lambda: sum(sent.values()) >= 17 + 4)
    for task in (sending, recording_):
        task.cancel()
    await asyncio.gather(sending, recording_, return_exceptions=True)
    second = world.dispatcher(1, made=[Dying(sent, 10**6) for _ in range(4)])
    async with recording(second):
        await told(world, second)
    assert len(sent) == 40
    assert sum(sent.values()) <= 40 + 4
    assert max(sent.values()) <= 2


async def test_it_keeps_to_its_pace(world: SubscribersWorld, sink: SmtpSink) -> None:
    waits: list[float] = []
    dispatcher = world.dispatcher(sink.port, 1, per_minute=6, waits=waits)
    for number in range(9):
        world.subscribe(f"s{number}@example.com")
    dispatcher.look()
    world.fall()
    async with recording(dispatcher):
        await told(world, dispatcher)
    assert len(sink.taken) == 9
    assert sum(waits) == pytest.approx(30, abs=1)


async def test_a_silent_connection_is_tried_again(world: SubscribersWorld) -> None:
    class Silent:
        tries = 0

        async def send(self, recipient: str, mail: bytes) -> None:
            self.tries += 1
            raise Transient("no answer")

        def close(self) -> None: ...

    silent = Silent()
    dispatcher = world.dispatcher(1, made=[silent])
    world.subscribe("ana@example.com")
    dispatcher.look()
    world.fall()
    async with recording(dispatcher):
        await told(world, dispatcher)
        assert silent.tries == 1
        world.clock.advance(61)
        await told(world, dispatcher)
        assert silent.tries == 2
        world.clock.advance(2 * 86_400)
        await told(world, dispatcher)
    assert world.deliveries.counts()["failed"] == 1


async def test_a_mail_is_whole_and_has_the_link_in_each_of_its_forms(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    """The link is put in last, in what is encoded already."""
    dispatcher, ana = world.dispatcher(sink.port), world.subscribe("ana@example.com")
    url = f"http://127.0.0.1/suscripcion/baja/{LINKS.token(Purpose.MANAGE, ana, Second(0))}"
    async with recording(dispatcher):
        await told(world, dispatcher)
        world.fall()
        await told(world, dispatcher)
    (mail,) = to(sink, "ana@example.com")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    lines = text.get_content().split()
    assert lines[-1] == url
    assert re.search(rf'<a href="{re.escape(url)}">\s*{re.escape(url)}</a>', html.get_content())
    assert "@@" not in sink.taken[0][1].decode()
    assert mail.defects == []
    assert max(map(len, sink.taken[0][1].split(b"\r\n"))) < 200
    assert mail["To"] == "ana@example.com"


async def test_whoever_heard_of_a_beginning_hears_of_the_end(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher = world.dispatcher(sink.port)
    world.subscribe("ana@example.com", Wanted(severity=Severity.SERIOUS))
    async with recording(dispatcher):
        await told(world, dispatcher)
        fallen = world.fall()
        await told(world, dispatcher)
        slight = replace(fallen, impact=Impact.MINOR)
        over = world.write(slight, "Volvió.", phase=Phase.RESOLVED)
        await told(world, dispatcher)
        IncidentCommands(
            journal=world.journal, catalogue=world.catalogue, clock=world.clock, actor=ANA
        ).postmortem(over.id, text=plain("Falló la fuente."))
        await told(world, dispatcher)
        world.write(replace(world.fall("other1"), impact=Impact.MINOR), "Otro.")
        await told(world, dispatcher)
    subjects = [str(m["Subject"]) for m in to(sink, "ana@example.com")]
    beginnings = [s.partition(":")[0] for s in subjects[:3]]
    assert beginnings == ["Investigando", "Resuelto", "Qué pasó y por qué"]


async def test_thousands_of_updates_are_looked_up_at_once(world: SubscribersWorld) -> None:
    assert world.deliveries.known([f"incident:k{n}:1" for n in range(40_000)]) == set()

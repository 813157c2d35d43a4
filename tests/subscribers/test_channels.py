"""Webhooks, Slack and Telegram: each in the form that its receivers read, after a confirmation, to
nobody inside, and never with an address in a log."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from monitor.alerting.channels.http_exchange import HttpExchange
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.catalogues.in_force import Catalogues
from monitor.config.schema.subscribers import OFFERED, read_way
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Subscribers, TelegramBot
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.incidents.incident import IncidentId, Phase
from monitor.domain.secret import Secret
from monitor.domain.subscriptions.contact import (
    _READERS,
    EMAIL,
    SLACK,
    TELEGRAM,
    TYPED,
    WEBHOOK,
    Contact,
)
from monitor.domain.subscriptions.links import Purpose
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.subscriptions.wishes import UNSUBSCRIBED, Request, about
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.inbox.file import Inbox
from monitor.inbox.ports import InboxFull
from monitor.net.egress_guard import strangers_guard
from monitor.roles.subscribers import role
from monitor.subscribers.announcements import Said
from monitor.subscribers.channels import telegram_bot, telegram_listener
from monitor.subscribers.channels.chat_text import LONGEST
from monitor.subscribers.channels.kind import (
    ReceiverMissing,
    Route,
    RouteDependencies,
    SubscriberChannel,
    Update,
    Writer,
)
from monitor.subscribers.channels.names import OwnThreads
from monitor.subscribers.channels.posting import HookConnection
from monitor.subscribers.channels.registry import SUBSCRIBER_CHANNELS
from monitor.subscribers.channels.webhook import WebhookWriter
from monitor.subscribers.deliveries import Planned
from monitor.subscribers.dispatcher import GIVE_UP_AFTER_S, SubscriberDispatcher
from monitor.subscribers.records import Documents, incident_documents
from monitor.subscribers.reporting import InboxListening
from statuspage.view.model import PublicIncident
from tests.subscribers.world import LINKS, SubscribersWorld, at_once
from tests.support.clock import FakeClock
from tests.support.http_sink import Sink
from tests.support.http_sink import sink as running
from tests.support.worlds import T0

HOOK = "https://hooks.example.com/canary7?key=canary8"
SLACK_HOOK = "https://hooks.slack.com/services/T00/B00/canary9"
STATUS: Mapping[str, str] = {
    "id": "p1", "status_indicator": "major", "status_description": "Some of it is down"
}  # fmt: skip
NAMED = {"name": "Estado", "url": "http://127.0.0.1"}
WEB = ComponentId("web")


class Recording:
    """A connection that keeps what it is given, and fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.fails: list[Exception] = []

    async def send(self, address: str, written: bytes) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((address, json.loads(written)))

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def world(tmp_path: Path) -> SubscribersWorld:
    return SubscribersWorld(tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with running() as opened:
        yield opened


Status = Callable[[], Mapping[str, str]]


def writer_of(world: SubscribersWorld, kind: str, status: Status = lambda: STATUS) -> Writer:
    return route_of(world, kind, status).writer


def route_of(world: SubscribersWorld, kind: str, status: Status = lambda: STATUS) -> Route:
    given = ChannelDependencies(clock=world.clock)
    bot = TelegramBot(name="EstadoBot", token=Secret("${TOKEN}"))
    return SUBSCRIBER_CHANNELS[kind].open(
        RouteDependencies(
            subscribers=Subscribers(sender="a@example.com", host="127.0.0.1", telegram=bot),
            pages=world.pages,
            locales=world.catalogue.page.locales,
            links=LINKS,
            exchange=given,
            own_exchange=given,
            status=lambda page: status(),
        )
    )


def dispatching(world: SubscribersWorld, kind: str, connection: Recording) -> SubscriberDispatcher:
    route = Route(
        writer=writer_of(world, kind), connections=[connection], takes_records=kind == WEBHOOK
    )
    return world.dispatcher(0, kind=kind, route=route)


@asynccontextmanager
async def recorded(dispatcher: SubscriberDispatcher) -> AsyncIterator[Callable[[], Any]]:
    """Its outcomes are stored; gives what has everything sent that is due."""

    async def told() -> None:
        while dispatcher.look() or await dispatcher._send_due():
            pass

    task = asyncio.create_task(dispatcher._recorder.run())
    try:
        await told()
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_webhook_confirms_by_a_link_and_then_gets_statuspages_form(
    world: SubscribersWorld,
) -> None:
    connection = Recording()
    async with recorded(dispatching(world, WEBHOOK, connection)) as told:
        world.request(HOOK, locale="en", kind=WEBHOOK)
        await told()
        ((address, first),) = connection.sent
        assert address == HOOK
        token = first["confirm"]["url"].removeprefix("http://127.0.0.1/en/subscribe/confirm/")
        (asked,) = world.listed()
        assert LINKS.read(Purpose.CONFIRM, token, world.clock.now()) == asked.id
        fallen = world.fall()
        await told()
        assert len(connection.sent) == 1, "nothing before it is confirmed"
        world.confirm(asked.id)
        world.clock.advance(60)
        world.write(fallen, "It works again.", phase=Phase.RESOLVED)
        await told()
    _, (_, said), (_, component) = connection.sent
    incident = said["incident"]
    assert said["page"] == {**STATUS, **NAMED}
    assert (incident["id"], incident["status"], incident["impact"]) == (
        "k3f9a2", "resolved", "major",
    )  # fmt: skip
    assert incident["incident_updates"][0]["body"] == "It works again."
    assert incident["shortlink"] == "http://127.0.0.1/en/incident/k3f9a2"
    ends = said["meta"]["unsubscribe"].rpartition("/")[2]
    assert LINKS.read(Purpose.MANAGE, ends, world.clock.now()) == asked.id
    assert component["component"] == {
        "id": "web", "name": "Web", "created_at": incident["created_at"], "status": "operational"
    }  # fmt: skip
    assert (component["component_update"]["old_status"], component["component_update"][
        "new_status"]) == ("major_outage", "operational")  # fmt: skip


async def test_an_update_says_the_incident_as_it_was_then(world: SubscribersWorld) -> None:
    connection = Recording()
    async with recorded(dispatching(world, WEBHOOK, connection)) as told:
        world.subscribe(HOOK, kind=WEBHOOK)
        fallen = world.fall()
        world.clock.advance(60)
        world.write(fallen, "It works again.", phase=Phase.RESOLVED)
        await told()
    said = [body["incident"] for _, body in connection.sent if "incident" in body]
    assert [(one["status"], len(one["incident_updates"])) for one in said] == [
        ("investigating", 1), ("resolved", 2)
    ]  # fmt: skip
    assert said[0]["resolved_at"] is None


@pytest.mark.parametrize(("kind", "hook"), [(WEBHOOK, HOOK), (SLACK, SLACK_HOOK)])
async def test_who_confirms_once_it_is_over_is_told_so(
    world: SubscribersWorld, kind: str, hook: str
) -> None:
    """Of a webhook the last announcement is about a component: nothing came, and it never ended."""
    connection = Recording()
    async with recorded(dispatching(world, kind, connection)) as told:
        fallen = world.fall()
        world.request(hook, Wanted(incident=IncidentId("k3f9a2")), kind=kind)
        await told()
        world.clock.advance(60)
        world.write(fallen, "It works again.", phase=Phase.RESOLVED)
        await told()
        (asked,) = world.listed()
        world.confirm(asked.id)
        await told()
    world.follow()
    assert "It works again." in json.dumps(connection.sent[-1][1])
    assert world.get(asked.id).ending is Ending.OVER


async def test_what_was_told_before_is_not_made_into_data_again(
    world: SubscribersWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each record has all updates before it: a long incident took seconds at each look."""
    made: list[int] = []

    def counted(incident: PublicIncident, number: int, catalogue: Catalogue) -> Documents:
        made.append(number)
        return incident_documents(incident, number, catalogue)

    monkeypatch.setattr("monitor.subscribers.announcements.incident_documents", counted)
    async with recorded(dispatching(world, WEBHOOK, Recording())) as told:
        fallen = world.fall()
        for _ in range(3):
            await told()
            world.clock.advance(60)
            fallen = world.write(fallen, "Still at it.")
        await told()
    assert made == [1, 2, 3, 4]


async def test_while_the_page_cannot_be_read_a_webhook_waits_and_nothing_ends(
    world: SubscribersWorld,
) -> None:
    """The publication may be gone for a moment: that ended the role, and mails with it."""
    shown: list[Exception] = [Transient("the published page cannot be read: FileNotFoundError")]

    def status() -> Mapping[str, str]:
        if shown:
            raise shown.pop()
        return STATUS

    connection = Recording()
    writer = writer_of(world, WEBHOOK, status)
    route = Route(writer=writer, connections=[connection], takes_records=True)
    async with recorded(world.dispatcher(0, kind=WEBHOOK, route=route)) as told:
        world.request(HOOK, kind=WEBHOOK)
        await told()
        assert connection.sent == []
        world.clock.advance(3_600)
        await told()
    ((_, first),) = connection.sent
    assert first["page"] == {**STATUS, **NAMED}


def test_a_confirmation_that_was_not_taken_goes_behind_news(world: SubscribersWorld) -> None:
    """Addresses that never answer, which strangers had us ask, went before every update."""
    asked, news = SubscriptionId("s" * 12), SubscriptionId("t" * 12)
    deliveries = world.deliveries
    deliveries.plan(
        [Planned(key="confirm:1", subject="", at=T0, said={}, subscriptions=(asked,), rank=0)],
        1, T0,
    )  # fmt: skip
    (first,) = deliveries.due(T0, 9)
    deliveries.record([first.tried_again(T0, GIVE_UP_AFTER_S)])
    deliveries.plan(
        [Planned(key="incident:1:1", subject="1", at=T0, said={}, subscriptions=(news,))], 2, T0
    )
    due = deliveries.due(Second(T0 + 3_600), 9)
    assert [one.subscription for one in due] == [news, asked]


async def test_a_full_inbox_ends_nothing_and_loses_nothing(world: SubscribersWorld) -> None:
    """While the core is away: it ended the role, which then sent the same message again."""

    class FullAtFirst:
        def __init__(self) -> None:
            self.asked = 0

        def append(self, kind: str, body: Mapping[str, Json]) -> None:
            self.asked += 1
            if self.asked < 3:
                raise InboxFull("nobody read it")
            reports.append(kind, body)

    reports, connection = world.reports, Recording()
    world.reports = FullAtFirst()  # type: ignore[assignment]
    with capture_logs() as logs:
        async with recorded(dispatching(world, SLACK, connection)) as told:
            id_ = world.subscribe(SLACK_HOOK, kind=SLACK)
            connection.fails = [ReceiverGone("status 410")]
            world.fall()
            await told()
    world.follow()
    assert world.get(id_).ending is Ending.BOUNCED
    assert [one["event"] for one in logs].count("subscribers.inbox_full") == 1


async def test_each_kind_tells_its_own_alone(world: SubscribersWorld) -> None:
    hooks, chats = Recording(), Recording()
    async with (
        recorded(dispatching(world, WEBHOOK, hooks)) as one,
        recorded(dispatching(world, SLACK, chats)) as other,
    ):
        world.subscribe(HOOK, kind=WEBHOOK)
        world.subscribe(SLACK_HOOK, kind=SLACK)
        world.fall()
        await one()
        await other()
    assert {address for address, _ in hooks.sent} == {HOOK}
    assert {address for address, _ in chats.sent} == {SLACK_HOOK}


async def test_slack_gets_a_text_whose_marks_are_slacks(world: SubscribersWorld) -> None:
    connection = Recording()
    async with recorded(dispatching(world, SLACK, connection)) as told:
        id_ = world.subscribe(SLACK_HOOK, kind=SLACK)
        fallen = world.fall()
        world.write(fallen, "a < b & c")
        await told()
    text = connection.sent[-1][1]["text"]
    assert text.startswith("*Investigando: ")
    assert "a &lt; b &amp; c" in text
    assert "<http://127.0.0.1/incidente/k3f9a2|Ver la página>" in text
    token = LINKS.token(Purpose.MANAGE, id_, Second(0))
    assert f"/suscripcion/baja/{token}|" in text


@pytest.mark.parametrize("letter", ["x", "\N{FIRE}"])
def test_a_message_about_a_hundred_services_is_not_too_long_for_a_chat(
    world: SubscribersWorld, letter: str
) -> None:
    """Telegram refused it, and nobody was told of the outage of everything."""
    said = Said(
        subject=letter * 500, body=f"{letter * 1_500}\n\n{letter * 2_500}",
        components=", ".join(f"Hosting, server {n:03d}" for n in range(200)), url="https://e/1",
    )  # fmt: skip
    to = Subscription(
        id=SubscriptionId("s" * 12), kind=TELEGRAM, wanted=Wanted(), locale="es",
        state=SubscriptionState.CONFIRMED, created_at=T0,
    )  # fmt: skip
    told = Update(key="k", subject="k", said={"es": said}, at=T0)
    text = json.loads(writer_of(world, TELEGRAM).update(told, to, "42"))["text"]
    seen = re.sub(r"<[^>]*>", "", text)
    assert len(seen.encode("utf-16-le")) // 2 <= LONGEST
    assert "Hosting, server 000" in seen
    assert seen.endswith(SUBSCRIBERS[Lang.ES].end_title)


async def test_a_receiver_that_is_gone_is_erased_and_may_come_back(
    world: SubscribersWorld,
) -> None:
    connection = Recording()
    async with recorded(dispatching(world, WEBHOOK, connection)) as told:
        id_ = world.subscribe(HOOK, kind=WEBHOOK)
        connection.fails = [ReceiverGone("status 410")]
        world.fall()
        await told()
        world.follow()
        assert world.get(id_).ending is Ending.BOUNCED
        world.clock.advance(86_401)
        world.request(HOOK, kind=WEBHOOK)
    assert [one.state for one in world.listed()] == [SubscriptionState.PENDING]


async def test_one_that_is_missing_is_gone_only_after_a_day_of_trying(
    world: SubscribersWorld,
) -> None:
    connection = Recording()
    async with recorded(dispatching(world, WEBHOOK, connection)) as told:
        id_ = world.subscribe(HOOK, kind=WEBHOOK)
        connection.fails = [ReceiverMissing("status 404") for _ in range(200)]
        world.fall()
        await told()
        world.follow()
        assert world.get(id_).state is SubscriptionState.CONFIRMED
        for _ in range(0, GIVE_UP_AFTER_S + 3_600, 3_600):
            world.clock.advance(3_600)
            await told()
        world.follow()
    assert world.get(id_).ending is Ending.BOUNCED


async def test_no_log_and_no_file_has_the_address_once_it_ended(world: SubscribersWorld) -> None:
    connection = Recording()
    with capture_logs() as logs:
        async with recorded(dispatching(world, WEBHOOK, connection)) as told:
            id_ = world.subscribe(HOOK, kind=WEBHOOK)
            connection.fails = [Transient("status 500")]
            world.fall()
            await told()
    assert "canary" not in repr(logs)
    world.inbox.append(UNSUBSCRIBED, about(id_))
    world.follow()
    world.inbox.prune(10**9)
    world.reports.prune(10**9)
    files = [f for f in world.folder.rglob("*") if f.is_file()]
    assert not [f.name for f in files if b"canary" in f.read_bytes()]


@pytest.mark.parametrize(
    ("status", "raised"),
    [(410, ReceiverGone), (404, ReceiverMissing), (302, Transient), (400, Transient),
     (429, Transient), (503, Transient)],
)  # fmt: skip
async def test_answers_of_a_hook_are_judged(
    sink: Sink, status: int, raised: type[Exception]
) -> None:
    sink.status, sink.body = status, b"canary"
    sink.headers = {"Location": sink.base, "Retry-After": "7"}
    connection = HookConnection(HttpExchange(ChannelDependencies(clock=FakeClock(T0))))
    with pytest.raises(raised) as caught:
        await connection.send(sink.url, b"{}")
    assert type(caught.value) is raised
    assert str(caught.value) == f"status {status}"
    assert len(sink.got) == 1, "a redirect is not followed"


async def test_a_hook_that_answers_well_is_told(sink: Sink) -> None:
    connection = HookConnection(HttpExchange(ChannelDependencies(clock=FakeClock(T0))))
    sink.status, sink.body = 200, b"x" * 200_000
    await connection.send(sink.url, b'{"a":1}')
    assert sink.got[0][1] == b'{"a":1}'


async def test_nothing_is_sent_to_an_address_inside_however_it_is_written(sink: Sink) -> None:
    guarded = ChannelDependencies(clock=FakeClock(T0), admit=strangers_guard)
    connection = HookConnection(HttpExchange(guarded))
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(Transient, match="not asked") as caught:
            await connection.send(sink.url.replace("127.0.0.1", host), b"{}")
        assert "127.0.0.1" not in str(caught.value)
    assert not sink.got


async def test_what_the_operator_allows_his_own_targets_is_allowed_to_no_stranger(
    world: SubscribersWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`operations.allow_private` is for probes and alerts."""
    given: list[RouteDependencies] = []

    def opened(wanted: RouteDependencies) -> Route:
        given.append(wanted)
        raise OSError("seen")

    kind = SubscriberChannel(name="email", open=opened, summary="")
    monkeypatch.setattr(role, "SUBSCRIBER_CHANNELS", {"email": kind})
    monkeypatch.setattr(role, "read_key", lambda _: bytes(32))
    made = replace(
        world.catalogue,
        operations=replace(
            world.catalogue.operations, allow_private=("10.0.0.0/8",), journal_url=world.url
        ),
    )
    revision = CatalogueRevision(number=1, hash="x", text="", effective_from=T0, catalogue=made)
    begun = role.SubscribersRole(tmp_path, Catalogues([revision]))
    subscribers = Subscribers(sender="a@example.com", host="127.0.0.1")
    with pytest.raises(OSError, match="seen"):
        await begun._dispatch(subscribers, made.page)
    (found,) = given
    found.own_exchange.admit("panel.example.com", "10.0.0.7")
    with pytest.raises(ValueError, match="not public"):
        found.exchange.admit("panel.example.com", "10.0.0.7")


async def test_names_that_nobody_answers_about_hold_up_no_mail(
    world: SubscribersWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail and chats look names up on the loop's own threads, of which there are few."""
    goes_on, loop = threading.Event(), asyncio.get_running_loop()

    def hanging(*_: object, **__: object) -> list[Any]:
        assert goes_on.wait(10)
        raise OSError("nobody answered")

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    connections = route_of(world, WEBHOOK).connections
    sending = [
        asyncio.ensure_future(one.send(f"https://h{number}.example.net/", b"{}"))
        for number, one in enumerate(connections)
    ]
    try:
        for _ in range(3):
            await asyncio.sleep(0)
        assert await asyncio.wait_for(loop.run_in_executor(None, lambda: "free"), 2) == "free"
    finally:
        goes_on.set()
        answers = await asyncio.gather(*sending, return_exceptions=True)
    assert {type(one) for one in answers} == {Transient}


async def test_a_name_is_looked_up_as_the_system_does() -> None:
    resolver = OwnThreads()
    (found,) = await resolver.resolve("127.0.0.1", 8443)
    await resolver.close()
    assert (found["host"], found["port"], found["hostname"]) == ("127.0.0.1", 8443, "127.0.0.1")


class Bot:
    """Telegram's side: answers calls of methods, keeps what the bot sends."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.answer: tuple[int, dict[str, Any]] = (200, {"ok": True})
        self.answers: dict[int, tuple[int, dict[str, Any]]] = {}
        self.offsets: list[int] = []

    async def reply(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        assert request.path.startswith("/bot77:secret/")
        if request.path.endswith("/getUpdates"):
            self.offsets.append(body["offset"])
            left = [u for u in self.updates if u["update_id"] >= body["offset"]]
            return web.json_response({"ok": True, "result": left})
        self.sent.append(body)
        status, document = self.answers.get(body["chat_id"], self.answer)
        return web.json_response(document, status=status)

    def hear(self, text: str, chat: int = 42, language: str = "en") -> None:
        self.updates.append(
            {
                "update_id": len(self.updates) + 1,
                "message": {
                    "chat": {"id": chat}, "from": {"language_code": language}, "text": text
                },
            }
        )  # fmt: skip


@pytest.fixture
def bot(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Bot:
    made = Bot()
    sink.reply = made.reply
    monkeypatch.setenv("TOKEN", "77:secret")
    return made


def bot_connection(
    sink: Sink, clock: FakeClock, floods: telegram_bot.Floods | None = None
) -> telegram_bot.BotConnection:
    spec = TelegramBot(name="EstadoBot", token=Secret("${TOKEN}"), server=sink.base)
    exchange = HttpExchange(ChannelDependencies(clock=clock))
    return telegram_bot.BotConnection(exchange, spec, floods)


def bot_listener(
    world: SubscribersWorld, sink: Sink, locales: tuple[str, ...] = ("es", "en")
) -> telegram_listener.BotListener:
    page = replace(world.catalogue.page, locales=locales)
    connection = bot_connection(sink, world.clock)
    return telegram_listener.BotListener(locales=page.locales, bot=connection, clock=world.clock)


@pytest.mark.parametrize(
    ("locales", "text", "language", "answered"),
    [
        (("es", "en", "pt-BR"), "/start", "pt-br", Lang.PT),
        (("es", "en", "pt-BR"), "/start", "en", Lang.EN),
        (("es", "en", "pt-BR"), "/start en_serious", "pt-br", Lang.EN),
        (("es", "en"), "/start", "pt-br", Lang.ES),
        (("en", "es"), "/start", "", Lang.EN),
        (("es", "en"), "/start pt-BR_serious", "en", Lang.EN),
    ],
)
async def test_the_bot_answers_in_the_language_in_which_it_will_write(
    world: SubscribersWorld, sink: Sink, bot: Bot,
    locales: tuple[str, ...], text: str, language: str, answered: Lang,
) -> None:  # fmt: skip
    asked: list[Request] = []

    class Taking:
        async def ask(self, request: Request) -> None:
            asked.append(request)

        async def move(self, contact: Contact, to: Contact) -> None:
            """Nobody is asked to."""

        async def end(self, contact: Contact) -> None:
            """Nobody is asked to."""

    bot.hear(text, language=language)
    bot.hear("/stop", language=language)
    await bot_listener(world, sink, locales).listen_once(Taking())
    assert [one.locale for one in asked] == [answered.value]
    assert bot.sent[0]["text"] == SUBSCRIBERS[answered].bot_started


async def test_who_starts_the_bot_is_subscribed_and_who_stops_it_is_erased(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    connection = bot_connection(sink, world.clock)
    listener = telegram_listener.BotListener(
        locales=world.catalogue.page.locales, bot=connection, clock=world.clock
    )
    listening = InboxListening(world.reports, at_once)
    bot.hear("/start pt-BR_serious")
    bot.hear("hello")
    await listener.listen_once(listening)
    world.follow()
    (asked,) = world.listed()
    assert (asked.kind, asked.state, asked.locale) == (
        TELEGRAM, SubscriptionState.CONFIRMED, "en",
    )  # fmt: skip
    assert asked.wanted == Wanted(severity=Severity.SERIOUS)
    assert [one["chat_id"] for one in bot.sent] == [42], "one answer, and none to small talk"
    bot.hear("/stop@EstadoBot")
    await listener.listen_once(listening)
    world.follow()
    assert world.get(asked.id).ending is Ending.UNSUBSCRIBED
    assert bot.offsets == [0, 3]


async def test_a_chat_that_starts_the_bot_again_and_again_fills_nothing(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    listener = bot_listener(world, sink)
    asked: list[Request] = []

    class Counting:
        async def ask(self, request: Request) -> None:
            asked.append(request)

        async def move(self, contact: Contact, to: Contact) -> None:
            raise AssertionError

        async def end(self, contact: Contact) -> None:
            raise AssertionError(contact)

    for _ in range(30):
        bot.hear("/start")
    await listener.listen_once(Counting())
    assert len(asked) == telegram_listener.BY_CHAT.most


@pytest.mark.parametrize("starts", [1, 20])
async def test_a_chat_that_stops_is_told_nothing_more_however_it_started(
    world: SubscribersWorld, sink: Sink, bot: Bot, starts: int
) -> None:
    """At once: the core has not read the start yet."""
    listener = bot_listener(world, sink)
    for _ in range(starts):
        bot.hear("/start")
    bot.hear("/stop")
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    assert not world.listed()


async def test_what_was_not_handed_over_is_heard_again(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    listener = bot_listener(world, sink)
    full = Inbox(world.folder / "full.db", most_rows=0)
    bot.hear("/start")
    with pytest.raises(Transient, match="handed over"):
        await listener.listen_once(InboxListening(full, at_once))
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    assert [one.kind for one in world.listed()] == [TELEGRAM]


async def test_an_update_in_a_form_of_its_own_stops_no_listening(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    listener = bot_listener(world, sink)
    bot.updates = [
        {"update_id": 1, "message": {"chat": {"id": 7}, "from": None, "text": "/start"}},
        {"update_id": 2, "message": None},
    ]
    bot.hear("/start")
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    assert len(world.listed()) == 1


async def test_a_webhook_waits_where_the_page_cannot_be_read(world: SubscribersWorld) -> None:
    """And nobody else's message does."""
    connection, dispatcher = Recording(), dispatching(world, WEBHOOK, Recording())

    def unreadable(_: object) -> Mapping[str, Any]:
        raise Transient("the published page cannot be read: FileNotFoundError")

    writer = writer_of(world, WEBHOOK)
    assert isinstance(writer, WebhookWriter)
    dispatcher._route = Route(
        writer=replace(writer, status=unreadable), connections=[connection], takes_records=True
    )
    async with recorded(dispatcher) as told:
        world.request(HOOK, kind=WEBHOOK)
        await told()
        assert not connection.sent
        dispatcher._route = replace(dispatcher._route, writer=writer)
        world.clock.advance(60)
        await told()
    assert len(connection.sent) == 1


async def test_no_update_waits_for_hooks_that_nobody_has_confirmed(
    world: SubscribersWorld,
) -> None:
    """Strangers may ask in the name of hosts that take ten seconds each to say nothing."""
    connection = Recording()
    route = Route(
        writer=writer_of(world, WEBHOOK), connections=[connection], takes_records=True,
        confirms_last=True,
    )  # fmt: skip
    dispatcher = world.dispatcher(0, kind=WEBHOOK, route=route)
    async with recorded(dispatcher) as told:
        id_ = world.subscribe(HOOK, kind=WEBHOOK)
        await told()
        for number in range(3):
            world.request(f"https://h{number}.example.net/", kind=WEBHOOK)
        dispatcher.look()
        connection.sent.clear()
        connection.fails = [Transient("no answer: TimeoutError")]
        assert await dispatcher._send_due() == 1, "one for each connection"
        world.fall()
        dispatcher.look()
        await dispatcher._send_due()
        assert connection.sent[0][0] == HOOK
        await told()
        connection.fails = [Transient("no answer: TimeoutError") for _ in range(99)]
        for _ in range(25):
            world.clock.advance(3_600)
            await told()
        assert len(connection.fails) > 90, "given up within the hour"
    assert world.get(id_).state is SubscriptionState.CONFIRMED


@pytest.mark.parametrize(("kind", "is_last"), [(WEBHOOK, True), (SLACK, True), (TELEGRAM, False)])
def test_kinds_whose_hosts_strangers_choose_confirm_last(
    world: SubscribersWorld, kind: str, is_last: bool
) -> None:
    assert route_of(world, kind).confirms_last is is_last


async def test_two_behind_one_path_are_told_each_by_its_own_key(world: SubscribersWorld) -> None:
    first = world.subscribe(HOOK, kind=WEBHOOK)
    world.clock.advance(86_401)
    wanted = Wanted(components=(WEB,))
    other = world.subscribe(HOOK.replace("canary8", "other"), wanted, kind=WEBHOOK)
    assert world.get(first).wanted == Wanted()
    assert world.get(other).state is SubscriptionState.CONFIRMED
    world.clock.advance(86_401)
    world.subscribe(HOOK, wanted, kind=WEBHOOK)
    assert (world.get(first).wanted, len(world.listed())) == (wanted, 2)


async def test_a_chat_gets_an_update_of_the_incident_that_it_asked_about(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    connection = bot_connection(sink, world.clock)
    route = Route(writer=writer_of(world, TELEGRAM), connections=[connection])
    fallen = world.fall()
    async with recorded(world.dispatcher(0, kind=TELEGRAM, route=route)) as told:
        bot.hear(f"/start es_i_{fallen.id}")
        listener = telegram_listener.BotListener(
            locales=world.catalogue.page.locales, bot=connection, clock=world.clock
        )
        await listener.listen_once(InboxListening(world.reports, at_once))
        world.follow()
        (asked,) = world.listed()
        assert asked.wanted.incident == IncidentId("k3f9a2")
        bot.sent.clear()
        world.clock.advance(60)
        world.write(fallen, "Volvió <todo>.", phase=Phase.RESOLVED)
        await told()
        world.follow()
    (message,) = bot.sent
    assert message["chat_id"] == 42
    assert "Volvió &lt;todo&gt;." in message["text"]
    assert world.get(asked.id).ending is Ending.OVER


@pytest.mark.parametrize(
    ("status", "said", "raised"),
    [(403, "Forbidden: bot was blocked by the user", ReceiverGone),
     (400, "Bad Request: chat not found", ReceiverGone),
     (400, "Bad Request: message is too long", Transient),
     (401, "Unauthorized", ServerAway), (429, "Too Many Requests", ServerAway)],
)  # fmt: skip
async def test_answers_of_telegram_are_judged(
    sink: Sink, bot: Bot, status: int, said: str, raised: type[Exception]
) -> None:
    document = {"ok": False, "description": said, "parameters": {"retry_after": 9}}
    bot.answer = (status, document)
    with pytest.raises((Transient, Permanent)) as caught:
        await bot_connection(sink, FakeClock(T0)).send("42", telegram_bot.encoded((), "42"))
    assert type(caught.value) is raised
    if isinstance(caught.value, ServerAway):
        assert caught.value.retry_after == 9
    assert "42" not in str(caught.value).replace(str(status), "")


GROUP, SUPERGROUP = -77, -100_077


async def test_a_group_that_grows_is_told_where_it_is_now_and_its_old_number_goes(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    connection = bot_connection(sink, world.clock)
    route = Route(writer=writer_of(world, TELEGRAM), connections=[connection])
    async with recorded(world.dispatcher(0, kind=TELEGRAM, route=route)) as told:
        bot.hear("/start@EstadoBot es", GROUP)
        listener = telegram_listener.BotListener(
            locales=world.catalogue.page.locales, bot=connection, clock=world.clock
        )
        await listener.listen_once(InboxListening(world.reports, at_once))
        world.follow()
        (asked,) = world.listed()
        bot.sent.clear()
        bot.answers[GROUP] = (400, {"ok": False, "parameters": {"migrate_to_chat_id": SUPERGROUP}})
        world.fall()
        await told()
        world.follow()
    assert [one["chat_id"] for one in bot.sent] == [GROUP, SUPERGROUP]
    assert bot.sent[0]["text"] == bot.sent[1]["text"]
    assert contact_of(world, asked.id) == str(SUPERGROUP)
    assert world.get(asked.id).state is SubscriptionState.CONFIRMED


async def test_a_group_that_says_where_it_moved_is_told_there(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    connection = bot_connection(sink, world.clock)
    listener = telegram_listener.BotListener(
        locales=world.catalogue.page.locales, bot=connection, clock=world.clock
    )
    bot.hear("/start", GROUP)
    bot.hear("/start es_serious", SUPERGROUP)
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    old, new = world.listed()
    bot.updates.append(
        {
            "update_id": 3,
            "message": {"chat": {"id": GROUP}, "migrate_to_chat_id": SUPERGROUP},
        }
    )
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    # It was told there already: once is enough.
    assert [world.get(one.id).ending for one in (old, new)] == [Ending.JOINED, None]


async def test_in_a_group_it_hears_what_is_said_to_it_alone(
    world: SubscribersWorld, sink: Sink, bot: Bot
) -> None:
    listener = telegram_listener.BotListener(
        locales=world.catalogue.page.locales,
        bot=bot_connection(sink, world.clock),
        clock=world.clock,
    )
    bot.hear("/start@OtherBot es", GROUP)
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    assert (world.listed(), bot.sent) == ([], [])


async def test_one_group_that_is_told_too_much_waits_alone_and_several_mean_all(
    sink: Sink, bot: Bot
) -> None:
    clock = FakeClock(T0)
    floods = telegram_bot.Floods(clock)
    first, second = (bot_connection(sink, clock, floods) for _ in range(2))
    bot.answer = (429, {"ok": False, "parameters": {"retry_after": 40}})
    with pytest.raises(Transient) as caught:
        await first.send("-77", telegram_bot.encoded((), "-77"))
    assert (type(caught.value), caught.value.retry_after) == (Transient, 40)
    with pytest.raises(ServerAway):
        await second.send("42", telegram_bot.encoded((), "42"))
    clock.advance(41)
    with pytest.raises(Transient) as caught:
        await second.send("42", telegram_bot.encoded((), "42"))
    assert type(caught.value) is Transient


async def test_a_server_that_asks_for_a_rest_gets_it(world: SubscribersWorld) -> None:
    world.subscribe("ana@example.com")
    connection = Recording()
    dispatcher = dispatching(world, EMAIL, connection)
    async with recorded(dispatcher):
        world.fall()
        connection.fails = [ServerAway("status 429", 300.0)]
        dispatcher.look()
        await dispatcher._send_due()
        assert dispatcher._pause_s == 300.0


def contact_of(world: SubscribersWorld, id_: SubscriptionId) -> str:
    with world.journal.transaction() as tx:
        found = tx.subscriptions.contact(id_)
    assert found is not None
    return found.address


def test_every_way_has_words_and_a_reader() -> None:
    assert set(SUBSCRIBER_CHANNELS) == set(_READERS)
    for words in SUBSCRIBERS.values():
        assert {EMAIL, *words.ways} == set(_READERS)


def test_what_the_configuration_offers_the_form_takes() -> None:
    """Else the page shows a form whose answer is that it is none."""
    assert {EMAIL, *OFFERED} == set(TYPED)
    assert [read_way(kind) for kind in OFFERED] == list(OFFERED)

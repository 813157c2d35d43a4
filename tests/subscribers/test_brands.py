"""Who subscribed at a brand's page is told of what that page shows, in its name, and of nothing
else."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.ports import Transient
from monitor.domain.catalogue import Brand, BrandPage, Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.rollup import Shown
from monitor.domain.subscriptions.contact import EMAIL, TELEGRAM, WEBHOOK, read_contact
from monitor.domain.subscriptions.deep_link import start_word
from monitor.domain.subscriptions.subscription import Subscription, SubscriptionState, Wanted
from monitor.domain.subscriptions.wishes import CONFIRMED, REQUESTED, Request, about, body_of
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.roles.subscribers.page_status import PageStatuses
from monitor.subscribers.channels.kind import Route
from monitor.subscribers.channels.telegram_listener import BotListener
from monitor.subscribers.dispatcher import SubscriberDispatcher
from monitor.subscribers.mails import MailWriter
from monitor.subscribers.planning import MAINTENANCE_EVERY_S
from monitor.subscribers.records import incident_documents
from monitor.subscribers.reporting import InboxListening
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.view.retelling import BACK
from tests.statuspage.builders import THURSDAY, at, component, incident, part, showing, update
from tests.subscribers.smtp_sink import SmtpSink
from tests.subscribers.test_channels import Bot, Recording, bot_connection, recorded, writer_of
from tests.subscribers.test_dispatcher import recording, to, told
from tests.subscribers.test_dispatcher import sink as sink
from tests.subscribers.world import LINKS, SubscribersWorld, at_once
from tests.support.clock import FakeClock
from tests.support.http_sink import Sink
from tests.support.http_sink import sink as running_hooks
from tests.support.worlds import T0, catalogue

WEB, MAIL = ComponentId("web"), ComponentId("mail")
PAGE = BrandPage(
    id="radio", name=plain("Radio Sur"), company="Radio Sur SRL", url="https://estado.radio.example",
    hosts=("estado.radio.example",), components=(MAIL,), light="#114411",
)  # fmt: skip
OF_OTHERS = re.compile(r"\bWeb\b|Prueba|Hosting|127\.0\.0\.1", re.IGNORECASE)
"""What the company's page names and the brand's does not."""


def branded(page: BrandPage = PAGE) -> Catalogue:
    """The brand's page alone shows mail; the company's shows the rest."""
    made = catalogue()
    components = tuple(replace(c, is_public=c.id != MAIL) for c in made.components)
    brands = (Brand(name="Radio", page=page),)
    return replace(made, components=components, page=replace(made.page, brands=brands))


@pytest.fixture
def world(tmp_path: Path) -> SubscribersWorld:
    return SubscribersWorld(tmp_path, branded())


@pytest.fixture
async def sink_of_bot() -> AsyncIterator[Sink]:
    async with running_hooks() as opened:
        yield opened


@pytest.fixture
def bot(sink_of_bot: Sink, monkeypatch: pytest.MonkeyPatch) -> Bot:
    made = Bot()
    sink_of_bot.reply = made.reply
    monkeypatch.setenv("TOKEN", "77:secret")
    return made


def ask(
    world: SubscribersWorld, address: str, page: str | None, *, kind: str = EMAIL,
    wanted: Wanted | None = None, is_proven: bool = False,
) -> list[Subscription]:  # fmt: skip
    """Sent and confirmed; those that wait or are told then."""
    asked = Request(
        contact=read_contact(kind, address), wanted=wanted or Wanted(), locale="es", page=page,
        is_proven=is_proven,
    )  # fmt: skip
    world.inbox.append(REQUESTED, body_of(asked))
    world.follow()
    for one in world.listed():
        if one.state is SubscriptionState.PENDING:
            world.inbox.append(CONFIRMED, about(one.id))
    world.follow()
    return list(world.listed())


def fall_of_both(world: SubscribersWorld) -> Incident:
    fallen = world.fall(component="mail")
    both = (*fallen.affected, replace(fallen.affected[0], component=WEB))
    return world._save(replace(fallen, affected=both), "updated")


async def test_each_page_tells_its_own_subscribers_of_what_it_shows(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    dispatcher = world.dispatcher(sink.port)
    ask(world, "ana@example.com", None)
    ask(world, "eva@example.com", "radio")
    async with recording(dispatcher):
        await told(world, dispatcher)
        sink.taken.clear()
        world.fall()
        await told(world, dispatcher)
        assert [rcpt for rcpt, _ in sink.taken] == ["ana@example.com"]
        sink.taken.clear()
        world.clock.advance(60)
        world.fall("p4g8b3", component="mail")
        await told(world, dispatcher)
    assert [rcpt for rcpt, _ in sink.taken] == ["eva@example.com"]


async def test_a_brands_mail_has_nothing_of_the_company(tmp_path: Path, sink: SmtpSink) -> None:
    page = replace(PAGE, sender="Radio Sur <estado@radio.example>")
    world = SubscribersWorld(tmp_path, branded(page))
    dispatcher = world.dispatcher(sink.port)
    ask(world, "eva@example.com", "radio")
    async with recording(dispatcher):
        await told(world, dispatcher)
        fall_of_both(world)
        await told(world, dispatcher)
    mails = to(sink, "eva@example.com")
    assert mails
    for mail in mails:
        assert mail["From"] == "Radio Sur <estado@radio.example>"
        assert str(mail["Message-ID"]).endswith("@radio.example>")
        html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert "background:#114411" in html
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "https://estado.radio.example/" in text
    unsubscribe = str(mails[-1]["List-Unsubscribe"])
    assert unsubscribe.startswith("<https://estado.radio.example/suscripcion/baja/")
    assert not [found for _, body in sink.taken if (found := OF_OTHERS.search(body.decode()))]


def test_a_page_mails_of_a_failure_what_it_says_of_it(world: SubscribersWorld) -> None:
    """Here the machine's own text names another's, and the page tells it by itself."""
    dispatcher = world.dispatcher(0)
    ask(world, "eva@example.com", "radio")
    dispatcher.look()
    both = fall_of_both(world)
    told = replace(both.updates[0], machine=plain("Web y Correo no responden."))
    world._save(replace(both, updates=(told,)), "updated")
    dispatcher.look()
    due = dispatcher._deliveries.due(world.clock.now(), 10)
    (said,) = [one.said["es"].body for one in due if one.said]
    assert "el servicio Correo no responde" in said


def test_the_end_of_a_pages_part_is_mailed_though_nothing_is_written(
    world: SubscribersWorld,
) -> None:
    """What it shares an incident with is down still: its end comes by the time alone."""
    dispatcher = world.dispatcher(0)
    ask(world, "eva@example.com", "radio")
    dispatcher.look()
    both = fall_of_both(world)
    dispatcher.look()
    mail, web = both.affected
    world._save(replace(both, affected=(replace(mail, end=world.clock.now()), web)), "updated")
    dispatcher.look()
    before = phases_due(dispatcher)
    world.clock.advance(world.catalogue.alerting.observe + MAINTENANCE_EVERY_S)
    dispatcher.look()
    assert [*before, "Resuelto"] == phases_due(dispatcher)
    world.clock.advance(MAINTENANCE_EVERY_S)
    dispatcher.look()
    assert phases_due(dispatcher).count("Resuelto") == 1


def phases_due(dispatcher: SubscriberDispatcher) -> list[str]:
    due = dispatcher._deliveries.due(Second(T0 + 86_400), 10)
    return [one.said["es"].subject.partition(":")[0] for one in due if one.said]


def test_without_a_sender_of_its_own_a_brands_mail_has_its_name(world: SubscribersWorld) -> None:
    assert world.pages["radio"].sender == "Radio Sur <estado@example.com>"
    assert world.pages[None].sender == "Estado <estado@example.com>"


async def test_a_brands_webhook_names_its_page_and_components_alone(
    world: SubscribersWorld,
) -> None:
    connection = Recording()
    route = Route(writer=writer_of(world, WEBHOOK), connections=[connection], takes_records=True)
    async with recorded(world.dispatcher(0, kind=WEBHOOK, route=route)) as telling:
        ask(world, "https://hooks.example.com/a", "radio", kind=WEBHOOK)
        fall_of_both(world)
        await telling()
    bodies: list[Any] = [body for _, body in connection.sent]
    assert bodies
    for body in bodies:
        assert body["page"]["name"] == "Radio Sur"
        assert body["page"]["url"] == "https://estado.radio.example"
        assert body["meta"]["unsubscribe"].startswith("https://estado.radio.example/")
        assert not OF_OTHERS.search(json.dumps(body, ensure_ascii=False))
    named = {c["id"] for b in bodies if "incident" in b for c in b["incident"]["components"]}
    assert named == {"mail"}


def test_a_record_has_what_was_told_before_it_whatever_its_numbers() -> None:
    """What a page tells by itself of its own part has numbers far above those of the others."""
    down = component("mail", "Correo")
    fallen = incident(
        "k3f9a2", "Correo: sin servicio", part(down, at("14:08")),
        updates=[
            update(1, at("14:10"), Phase.INVESTIGATING, "Correo no responde."),
            update(BACK + 1, at("14:30"), Phase.MONITORING, "Correo volvió a funcionar."),
            update(4, at("14:35"), Phase.IDENTIFIED, "Correo volvió a fallar."),
        ],
    )  # fmt: skip
    for number, phases in (
        (4, ["identified", "monitoring", "investigating"]),
        (BACK + 1, ["monitoring", "investigating"]),
    ):
        document: Any = incident_documents(fallen, number, catalogue())["es"]
        assert document["status"] == phases[0]
        assert [one["status"] for one in document["incident_updates"]] == phases


def test_a_page_takes_wishes_about_what_it_shows(world: SubscribersWorld) -> None:
    assert ask(world, "ana@example.com", "nowhere") == []
    assert ask(world, "ana@example.com", "radio", wanted=Wanted(components=(WEB,))) == []
    fallen = world.fall()
    assert ask(world, "ana@example.com", "radio", wanted=Wanted(incident=fallen.id)) == []
    # Who asks the company learns nothing of what a brand alone shows, not even that it is open.
    private = world.fall("p4g8b3", component="mail")
    assert ask(world, "ana@example.com", None, wanted=Wanted(incident=private.id)) == []
    (found,) = ask(world, "ana@example.com", "radio", wanted=Wanted(components=(WEB, MAIL)))
    assert (found.page, found.wanted.components) == ("radio", (MAIL,))


def test_the_same_mailbox_may_ask_at_each_page_on_one_day(world: SubscribersWorld) -> None:
    """Else a mail that does not come would tell that both pages are one company's."""
    ask(world, "ana@example.com", None)
    both = ask(world, "ana@example.com", "radio")
    assert {one.page for one in both} == {None, "radio"}
    assert len(ask(world, "ana@example.com", "radio")) == 2


def test_a_chat_asks_about_no_page_that_is_shown_behind_a_link(tmp_path: Path) -> None:
    private = SubscribersWorld(tmp_path, branded(replace(PAGE, is_private=True)))
    assert ask(private, "42", "radio", kind=TELEGRAM, is_proven=True) == []
    # Who has its form had the link.
    assert len(ask(private, "ana@example.com", "radio")) == 1


async def test_a_page_that_is_gone_tells_nothing_and_is_waited_for(
    world: SubscribersWorld, sink: SmtpSink
) -> None:
    ask(world, "eva@example.com", "radio")
    dispatcher = world.dispatcher(sink.port)
    async with recording(dispatcher):
        dispatcher.look()
        world.fall(component="mail")
        dispatcher.look()
        dispatcher._route = replace(
            dispatcher._route, writer=MailWriter(pages={None: world.pages[None]}, links=LINKS)
        )
        await told(world, dispatcher)
    assert sink.taken == []
    assert world.deliveries.pending() > 0


async def test_a_link_to_the_bot_says_of_which_page_it_is(
    world: SubscribersWorld, sink_of_bot: Sink, bot: Bot
) -> None:
    listener = BotListener(
        locales=world.catalogue.page.locales,
        bot=bot_connection(sink_of_bot, world.clock),
        clock=world.clock,
    )
    bot.hear(f"/start {start_word(Wanted(), 'es', 'radio')}")
    await listener.listen_once(InboxListening(world.reports, at_once))
    world.follow()
    (asked,) = world.listed()
    assert (asked.page, asked.state) == ("radio", SubscriptionState.CONFIRMED)


def test_what_a_page_says_of_everything_is_read_where_that_page_is_published(
    tmp_path: Path,
) -> None:
    clock = FakeClock(THURSDAY)
    for name, state in (("company", Shown.OPERATIONAL), ("radio", Shown.DOWN)):
        view = showing(state)
        publish(tmp_path / name, render(view), view.at, view.stale_after, boottime=0.0, boot_id="b")
    statuses = PageStatuses({None: tmp_path / "company", "radio": tmp_path / "radio"}, clock)
    assert statuses(None)["status_indicator"] == "none"
    assert statuses("radio")["status_indicator"] != "none"
    with pytest.raises(Transient):
        statuses("nowhere")

"""Forms of strangers: the same answer for everybody, what is wrong said, and nothing lost."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web

from monitor.domain.catalogue import BrandPage
from monitor.domain.checks.observation import Json
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.domain.subscriptions.deep_link import read_start_word
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, SubscriptionId
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, subscribe_path, unsubscribe_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.inbox.ports import InboxFull, InboxUnavailable
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.server import SnapshotWatcher, make_app
from statuspage.serve.subscribing.desk import (
    BY_NETWORK,
    MOST_BYTES,
    SubscribersApi,
    SubscriptionDesk,
)
from tests.statuspage.builders import THURSDAY, at, incident, part, showing
from tests.support.clock import FakeClock

LINKS = Links(bytes(range(32)))
ANA = SubscriptionId("a2b3c4d5e6f7g8h9")


class Desk:
    """A page with the forms, where they come to, and who seems to send them."""

    def __init__(self, url: str, client: ClientSession, clock: FakeClock) -> None:
        self.url, self.client, self.clock = url, client, clock
        self.rows: list[tuple[str, Mapping[str, Json]]] = []
        self.sender = "192.0.2.7"
        self.error: Exception | None = None

    async def append(self, kind: str, body: Mapping[str, Json]) -> None:
        if self.error is not None:
            raise self.error
        self.rows.append((kind, body))

    async def post(
        self, path: str, fields: Mapping[str, str] | bytes = b"", **headers: str
    ) -> tuple[int, str, str]:
        """Status, where it sends the browser, and the page."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/x-www-form-urlencoded")
        async with self.client.post(
            self.url + path, data=body, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(self.url + path, allow_redirects=False) as answer:
            return answer.status, await answer.text()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test changes it: rendering it takes longer than most of them."""
    shown = showing(Shown.OPERATIONAL, Shown.DOWN)
    page = replace(shown.page, locales=tuple(Lang))
    fallen = incident("abc234", "B: sin respuesta", part(shown.components[1], at("14:08")))
    view = replace(
        shown, page=page, takes_subscribers=True, subscriber_channels=("webhook", "slack"),
        incidents=(fallen,),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("forms") / "published"
    publish(folder, render(view), view.at, view.stale_after, boottime=0.0, boot_id="boot-1")
    return folder


@pytest.fixture
async def desk(published: Path) -> AsyncIterator[Desk]:
    async with serving(published) as made:
        yield made


@asynccontextmanager
async def serving(published: Path) -> AsyncIterator[Desk]:
    clock = FakeClock(Second(THURSDAY + 5))
    async with ClientSession() as client:
        made = Desk("", client, clock)
        taking = SubscriptionDesk(made.append, lambda: LINKS, lambda _: made.sender, clock)
        apis = (SubscribersApi(taking, lang) for lang in Lang)
        app = make_app(SnapshotWatcher(published, clock), taking, *apis)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        made.url = f"http://{host}:{port}"
        yield made
        await runner.cleanup()


async def test_the_form_is_on_the_page_and_needs_no_script(desk: Desk) -> None:
    status, page = await desk.get("/suscripcion")
    assert status == 200
    assert '<form class="card stack" method="post" action="/suscripcion">' in page
    assert 'name="component" value="c0"' in page
    assert "<script" not in page
    assert 'href="/suscripcion"' in (await desk.get("/es/"))[1]


def test_other_ways_than_mail_are_named_where_people_look_for_them() -> None:
    shown = replace(showing(Shown.OPERATIONAL), takes_subscribers=True)
    both = replace(shown, subscriber_channels=("slack",), bot="EmpresaEstadoBot")
    alone, told = (render(one)["/suscripcion"].fresh.content.decode() for one in (shown, both))
    assert "<h1>Recibir avisos por correo</h1>" in alone
    assert "<h1>Recibir avisos</h1>" in told
    assert '<a href="/suscripcion">Correo</a>' in alone
    assert '<a href="/suscripcion">Correo, Slack y Telegram</a>' in told


def test_a_bot_is_started_for_the_brands_page_that_leads_to_it() -> None:
    page = BrandPage(
        id="radio.norte", name=plain("Radio"), company="Radio", url="https://radio.example",
        hosts=("radio.example",), components=(),
    )  # fmt: skip
    shown = replace(showing(Shown.OPERATIONAL), takes_subscribers=True, bot="EmpresaEstadoBot")
    told = render(replace(shown, brand=page))["/suscripcion"].fresh.content.decode()
    starts = re.findall(r"\?start=([^\"]+)", told)
    assert {read_start_word(word)[2] for word in starts} == {"radio.norte"}


def test_home_offers_beside_its_age_to_be_told() -> None:
    shown = replace(showing(Shown.OPERATIONAL), takes_subscribers=True)
    rendered = render(shown)
    button = '<a class="btn alt" href="/suscripcion">Recibir avisos por correo</a>'
    assert button in rendered["/es/"].fresh.content.decode()
    assert button not in rendered["/historial"].fresh.content.decode()
    assert "/suscripcion" not in render(showing(Shown.OPERATIONAL))["/es/"].fresh.content.decode()


@pytest.mark.parametrize(
    ("phase", "title"),
    [
        (Phase.IDENTIFIED, "Avíseme cuando vuelva"),
        (Phase.MONITORING, "Avíseme cuando se dé por resuelto"),
    ],
)
def test_nobody_is_asked_to_wait_for_what_is_back(phase: Phase, title: str) -> None:
    shown = replace(showing(Shown.DOWN), takes_subscribers=True)
    told = incident("abc234", "A: sin respuesta", part(shown.components[0], at("14:08")))
    told = replace(told, phase=phase)
    page = render(replace(shown, incidents=(told,)))["/incidente/abc234"].fresh.content.decode()
    assert f"<h2>{title}</h2>" in page


@pytest.mark.parametrize("lang", list(Lang))
def test_who_typed_another_address_than_can_be_told_reads_which_ones_can(lang: Lang) -> None:
    said = SUBSCRIBERS[lang].notes[Note.BAD_HOOK].lead
    assert all(word in said for word in ("https://", "443", "8443", "Slack")), said


async def test_a_request_is_in_the_inbox_before_it_is_answered(desk: Desk) -> None:
    form = {"email": "Ana@Example.com", "component": "c1", "severity": "serious"}
    assert (await desk.post("/en/subscribe", form))[:2] == (303, "/en/subscribe/received")
    assert desk.rows == [
        (
            "subscription.requested",
            {
                "kind": "email",
                "address": "Ana@example.com",
                "components": ["c1"],
                "incident": None,
                "severity": "serious",
                "locale": "en",
                "is_proven": False,
            },
        )
    ]
    status, page = await desk.get("/en/subscribe/received")
    assert status == 200
    assert "Check your mail" in page


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"email": "ana"}, 400, "Esa dirección de correo no sirve"),
        ({"email": "ana@example.com\r\nBcc: eva@example.com"}, 400, "Esa dirección"),
        ({"email": "ana@example.com", "severity": "x"}, 400, "No pudimos leer"),
        ({"email": "ana@example.com", "component": "ñ"}, 400, "No pudimos leer"),
        ({}, 400, "No pudimos leer"),
        (b"\xff\xfe=1", 400, "No pudimos leer"),
        (b"email=a%40example.com&" + b"component=c&" * 500, 400, "No pudimos leer"),
        (b"email=" + b"a" * MOST_BYTES, 400, "No pudimos leer"),
    ],
)
async def test_it_says_what_is_wrong_with_a_form(
    desk: Desk, fields: Mapping[str, str] | bytes, status: int, words: str
) -> None:
    found, _, page = await desk.post("/suscripcion", fields)
    assert (found, desk.rows) == (status, [])
    assert words in page


async def test_a_form_that_is_not_taken_comes_back_as_it_was_filled_in(desk: Desk) -> None:
    sent = "email=ana%40exa+mple&component=c1&component=nobody&severity=serious"
    status, _, page = await desk.post("/suscripcion", sent.encode())
    form = page[: page.index("</form>")]
    assert status == 400
    assert "<title>Esa dirección de correo no sirve · Recibir avisos" in page
    assert 'value="ana@exa mple" aria-invalid="true" aria-describedby="email-error"' in form
    assert '<div id="email-error" role="alert">' in form
    assert "<details open>" in form
    assert 'value="c1" checked' in form
    assert 'value="c0" checked' not in form
    assert 'value="serious" checked' in form
    assert 'value="any" checked' not in form
    assert "nobody" not in page
    assert desk.rows == []


async def test_what_was_typed_is_never_part_of_the_page(desk: Desk) -> None:
    typed = '"><script>alert(1)</script>'
    form = {"email": typed, "component": typed, "severity": typed, "kind": "email"}
    _, _, page = await desk.post("/suscripcion", form)
    assert 'value="&quot;&gt;&lt;script&gt;' in page
    assert "<script" not in page
    for field in ("kind", "incident"):
        _, _, page = await desk.post("/suscripcion", {"email": "a", "address": "a", field: typed})
        assert "script" not in page


async def test_what_another_page_had_sent_is_not_shown(desk: Desk) -> None:
    form = {"email": "sent@elsewhere.example"}
    status, _, page = await desk.post("/suscripcion", form, Sec_Fetch_Site="cross-site")
    assert status == 403
    assert "elsewhere" not in page


async def test_the_webhook_that_does_not_do_is_corrected_in_its_own_form(desk: Desk) -> None:
    form = {"kind": "webhook", "address": "https://192.0.2.1/x"}
    status, _, page = await desk.post("/suscripcion", form)
    mail, webhook, *_ = page.split("</form>")
    assert status == 400
    assert 'value="https://192.0.2.1/x" aria-invalid="true"' in webhook
    assert '<details class="card" open>' in webhook
    assert 'role="alert"' not in mail


async def test_who_waits_for_an_incident_corrects_the_address_on_its_page(desk: Desk) -> None:
    form = {"email": "ana", "incident": "abc234"}
    status, _, page = await desk.post("/en/subscribe", form)
    assert status == 400
    assert "<h2>Tell me when it is back</h2>" in page
    assert '<input type="hidden" name="incident" value="abc234">' in page
    assert 'value="ana" aria-invalid="true"' in page
    status, _, page = await desk.post("/en/subscribe", {**form, "incident": "gone"})
    assert status == 400
    assert "We cannot write to that address" in page


async def test_who_asks_too_often_does_not_type_it_again(desk: Desk) -> None:
    form = {"email": "ana@example.com", "component": "c1"}
    for _ in range(BY_NETWORK.most):
        await desk.post("/suscripcion", form)
    status, _, page = await desk.post("/suscripcion", form)
    assert status == 429
    assert 'role="alert" tabindex="-1" autofocus><p class="bad">Demasiados pedidos' in page
    assert 'value="ana@example.com">' in page
    assert 'value="c1" checked' in page


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"Sec_Fetch_Site": "same-origin", "Origin": "null"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, True),
        ({}, True),
    ],
)
async def test_it_takes_forms_of_its_own_pages_alone(
    desk: Desk, headers: Mapping[str, str], is_taken: bool
) -> None:
    status, _, _ = await desk.post("/suscripcion", {"email": "ana@example.com"}, **headers)
    assert (status, len(desk.rows)) == ((303, 1) if is_taken else (403, 0))


JSON = {"Content_Type": "application/json"}
STATUSPAGES = "/api/v2/subscribers.json"


async def test_a_program_asks_by_json_and_is_answered_by_it(desk: Desk) -> None:
    form = {
        "kind": "webhook", "address": "https://hooks.example.com/x", "components": ["c1"],
        "severity": "serious",
    }  # fmt: skip
    status, elsewhere, answer = await desk.post("/en/subscribe", json.dumps(form).encode(), **JSON)
    assert (status, elsewhere) == (200, "")
    told = json.loads(answer)
    assert told["status"] == "sent"
    assert told["message"].startswith("Please confirm. We sent")
    ((kind, row),) = desk.rows
    assert (kind, row["kind"], row["address"]) == (
        "subscription.requested", "webhook", "https://hooks.example.com/x",
    )  # fmt: skip
    assert (row["components"], row["severity"], row["locale"]) == (["c1"], "serious", "en")


async def test_a_form_of_a_browser_is_answered_by_json_where_that_alone_is_accepted(
    desk: Desk,
) -> None:
    fields = {"email": "ana@example.com"}
    status, _, answer = await desk.post("/suscripcion", fields, Accept="application/json")
    assert (status, json.loads(answer)["status"]) == (200, "received")
    token = LINKS.token(Purpose.MANAGE, ANA, Second(0))
    status, _, answer = await desk.post(unsubscribe_path("es", token), Accept="application/json")
    assert (status, json.loads(answer)["status"]) == (200, "ended")
    status, elsewhere, _ = await desk.post("/suscripcion", fields, Accept="text/html,*/*")
    assert (status, elsewhere) == (303, "/suscripcion/received")


async def test_json_that_is_no_form_is_refused_by_json(desk: Desk) -> None:
    refused = {
        b'{"address": "ana"}': "bad-address",
        b'{"address": "ana@\\ud800.example"}': "bad-address",
        b'{"kind": "webhook", "address": "http://hooks.example.com"}': "bad-webhook",
        b'{"kind": "telegram", "address": "1"}': "bad-form",
        b"{}": "bad-form",
        b"[]": "bad-form",
        b"[" * 20_000: "bad-form",
        b'{"address": ["ana@example.com"]}': "bad-form",
        b'{"address": "ana@example.com", "component": "c1"}': "bad-form",
        b'{"address": "ana@example.com", "components": [1]}': "bad-form",
        b" " * (MOST_BYTES + 1): "bad-form",
    }
    for sent, note in refused.items():
        status, _, answer = await desk.post("/suscripcion", sent, **JSON)
        assert (status, json.loads(answer)["status"], desk.rows) == (400, note, []), sent[:80]


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (
            b'{"subscriber": {"email": "ana@example.com", "component_id": "c1"}}',
            JSON,
        ),
        (b"subscriber[email]=ana%40example.com&subscriber[component_id]=c1", {}),
    ],
)
async def test_statuspages_clients_subscribe_in_their_own_form(
    desk: Desk, sent: bytes, headers: Mapping[str, str]
) -> None:
    status, _, answer = await desk.post(STATUSPAGES, sent, **headers)
    told = json.loads(answer)
    assert (status, told["mode"], told["email"]) == (200, "email", "ana@example.com")
    assert told["page"]["name"] == "Estado del Servicio"
    ((_, row),) = desk.rows
    assert (row["address"], row["components"], row["locale"]) == ("ana@example.com", ["c1"], "")


async def test_an_endpoint_of_statuspages_clients_is_a_webhook_without_a_mailbox(
    desk: Desk,
) -> None:
    form = {"email": "ana@example.com", "endpoint": "https://hooks.example.com/x", "incident": "k3"}
    sent = json.dumps({"subscriber": form}).encode()
    status, _, answer = await desk.post(STATUSPAGES, sent, **JSON)
    assert (status, json.loads(answer)["endpoint"]) == (200, "https://hooks.example.com/x")
    ((_, row),) = desk.rows
    assert (row["kind"], row["incident"]) == ("webhook", "k3")
    assert "ana@example.com" not in repr(row)
    status, _, answer = await desk.post(STATUSPAGES, b'{"subscriber": {"phone": "1"}}', **JSON)
    assert (status, json.loads(answer)["status"]) == (400, "bad-form")


async def test_json_counts_in_the_same_limits(desk: Desk) -> None:
    sent = b'{"address": "ana@example.com"}'
    statuses = [(await desk.post("/suscripcion", sent, **JSON))[0] for _ in range(BY_NETWORK.most)]
    assert set(statuses) == {200}
    last = await desk.post(STATUSPAGES, b"subscriber[email]=eva%40example.com")
    assert (last[0], json.loads(last[2])["status"]) == (429, "too-many")
    foreign = await desk.post("/suscripcion", sent, Origin="https://evil.example", **JSON)
    assert foreign[0] == 403


async def test_of_ten_thousand_requests_of_one_network_few_are_taken(desk: Desk) -> None:
    statuses = []
    for number in range(200):
        desk.sender = f"192.0.2.{number % 256}"
        form = {"email": f"s{number}@example.com"}
        statuses.append((await desk.post("/suscripcion", form))[0])
    assert statuses.count(303) == len(desk.rows) == BY_NETWORK.most
    assert set(statuses) == {303, 429}
    desk.sender = "198.51.100.7"
    assert (await desk.post("/suscripcion", {"email": "eva@example.com"}))[0] == 303
    desk.sender = "192.0.2.7"
    desk.clock.advance(3_600)
    assert (await desk.post("/suscripcion", {"email": "eva@example.com"}))[0] == 303


@pytest.mark.parametrize("error", [InboxFull("full"), InboxUnavailable("no disk")])
async def test_a_full_inbox_says_that_nothing_was_stored(desk: Desk, error: Exception) -> None:
    desk.error = error
    status, _, page = await desk.post("/suscripcion", {"email": "ana@example.com"})
    assert status == 503
    assert "No guardamos el suyo" in page


async def test_following_a_link_changes_nothing_and_pressing_its_button_confirms(
    desk: Desk,
) -> None:
    """Mail scanners follow every link of a mail."""
    until = Second(desk.clock.now() + CONFIRM_WITHIN_S)
    path = f"/suscripcion/confirmar/{LINKS.token(Purpose.CONFIRM, ANA, until)}"
    status, page = await desk.get(path)
    assert status == 200
    assert '<form method="post">' in page
    assert desk.rows == []
    assert (await desk.post(path))[:2] == (303, "/suscripcion/confirmed")
    assert desk.rows == [("subscription.confirmed", {"subscription": ANA})]
    desk.clock.advance(CONFIRM_WITHIN_S)
    assert (await desk.post(path))[0] == 410


@pytest.mark.parametrize("lang", Lang)
async def test_each_language_takes_the_form_and_both_links(desk: Desk, lang: Lang) -> None:
    words = SUBSCRIBERS[lang]
    assert words.lead in (await desk.get(subscribe_path(lang)))[1]
    status, where, _ = await desk.post(subscribe_path(lang), {"email": "ana@example.com"})
    assert status == 303
    assert desk.rows[-1][1]["locale"] == lang.value
    assert words.notes[Note.RECEIVED].lead in (await desk.get(where))[1]
    until = Second(desk.clock.now() + CONFIRM_WITHIN_S)
    confirming = confirm_path(lang, LINKS.token(Purpose.CONFIRM, ANA, until))
    assert words.confirm_send in (await desk.get(confirming))[1]
    assert (await desk.post(confirming))[0] == 303
    ending = unsubscribe_path(lang, LINKS.token(Purpose.MANAGE, ANA, Second(0)))
    assert words.end_send in (await desk.get(ending))[1]
    assert words.notes[Note.ENDED].lead in (await desk.post(ending))[2]


async def test_one_click_ends_it_without_a_redirect(desk: Desk) -> None:
    path = f"/en/subscribe/unsubscribe/{LINKS.token(Purpose.MANAGE, ANA, Second(0))}"
    assert (await desk.get(path))[0] == 200
    assert desk.rows == []
    status, _, page = await desk.post(path, {"List-Unsubscribe": "One-Click"})
    assert status == 200
    assert "We write to you no more" in page
    assert desk.rows == [("subscription.unsubscribed", {"subscription": ANA})]


async def test_a_link_that_is_pressed_again_and_again_fills_no_inbox(desk: Desk) -> None:
    path = f"/suscripcion/baja/{LINKS.token(Purpose.MANAGE, ANA, Second(0))}"
    statuses = {(await desk.post(path))[0] for _ in range(50)}
    assert statuses == {200}
    assert len(desk.rows) == 5


async def test_a_guessed_link_reaches_no_inbox(desk: Desk) -> None:
    for token in ("", "x", f"{ANA}.0.{'A' * 43}", LINKS.token(Purpose.CONFIRM, ANA, Second(0))):
        status, _, page = await desk.post(f"/suscripcion/baja/{token}")
        assert status == 404
        assert "Ese enlace no sirve" in page
    assert desk.rows == []


async def test_without_subscribers_there_is_no_form(tmp_path: Path) -> None:
    folder, view = tmp_path / "published", showing(Shown.OPERATIONAL)
    publish(folder, render(view), view.at, view.stale_after, boottime=0.0, boot_id="boot-1")
    async with serving(folder) as desk:
        assert (await desk.get("/suscripcion"))[0] == 404
        assert (await desk.post("/suscripcion", {"email": "ana@example.com"}))[0] == 405
        assert (await desk.post(STATUSPAGES, b"subscriber[email]=a%40example.com"))[0] == 405
    assert desk.rows == []

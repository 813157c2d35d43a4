"""A customer says that something fails: stored first, then answered: who is on it, and when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web

from monitor.domain.checks.observation import Json
from monitor.domain.customers.notes import ProblemNote
from monitor.domain.customers.problems import LETTERS, ProblemRef, is_ref
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import problem_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import PROBLEMS
from monitor.inbox.ports import InboxFull, InboxUnavailable
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.problems import (
    BY_NETWORK,
    MOST_BYTES,
    SAME_FOR_S,
    ProblemDesk,
    read_form,
)
from statuspage.serve.server import SnapshotWatcher, make_app
from tests.statuspage.builders import THURSDAY, showing, support_levels
from tests.support.clock import FakeClock


class Desk:
    """A page with the form, where it comes to, and who seems to send it."""

    watcher: SnapshotWatcher

    def __init__(self, url: str, client: ClientSession, clock: FakeClock) -> None:
        self.url, self.client, self.clock = url, client, clock
        self.rows: list[tuple[str, Mapping[str, Json]]] = []
        self.sender = "192.0.2.7"
        self.error: Exception | None = None
        self._numbers = count()

    async def append(self, kind: str, body: Mapping[str, Json]) -> None:
        if self.error is not None:
            raise self.error
        self.rows.append((kind, body))

    def ref(self) -> ProblemRef:
        return ProblemRef("PRBLEM2" + LETTERS[next(self._numbers)])

    async def post(
        self, fields: Mapping[str, str] | bytes, path: str = "/informar", **headers: str
    ) -> tuple[int, str]:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/x-www-form-urlencoded")
        async with self.client.post(self.url + path, data=body, headers=named) as answer:
            return answer.status, await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(self.url + path) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = FakeClock(Second(THURSDAY + 5))
    shown = showing(Shown.OPERATIONAL, Shown.DOWN, Shown.MAINTENANCE)
    page = replace(shown.page, locales=tuple(Lang), problem_form=True)
    view = replace(shown, page=page, support=support_levels())
    folder = tmp_path / "published"
    publish(folder, render(view), view.at, view.stale_after, boottime=0.0, boot_id="boot-1")
    async with ClientSession() as client:
        made = Desk("", client, clock)
        taking = ProblemDesk(made.append, lambda _: made.sender, clock, made.ref)
        made.watcher = SnapshotWatcher(folder, clock)
        runner = web.AppRunner(make_app(made.watcher, taking), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        made.url = f"http://{host}:{port}"
        yield made
        await runner.cleanup()


async def test_the_guide_leads_to_a_form_that_says_who_answers_and_when(desk: Desk) -> None:
    _, home = await desk.get("/es/")
    assert 'href="/informar"' in home
    status, page = await desk.get("/informar")
    assert status == 200
    assert "Operaciones atiende las fallas a toda hora, también de noche." in page
    assert "Asesoramiento" in page
    assert "<script" not in page


async def test_without_the_setting_there_is_no_form() -> None:
    pages = render(showing(Shown.OPERATIONAL))
    assert "/informar" not in pages
    assert b"/informar" not in pages["/es/"].fresh.content


async def test_who_has_sent_nothing_is_not_told_that_it_was_received(desk: Desk) -> None:
    async with desk.client.get(f"{desk.url}/en/report/received", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/en/report")


async def test_the_answer_of_a_form_is_for_no_search_engine(desk: Desk) -> None:
    noindex = '<meta name="robots" content="noindex">'
    _, form = await desk.get("/informar")
    _, received = await desk.post({"component": "c0", "text": "No abre mi sitio", "kind": "fails"})
    assert (noindex in form, noindex in received) == (False, True)
    _, sitemap = await desk.get("/sitemap.xml")
    assert "/informar<" in sitemap
    assert "recibido" not in sitemap


async def test_it_is_in_the_inbox_and_the_customer_has_its_reference(desk: Desk) -> None:
    status, page = await desk.post({"component": "c0", "text": "No abre mi sitio", "kind": "fails"})
    assert status == 200
    ((kind, body),) = desk.rows
    assert kind == "problem.said"
    assert (body["component"], body["text"], body["ref"]) == ("c0", "No abre mi sitio", "PRBLEM22")
    assert "192.0.2" not in str(body)
    assert "PRBLEM22" in page
    assert "Nuestros controles no ven una falla ahí. Lo miramos otra vez ahora." in page
    assert 'href="/componente/c0"' in page
    assert 'href="/componente/c1"' not in page
    assert "Quién le contesta" in page


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"component": "c1"}, "Ya sabemos de una falla en ese servicio."),
        ({"component": "c2"}, "Hay un mantenimiento en ese servicio."),
        ({"component": ""}, "Lo lee una persona."),
        ({"component": "c9"}, "Lo lee una persona."),
        ({"component": "c1", "kind": "design"}, "Su consulta queda para el equipo de diseño"),
    ],
)
async def test_it_says_what_becomes_of_it(
    desk: Desk, fields: Mapping[str, str], title: str
) -> None:
    status, page = await desk.post({**fields, "text": "No abre"})
    assert (status, len(desk.rows)) == (200, 1)
    assert f"<h2>{title}" in page


async def test_a_component_that_the_page_does_not_show_is_none(desk: Desk) -> None:
    """It may be another brand's: nothing is looked at there for who asks here."""
    await desk.post({"component": "c9", "text": "No abre"})
    await desk.post({"component": "c0", "text": "No abre"})
    assert [body["component"] for _, body in desk.rows] == [None, "c0"]


async def test_the_same_words_on_two_brands_pages_are_two_reports(desk: Desk) -> None:
    """Nor does a reference tell that both pages are one company's."""
    for page in ("norte", "sur", "sur"):
        desk.watcher.page = page
        await desk.post({"text": "No abre"})
    assert [body["ref"] for _, body in desk.rows] == ["PRBLEM22", "PRBLEM23"]


async def test_of_a_known_failure_nobody_else_is_named_to_answer(desk: Desk) -> None:
    _, page = await desk.post({"component": "c1", "text": "No abre"})
    assert "Quién le contesta" not in page


@pytest.mark.parametrize(
    ("fields", "status", "title"),
    [
        ({"component": "c0", "text": "  "}, 400, "Falta decir qué pasa."),
        ({"component": "c0", "text": "..."}, 400, "Falta decir qué pasa."),
        ({"text": "a" * 2_001}, 400, "Falta decir qué pasa."),
        ({"text": "No abre", "kind": "x"}, 400, "No pudimos leer"),
        ({"text": "No abre", "component": "ñ"}, 400, "No pudimos leer"),
        (b"\xff=1", 400, "No pudimos leer"),
        (b"text=" + b"a" * MOST_BYTES, 400, "No pudimos leer"),
    ],
)
async def test_a_form_with_a_mistake_stores_nothing_and_says_it(
    desk: Desk, fields: Mapping[str, str] | bytes, status: int, title: str
) -> None:
    found, page = await desk.post(fields)
    assert (found, desk.rows) == (status, [])
    assert title in page
    assert 'action="/informar"' in page


async def test_what_was_typed_is_there_again_and_never_as_html(desk: Desk) -> None:
    text = "x</textarea><script>" + "y" * 2_000
    _, page = await desk.post({"component": "c1", "text": text, "kind": "design"})
    assert "x&lt;/textarea&gt;&lt;script&gt;" in page
    assert "<script>" not in page
    assert '<option value="c1" selected>' in page
    assert 'value="design" checked' in page
    assert 'aria-describedby="respuesta texto-ayuda" aria-invalid="true" autofocus>x&lt;' in page


async def test_a_reload_stores_nothing_twice(desk: Desk) -> None:
    form = {"component": "c0", "text": "No abre"}
    first = await desk.post(form)
    assert await desk.post(form) == first
    assert len(desk.rows) == 1
    desk.clock.advance(SAME_FOR_S)
    await desk.post(form)
    assert len(desk.rows) == 2


async def test_two_customers_have_a_reference_each(desk: Desk) -> None:
    form = {"component": "c0", "text": "No abre"}
    await desk.post(form)
    desk.sender = "198.51.100.7"
    await desk.post(form)
    (_, first), (_, second) = desk.rows
    assert first["ref"] != second["ref"]
    assert first["sender"] != second["sender"]


async def test_a_network_that_writes_on_and_on_is_told_to_wait(desk: Desk) -> None:
    for number in range(BY_NETWORK.most):
        assert (await desk.post({"text": f"No abre {number}"}))[0] == 200
    status, page = await desk.post({"text": "No abre otra vez"})
    assert status == 429
    assert "No guardamos este." in page
    assert len(desk.rows) == BY_NETWORK.most
    desk.sender = "198.51.100.7"
    assert (await desk.post({"text": "No abre"}))[0] == 200


@pytest.mark.parametrize("error", [InboxFull("x"), InboxUnavailable("x")])
async def test_an_inbox_that_takes_nothing_says_that_nothing_was_stored(
    desk: Desk, error: Exception
) -> None:
    desk.error = error
    status, page = await desk.post({"text": "No abre"})
    assert status == 503
    assert "No guardamos el suyo." in page
    desk.error = None
    assert (await desk.post({"text": "No abre"}))[0] == 200
    assert len(desk.rows) == 1


async def test_a_form_of_another_site_is_refused(desk: Desk) -> None:
    status, _ = await desk.post({"text": "No abre"}, Sec_Fetch_Site="cross-site")
    assert (status, desk.rows) == (403, [])


async def test_old_data_promises_nothing_of_now(desk: Desk) -> None:
    desk.clock.advance(600)
    _, page = await desk.post({"component": "c0", "text": "No abre"})
    assert "<h2>Lo guardamos.</h2>" in page
    assert len(desk.rows) == 1


async def test_programs_send_it_and_read_the_answer_as_json(desk: Desk) -> None:
    body = json.dumps({"component": "c1", "text": "No abre"}).encode()
    status, answer = await desk.post(body, "/en/report", Content_Type="application/json")
    told = json.loads(answer)
    assert (status, told["status"]) == (200, "known")
    assert is_ref(told["reference"])
    assert told["message"].startswith("We know of a failure")
    bad = await desk.post(b"[1]", "/en/report", Content_Type="application/json")
    assert (bad[0], json.loads(bad[1])["reference"]) == (400, None)


@pytest.mark.parametrize("lang", list(Lang))
def test_every_note_has_words(lang: Lang) -> None:
    assert set(PROBLEMS[lang].notes) == set(ProblemNote)
    assert problem_path(lang)


@pytest.mark.parametrize(
    "body", [b"[" * 16_000, b'{"text": "abc \\ud800 def"}'], ids=["deep", "half a pair"]
)
def test_json_that_nobody_could_store_is_no_form(body: bytes) -> None:
    assert read_form(body, is_json=True).note is ProblemNote.BAD_FORM

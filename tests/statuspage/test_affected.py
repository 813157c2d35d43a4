"""Whether a failure concerns a domain: what is said, and what it says to nobody."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from pathlib import Path
from types import CodeType
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.name_table import NameTable, decode_table, encode_table
from monitor.domain.customers.names import read_name
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import affected_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import AFFECTED
from statuspage.pages.marks import MarkedPage
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve import affected
from statuspage.serve.affected import ANSWER_AFTER_S, BY_NETWORK, NameDesk, Question, answered
from statuspage.serve.forms import read_body
from statuspage.serve.server import SnapshotWatcher, make_app
from tests.statuspage.builders import THURSDAY, showing
from tests.support.clock import FakeClock

KEY = bytes(range(32))
C0, C1, C2 = map(ComponentId, ("c0", "c1", "c2"))
NAMES = {"sana.example": [C0], "rota.example": [C1], "ambas.example": [C0, C1]}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Asked:
    """A page that answers, and who seems to ask."""

    def __init__(self, url: str, client: ClientSession, clock: FakeClock) -> None:
        self.url, self.client, self.clock = url, client, clock
        self.table: NameTable | None = decode_table(encode_table(NAMES, KEY), KEY)
        self.sender = "192.0.2.7"
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def ask(self, typed: str, lang: Lang = Lang.ES) -> tuple[int, dict[str, str], str]:
        """Status, headers without the date, and the page."""
        body = urlencode({"name": typed}).encode()
        headers = {**FORM, "Accept-Encoding": "br, gzip"}
        async with self.client.post(
            self.url + affected_path(lang), data=body, headers=headers
        ) as answer:
            told = {k: v for k, v in answer.headers.items() if k != "Date"}
            return answer.status, told, await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(self.url + path) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    clock = FakeClock(Second(THURSDAY + 5))
    shown = showing(Shown.OPERATIONAL, Shown.DOWN, Shown.OPERATIONAL)
    page = replace(shown.page, locales=tuple(Lang))
    view = replace(shown, page=page, answers_names=True)
    folder = tmp_path / "published"
    publish(folder, render(view), view.at, view.stale_after, boottime=0.0, boot_id="boot-1")
    async with ClientSession() as client:
        made = Asked("", client, clock)
        desk = NameDesk(lambda: made.table, lambda _: made.sender, clock, made.pause)
        runner = web.AppRunner(make_app(SnapshotWatcher(folder, clock), desk), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        made.url = f"http://{host}:{port}"
        yield made
        await runner.cleanup()


async def test_the_form_is_on_home_and_on_a_page_of_its_own(asked: Asked) -> None:
    for path in ("/es/", "/me-afecta"):
        status, page = await asked.get(path)
        assert status == 200
        assert 'method="post" action="/me-afecta"' in page
        assert "<script" not in page


async def test_without_names_there_is_no_form() -> None:
    pages = render(showing(Shown.OPERATIONAL))
    assert "/me-afecta" not in pages
    assert b"me-afecta" not in pages["/es/"].fresh.content


@pytest.mark.parametrize(
    ("typed", "status", "title"),
    [
        ("https://www.Rota.example/pago", 200, "Sí: hay una falla en lo que usa rota.example."),
        ("ana@rota.example", 200, "Sí: hay una falla en lo que usa rota.example."),
        ("tienda.sana.example", 200, "No vemos ninguna falla en lo que usa tienda.sana.example."),
        ("ambas.example", 200, "Sí: hay una falla en lo que usa ambas.example."),
        ("nadie.example", 200, "No sabemos qué servicios usa nadie.example."),
        ("no me anda", 400, "Eso no es un dominio."),
        ("", 400, "Eso no es un dominio."),
    ],
)
async def test_it_answers_what_is_asked(asked: Asked, typed: str, status: int, title: str) -> None:
    found, _, page = await asked.ask(typed)
    assert found == status
    assert f"<h2>{title}</h2>" in page
    assert "<!--answer-->" not in page


async def test_a_known_domain_shows_its_components_first_and_the_others_after(asked: Asked) -> None:
    _, _, page = await asked.ask("rota.example")
    mine, others = page.split('id="servicios">Los demás servicios')
    assert 'href="/componente/c1"' in mine
    assert 'href="/componente/c0"' not in mine
    assert 'href="/componente/c0"' in others
    assert 'href="/componente/c1"' not in others


async def test_an_unknown_domain_shows_all_services(asked: Asked) -> None:
    _, _, page = await asked.ask("nadie.example")
    _, listed = page.split('id="servicios">Todos los servicios')
    assert all(f'href="/componente/c{n}"' in listed for n in range(3))


@pytest.mark.parametrize("lang", list(Lang))
async def test_known_and_unknown_differ_in_nothing_but_the_answer(asked: Asked, lang: Lang) -> None:
    known = await asked.ask("rota.example", lang)
    for typed in ("nada.example", "sana.example", "sano.example"):
        status, headers, page = await asked.ask(typed, lang)
        assert (status, headers) == (known[0], known[1])
        assert len(page.encode()) == len(known[2].encode())
    assert "Content-Encoding" not in known[1]
    assert known[1]["Cache-Control"] == "no-store, no-transform"
    assert known[1]["Referrer-Policy"] == "no-referrer"


async def test_known_and_unknown_are_answered_at_the_same_time_after_the_question(
    asked: Asked,
) -> None:
    await asked.ask("rota.example")
    await asked.ask("nada.example")
    assert asked.pauses == [ANSWER_AFTER_S, ANSWER_AFTER_S]


async def test_who_sends_the_question_late_is_not_answered_sooner(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(request: web.Request, most: int) -> bytes | None:
        body = await read_body(request, most)
        asked.clock.advance(1)
        return body

    monkeypatch.setattr(affected, "read_body", late)
    await asked.ask("rota.example")
    assert asked.pauses == [ANSWER_AFTER_S]


def work_of(task: Callable[[], object]) -> dict[CodeType, int]:
    """How often each function of ours ran."""
    counted: dict[CodeType, int] = {}

    def count(frame: object, event: str, _: object) -> None:
        if event == "call":
            code: CodeType = frame.f_code  # type: ignore[attr-defined]
            counted[code] = counted.get(code, 0) + 1

    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(None)
    return counted


def counted_calls(page: MarkedPage, table: NameTable, typed: str) -> int:
    question = Question(typed=typed, name=read_name(typed))

    def answer() -> None:
        assert question.name is not None
        answered(page, question, table.find(question.name.lookups), AFFECTED[Lang.ES])

    return sum(work_of(answer).values())


def test_known_and_unknown_take_the_same_steps() -> None:
    view = replace(showing(*[Shown.OPERATIONAL, Shown.DOWN] * 8), answers_names=True)
    page = MarkedPage.of(render(view)["/me-afecta"].fresh.content)
    names = {f"a.n{n:04}.example": [ComponentId(f"c{n % 16}")] for n in range(1_000)}
    table = decode_table(encode_table(names, KEY), KEY)
    known = {counted_calls(page, table, f"a.n{n:04}.example") for n in range(0, 1_000, 37)}
    unknown = {counted_calls(page, table, f"a.m{n:04}.example") for n in range(0, 1_000, 37)}
    # A name that is found is listed above, once a line of its own.
    assert max(known | unknown) - min(known | unknown) <= 4
    assert min(known) > 100


async def test_what_was_typed_is_shown_again_and_never_as_html(asked: Asked) -> None:
    _, _, page = await asked.ask('"><b onfocus=x>.example')
    wrong = 'aria-describedby="respuesta ayuda" aria-invalid="true" autofocus'
    assert f'{wrong} value="&quot;&gt;&lt;b onfocus=x&gt;.example"' in page
    assert "<b onfocus" not in page
    _, _, page = await asked.ask("<!--end-->")
    assert page.count("<!--end-->") == 0


async def test_a_network_that_asks_on_and_on_is_told_to_wait_and_shown_everything(
    asked: Asked,
) -> None:
    for _ in range(BY_NETWORK.most):
        assert (await asked.ask("nada.example"))[0] == 200
    status, _, page = await asked.ask("rota.example")
    assert status == 429
    assert "Llegan demasiadas consultas" in page
    assert "rota.example" not in page
    assert 'href="/componente/c1"' in page
    asked.sender = "198.51.100.7"
    assert (await asked.ask("rota.example"))[0] == 200
    asked.sender = "192.0.2.200"
    asked.clock.advance(BY_NETWORK.window_s / BY_NETWORK.most)
    assert (await asked.ask("rota.example"))[0] == 200


async def test_a_table_that_is_away_says_so(asked: Asked) -> None:
    asked.table = None
    status, _, page = await asked.ask("rota.example")
    assert status == 503
    assert "Ahora no podemos buscar su dominio." in page


async def test_old_data_is_told_as_old(asked: Asked) -> None:
    asked.clock.advance(600)
    _, _, page = await asked.ask("rota.example")
    assert "Estos son los servicios que usa rota.example." in page
    assert "hay una falla" not in page


async def test_an_answer_is_in_no_address(asked: Asked) -> None:
    status, page = await asked.get("/me-afecta?name=rota.example")
    assert status == 200
    assert "rota.example" not in page


def test_a_component_that_is_no_longer_shown_makes_a_name_unknown() -> None:
    page = MarkedPage.of(
        render(replace(showing(Shown.DOWN), answers_names=True))["/me-afecta"].fresh.content
    )
    found: Collection[ComponentId] = (ComponentId("private"),)
    question = Question(typed="a.example", name=read_name("a.example"))
    _, content = answered(page, question, found, AFFECTED[Lang.ES])
    assert "No sabemos qué servicios usa a.example.".encode() in content


@pytest.mark.parametrize("lang", list(Lang))
def test_every_answer_has_words(lang: Lang) -> None:
    assert {text for said in AFFECTED[lang].answers.values() for text in (said.title, said.lead)}
    assert len(AFFECTED[lang].answers) == 9

"""The forms of customers in Chromium: found, filled in by keyboard, answered, and readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.customers.name_table import decode_table, encode_table
from statuspage.serve.affected import NameDesk
from statuspage.serve.problems import ProblemDesk
from tests.statuspage.browsing import launch, serving, troubles_of, visiting
from tests.statuspage.company import SCENES
from tests.statuspage.test_as_customers_think import EVERY
from tests.support.clock import FakeClock
from tests.support.require import require_server

pytestmark = pytest.mark.browser
KEY = bytes(range(32))
TABLE = decode_table(encode_table({"radio.example": [ComponentId("radio2")]}, KEY), KEY)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "forms in a browser: keyboard and accessibility")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


async def append(_: str, body: Mapping[str, Json]) -> None:
    assert body["text"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    page = replace(EVERY, problem_form=True)
    view = replace(SCENES["repair"](), page=page, answers_names=True)
    number = count()
    names = NameDesk(lambda: TABLE, lambda _: "192.0.2.7", FakeClock())
    problems = ProblemDesk(append, lambda _: f"192.0.{next(number)}.7", FakeClock())
    with serving(view, desks=[names, problems]) as served:
        yield served


@pytest.mark.parametrize(
    ("home", "typed", "found"),
    [
        ("es", "https://www.Radio.example/x", "Sí: hay una falla en lo que usa radio.example."),
        ("en", "nobody.example", "We do not know which services nobody.example uses."),
        ("pt", "não funciona", "Isso não é um domínio."),
    ],
)
def test_a_domain_is_asked_for_by_keyboard_and_answered(
    browser: Browser, url: str, home: str, typed: str, found: str
) -> None:
    with visiting(browser, f"{url}/{home}/") as visit:
        page = visit.page
        page.locator("#dominio").focus()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_selector("#respuesta")
        assert page.locator("#respuesta h2").inner_text() == found
        assert "example" not in page.url
        visit.troubles.clear()
        assert troubles_of(visit, f"affected-{home}") == []


@pytest.mark.parametrize(
    ("path", "component", "text", "found"),
    [
        ("/informar", "radio2", "No suena", "Ya sabemos de una falla en ese servicio."),
        ("/en/report", "web1", "It is slow", "Our checks see no failure there."),
        ("/pt/informar", "", "...", "Falta dizer o que acontece."),
    ],
)
def test_a_problem_is_said_and_answered(
    browser: Browser, url: str, path: str, component: str, text: str, found: str
) -> None:
    with visiting(browser, url + path) as visit:
        page, name = visit.page, path.strip("/").replace("/", "-")
        page.select_option("#servicio", component)
        page.fill("#texto", text)
        page.locator("main form button").click()
        page.wait_for_selector("#respuesta")
        assert found in page.locator("#respuesta h2").inner_text()
        has_text = text != "..."
        assert page.locator("#texto[aria-invalid=true]:focus").count() == (not has_text)
        visit.troubles.clear()
        assert troubles_of(visit, f"problem-{name}") == []

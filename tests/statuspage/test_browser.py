"""What a visitor sees: in Chromium, on a phone and a desk, light and dark, es and en."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.statuspage.browsing import (
    Scheme,
    Visit,
    keep,
    launch,
    overflow,
    serving,
    turn,
    violations,
    visiting,
)
from tests.statuspage.company import SCENES
from tests.statuspage.test_as_customers_think import EVERY, general
from tests.support.require import require_server

pytestmark = pytest.mark.browser

OTHERS = (
    "/historial",
    "/disponibilidad",
    "/componente/web1",
    "/incidente/r4d2ab",
    "/mantenimiento/web2-update",
    "/en/history",
    "/en/component/radio2",
    "/en/incident/r4d2ab",
    "/es/insertar",
    "/me-afecta",
    "/en/affected",
    "/nada",
)
WIDTHS = (360, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDE_AND_NARROW: tuple[tuple[int, Scheme], ...] = ((1280, "dark"), (360, "light"))
WIDE_AND_NARROWEST: tuple[tuple[int, Scheme], ...] = ((1280, "dark"), (320, "light"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "the page in a browser: layout and accessibility")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module", params=SCENES)
def reconciler(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A scene's name and where it is served."""
    with serving(SCENES[request.param]()) as url:
        yield request.param, url


@pytest.fixture(scope="module")
def repair() -> Iterator[str]:
    with serving(replace(SCENES["repair"](), answers_names=True)) as url:
        yield url


@pytest.fixture(scope="module")
def everywhere() -> Iterator[str]:
    """A general outage of several incidents, in every language that there is."""
    with serving(replace(general(), page=EVERY, answers_names=True)) as url:
        yield url


@pytest.fixture(scope="module")
def stale() -> Iterator[str]:
    with serving(SCENES["repair"](), is_stale=True) as url:
        yield url


def check(page: Page, url: str, asked: list[str], troubles: list[str]) -> None:
    assert troubles == []
    assert [address for address in asked if not address.startswith(url)] == []
    assert page.locator("h1").is_visible()
    assert overflow(page) == 0


def check_reading(visit: Visit, width: int, scheme: Scheme) -> None:
    """What axe-core says of it with everything opened."""
    turn(visit.page, width=width, scheme=scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(visit.page) == []


@pytest.mark.parametrize("lang", ["es", "en"])
def test_it_shows_each_state_at_each_width_in_each_theme(
    browser: Browser, reconciler: tuple[str, str], lang: str
) -> None:
    name, url = reconciler
    with visiting(browser, f"{url}/{lang}/") as visit:
        for width, scheme in product(WIDTHS, SCHEMES):
            turn(visit.page, width=width, scheme=scheme)
            check(visit.page, url, visit.asked, visit.troubles)
            keep(visit.page, f"{name}-{lang}-{width}-{scheme}")


def test_it_has_no_accessibility_violation_in_any_state(
    browser: Browser, reconciler: tuple[str, str]
) -> None:
    _, url = reconciler
    with visiting(browser, f"{url}/es/") as visit:
        check_reading(visit, 1280, "light")
        check_reading(visit, 360, "dark")


@pytest.mark.parametrize("path", OTHERS)
def test_every_other_page_has_no_accessibility_violation_and_reflows_at_320_pixels(
    browser: Browser, repair: str, path: str
) -> None:
    with visiting(browser, repair + path) as visit:
        for width, scheme in WIDE_AND_NARROW:
            turn(visit.page, width=width, scheme=scheme)
            assert violations(visit.page) == []
            keep(visit.page, f"repair{path.replace('/', '-')}-{width}-{scheme}")
        check_reflow(visit.page)


@pytest.mark.parametrize("path", ["/es/", "/en/"])
def test_it_reflows_at_320_pixels(browser: Browser, repair: str, path: str) -> None:
    with visiting(browser, repair + path) as visit:
        check_reflow(visit.page)


def check_reflow(page: Page) -> None:
    turn(page, width=320, scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert overflow(page) == 0


@pytest.mark.parametrize("path", ["/es/", "/en/", "/componente/web1", "/incidente/r4d2ab"])
def test_it_has_no_accessibility_violation_when_stale(
    browser: Browser, stale: str, path: str
) -> None:
    with visiting(browser, stale + path, width=360) as visit:
        assert visit.page.get_by_text("14:35.").first.is_visible()
        assert violations(visit.page) == []
        keep(visit.page, f"stale{path.replace('/', '-').rstrip('-')}-360-light")


@pytest.mark.parametrize(
    "path", ["/es/", "/en/", "/pt/", "/pt/historico", "/pt/incidente/abc234", "/pt/me-afeta"]
)
def test_every_language_fits_and_reads_well(browser: Browser, everywhere: str, path: str) -> None:
    with visiting(browser, everywhere + path) as visit:
        for width, scheme in WIDE_AND_NARROWEST:
            turn(visit.page, width=width, scheme=scheme)
            assert (overflow(visit.page), violations(visit.page)) == (0, [])
            keep(visit.page, f"everywhere{path.replace('/', '-')}{width}-{scheme}")


def test_it_opens_groups_and_follows_links_without_a_script(browser: Browser, repair: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{repair}/es/")
    page.get_by_role("heading", name="Hosting web").click()
    page.get_by_role("link", name="Servidor web 1").click()
    page.wait_for_url(f"{repair}/componente/web1")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"{repair}/en/component/web1")
    context.close()


def test_it_lets_the_keyboard_skip_to_the_content(browser: Browser, repair: str) -> None:
    with visiting(browser, f"{repair}/es/") as visit:
        visit.page.keyboard.press("Tab")
        focused = visit.page.locator(":focus")
        assert focused.inner_text() == "Saltar al contenido"
        assert focused.is_visible()
        visit.page.keyboard.press("Enter")
        # The browser follows a key in its own time.
        visit.page.wait_for_url("**#contenido")


@contextmanager
def other_host(content: str) -> Iterator[str]:
    """The address of a server of somebody else, which answers with that page alone."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_page_of_another_host_frames_the_answer_and_no_other_page(
    browser: Browser, repair: str
) -> None:
    frames = (
        f'<iframe name="answer" src="{repair}/es/insertar" width="400" height="280"></iframe>'
        f'<iframe name="home" src="{repair}/es/"></iframe>'
    )
    with other_host(frames) as other, visiting(browser, other) as visit:
        framed, home = visit.page.frame("answer"), visit.page.frame("home")
        assert framed is not None
        assert home is not None
        told = framed.locator("h1").inner_text()
        height = framed.evaluate("document.documentElement.scrollHeight")
        keep(visit.page, "framed")
        refused = home.locator("main").count()
    assert told == "Estamos reparando Streaming de radio 2."
    assert height <= 280
    assert refused == 0


def test_it_prints_every_group_open_and_no_navigation(browser: Browser, repair: str) -> None:
    with visiting(browser, f"{repair}/es/") as visit:
        visit.page.emulate_media(media="print")
        assert visit.page.locator("nav").first.is_hidden()
        assert visit.page.get_by_role("link", name="Servidor web 1").is_visible()


def test_it_would_notice_a_violation(browser: Browser, repair: str) -> None:
    with visiting(browser, f"{repair}/es/") as visit:
        visit.page.evaluate("document.querySelector('h1').style.color = '#ccc'")
        assert [v for v in violations(visit.page) if v.startswith("color-contrast")]

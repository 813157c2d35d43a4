"""What a visitor sees: in Chromium, on a phone and a desk, light and dark, in each language."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.statuspage.browsing import (
    OPEN_ALL,
    WIDTHS,
    keep,
    launch,
    serving,
    too_wide,
    troubles_of,
    violations,
    visiting,
)
from tests.statuspage.company import SCENES
from tests.statuspage.gallery import HOMES, PAGES, STALE, named
from tests.statuspage.moments import everything
from tests.statuspage.test_as_customers_think import EVERY
from tests.support.require import require_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "the page in a browser: layout and accessibility")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def repair() -> Iterator[str]:
    with serving(replace(SCENES["repair"](), answers_names=True)) as url:
        yield url


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    with serving(everything()) as url:
        yield url


@pytest.fixture(scope="module")
def stale() -> Iterator[str]:
    with serving(everything(), is_stale=True) as url:
        yield url


@pytest.mark.parametrize("scene", [*HOMES])
def test_home_reads_well_in_each_state_theme_width_and_language(
    browser: Browser, scene: str
) -> None:
    view = replace(HOMES[scene](), page=EVERY)
    with serving(view) as url, visiting(browser, f"{url}/es/") as visit:
        assert troubles_of(visit, f"{scene}-es") == []
        for lang in ("en", "pt"):
            visit.page.goto(f"{url}/{lang}/")
            visit.page.evaluate(OPEN_ALL)
            assert too_wide(visit.page, lang, WIDTHS[:1]) == []
        assert visit.troubles == []
        assert [address for address in visit.asked if not address.startswith(url)] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_reads_well(browser: Browser, pages: str, path: str) -> None:
    with visiting(browser, pages + path) as visit:
        assert visit.page.locator("h1").is_visible()
        missing = [t for t in visit.troubles if "404" in t or "410" in t]
        assert [t for t in troubles_of(visit, named("everything", path)) if t not in missing] == []


@pytest.mark.parametrize("path", STALE)
def test_every_page_reads_well_when_its_data_is_old(
    browser: Browser, stale: str, path: str
) -> None:
    with visiting(browser, stale + path) as visit:
        assert visit.page.get_by_text("14:35.").first.is_visible()
        assert troubles_of(visit, named("stale", path)) == []


def test_what_is_shown_before_anything_is_published_reads_well(browser: Browser) -> None:
    with serving(None) as url, visiting(browser, url) as visit:
        assert visit.page.locator("h1").is_visible()
        visit.troubles.clear()
        assert troubles_of(visit, "unpublished") == []


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

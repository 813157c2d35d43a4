"""A brand's page in Chromium: its logo is drawn, and the least contrast that the configuration lets
pass is enough wherever the colour stands."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.domain.catalogue import BrandPage
from monitor.domain.text import Text
from tests.statuspage.browsing import keep, launch, overflow, serving, turn, violations, visiting
from tests.statuspage.company import SCENES
from tests.statuspage.test_as_customers_think import EVERY
from tests.support.require import require_server

pytestmark = pytest.mark.browser
LOGO = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 150 40'>"
    "<style>path{fill:#b54800}@media (prefers-color-scheme:dark){path{fill:#ffb17a}}</style>"
    "<path d='M4 36 20 4l16 32zM50 12h92v6H50zM50 24h60v6H50z'/></svg>"
)
# As dark, and as light, as the configuration wants them: no step further from the background.
BRAND = BrandPage(
    id="norte", name=Text({"es": "Estado del servicio", "en": "Service status"}),
    company="Radio del Norte", url="https://norte.example", hosts=("norte.example",),
    components=(), light="#b54800", dark="#638fc6",
    logo=f"data:image/svg+xml;base64,{base64.b64encode(LOGO.encode()).decode()}",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "a brand's page in a browser")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    page = replace(EVERY, name=BRAND.name, company=BRAND.company, problem_form=True, brands=())
    view = replace(SCENES["repair"](), page=page, brand=BRAND, takes_subscribers=True)
    with serving(view) as served:
        yield served


@pytest.mark.parametrize("path", ["/es/", "/es/insertar"])
def test_its_colours_and_its_logo_are_what_a_customer_sees(
    browser: Browser, url: str, path: str
) -> None:
    with visiting(browser, url + path, width=320) as visit:
        page = visit.page
        link = page.locator("main a").first
        assert link.evaluate("a => getComputedStyle(a).color") == "rgb(181, 72, 0)"
        logo = page.locator("img.logo")
        if logo.count():
            assert logo.get_attribute("alt") == "Radio del Norte"
            assert logo.evaluate("img => img.complete && img.naturalWidth > 0")
            assert logo.evaluate("img => img.getBoundingClientRect().height") == 32
        assert (violations(page), overflow(page)) == ([], 0)
        keep(page, f"brand{path.replace('/', '-')}-phone-light")
        turn(page, width=1280, scheme="dark")
        assert link.evaluate("a => getComputedStyle(a).color") == "rgb(99, 143, 198)"
        assert violations(page) == []
        keep(page, f"brand{path.replace('/', '-')}-desktop-dark")
        assert visit.troubles == []

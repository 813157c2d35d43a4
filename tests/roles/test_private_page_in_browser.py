"""A private page in Chromium: what a stranger reads, and a link that opens it until it ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from monitor.roles.page_parts.page_links import revoke_page_link
from statuspage.serve.server import make_app
from tests.roles.brand_sites import GAMMA, BrandSites, brand_page
from tests.statuspage.browsing import (
    keep,
    launch,
    overflow,
    serving_app,
    turn,
    violations,
    visiting,
)
from tests.support.require import require_server

pytestmark = pytest.mark.browser
HOST = "gamma.localhost"


def test_a_link_opens_the_page_in_a_browser_until_it_is_revoked(brands: BrandSites) -> None:
    chromium = require_server("chromium", "a private page's link and cookie in a browser")
    page_there = brand_page(GAMMA.id, is_private=True, url=f"http://{HOST}", hosts=(HOST,))
    brands.configure(page_there)
    token = brands.link(page_there)
    with serving_app(make_app(brands.sites)) as url, sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        root = url.replace("127.0.0.1", HOST)
        with visiting(browser, f"{root}/historial", width=320) as visit:
            page = visit.page
            assert page.title() == "Esta página es privada."
            assert (overflow(page), violations(page)) == (0, [])
            keep(page, "private-320-light")
            turn(page, width=1280, scheme="dark")
            assert violations(page) == []
            keep(page, "private-1280-dark")
            page.goto(f"{root}/acceso/{token}")
            assert "Web gamma" in page.inner_text("main")
            assert token not in page.url
            assert page.evaluate("document.cookie") == ""
            revoke_page_link(brands.data_dir, token.split(".")[0])
            brands.sites.refresh()
            page.reload()
            assert page.title() == "Esta página es privada."

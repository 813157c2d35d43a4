"""A real Chromium before the console of a small company."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Request, async_playwright

from tests.statuspage.browsing import AXE, HAS_AXE, LOOK, STANDARDS, SWITCHES, Scheme
from tests.support.require import require_server

LOOKS: dict[str, tuple[tuple[int, Scheme], ...]] = {
    "es": ((360, "dark"), (1280, "light")),
    "en": ((360, "light"), (1280, "dark")),
}
"""By language, what a page is looked at in: together each width in each theme."""


@asynccontextmanager
async def chromium(*switches: str) -> AsyncIterator[Browser]:
    """Skips the test visibly where there is none."""
    found = require_server("chromium", "the console in a browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found, args=[*SWITCHES, *switches]
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser,
    *,
    width: int = 1280,
    scheme: Scheme = "light",
    locale: str = "es-AR",
    trusts_all: bool = False,
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of a context of its own, and everything that goes wrong on it."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale=locale,
        ignore_https_errors=trusts_all,
    )
    page = await context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", lambda request: troubles.extend(_failed(request)))
    yield page, troubles
    await context.close()


def _failed(request: Request) -> list[str]:
    """What the page itself was waiting for; what it lets go of when it is left is no failure."""
    return [] if request.failure == "net::ERR_ABORTED" else [request.url]


async def turn(page: Page, width: int, scheme: Scheme) -> None:
    """The same page in another window and theme."""
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme)


async def keep(page: Page, name: str) -> None:
    """A picture of the whole page, where ESTADO_SCREENSHOTS names a folder for people to look."""
    folder = os.environ.get("ESTADO_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - beside a browser
        await page.screenshot(full_page=True, path=Path(folder) / f"{name}.png")


async def violations(page: Page) -> list[str]:
    """What axe-core finds, and by how much the page is too wide."""
    if not await page.evaluate(HAS_AXE):
        await page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found: Any = await page.evaluate(LOOK, options)
    assert found["passes"] > 10
    wide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    too_wide = [f"{wide} px too wide"] if wide else []
    return [f"{v['id']}: {v['help']}: {v['places']}" for v in found["violations"]] + too_wide

"""A real Chromium before a real page role, for tests that look at what visitors see."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import Any, Literal

from aiohttp import web
from playwright.sync_api import Browser, Page, Playwright, Request

from monitor.domain.time.interval import Second
from statuspage.publish.archive.manifest import FOLDER
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.forms import Desk
from statuspage.serve.server import SnapshotWatcher, make_app
from statuspage.view.closed_month import ClosedMonth
from statuspage.view.model import PublicView
from tests.statuspage.closed import write_month
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
HAS_AXE = "typeof axe === 'object'"
WIDTHS = (320, 390, 768, 1280)
A4 = 718
"""Pixels between the margins of a sheet."""
BY_THEME = ["color-contrast", "link-in-text-block", "target-size"]
"""The rules whose answer may change with the theme or the window: all others read the same page."""
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
PRINTED = """() => [...document.querySelectorAll('nav, form, .btn')]
    .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The whole answer is megabytes, whose way here takes as long as the look itself.
LOOK = """options => axe.run(options).then(found => ({
    passes: found.passes.length,
    violations: found.violations.map(v =>
        ({id: v.id, help: v.help, places: v.nodes.map(node => node.html)})),
}))"""
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, Scheme], ...] = ((390, "dark"), (1280, "light"))
"""A phone in the dark, and a desk by day."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as a browser has it: what went wrong, and where it asked for things."""

    page: Page
    troubles: list[str]
    asked: list[str]


def launch(playwright: Playwright, chromium: Path) -> Browser:
    return playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))


@contextmanager
def serving(
    view: PublicView | None,
    *,
    is_stale: bool = False,
    archived: ClosedMonth | None = None,
    desks: Sequence[Desk] = (),
) -> Iterator[str]:
    """The address of a page role that serves the view, and a month that is over, on a thread of its
    own; without a view nothing was published yet."""
    clock = FakeClock()
    if view is not None:
        clock = FakeClock(Second(view.at + (view.stale_after + 1 if is_stale else 0)))
    with TemporaryDirectory() as folder:
        if view is not None:
            publish(Path(folder), render(view), view.at, view.stale_after)
        if archived is not None:
            write_month(archived, Path(folder) / FOLDER)
        with serving_app(make_app(SnapshotWatcher(Path(folder), clock), *desks)) as url:
            yield url


@contextmanager
def serving_app(app: web.Application) -> Iterator[str]:
    """Its address, while it runs on a thread of its own."""
    ready: Queue[tuple[str, Callable[[], object]]] = Queue()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(app, ready)))
    thread.start()
    url, stop = ready.get(timeout=PATIENCE_S)
    try:
        yield url
    finally:
        stop()
        thread.join()


@contextmanager
def visiting(
    browser: Browser, url: str, *, width: int = 1280, scheme: Scheme = "light"
) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="es-AR"
    )
    page = context.new_page()
    visit = Visit(page, [], [])

    def asked(request: Request) -> None:
        visit.asked.append(request.url)

    page.on("console", lambda message: visit.troubles.append(message.text))
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    page.on("requestfailed", lambda request: visit.troubles.append(request.url))
    page.on("request", asked)
    try:
        page.goto(url)
        yield visit
    finally:
        context.close()


def turn(page: Page, *, width: int, scheme: Scheme) -> None:
    """The same page in another window and theme."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)


def keep(page: Page, name: str) -> None:
    """A picture of the whole page, where ESTADO_SCREENSHOTS names a folder for people to look."""
    folder = os.environ.get("ESTADO_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(full_page=True, path=Path(folder) / f"{name}.png")


def violations(page: Page) -> list[str]:
    """What axe-core finds, with the places where it finds it."""
    found = _axe(page, {"type": "tag", "values": STANDARDS})
    assert found["passes"] > 10
    return _told(found)


def violations_of_theme(page: Page) -> list[str]:
    """What axe-core finds with the rules that a theme may change, of a page that it read before."""
    found = _axe(page, {"type": "rule", "values": BY_THEME})
    assert found["passes"] > 0
    return _told(found)


def troubles_of(visit: Visit, name: str) -> list[str]:
    """All that is wrong with a page on a phone in the dark and at a desk by day, at each width
    between, with everything closed and opened, and on paper; and pictures of it under that name."""
    page = visit.page
    found = too_wide(page, "closed", WIDTHS[:1])
    for (width, scheme), read in zip(LOOKS, (violations, violations_of_theme), strict=True):
        turn(page, width=width, scheme=scheme)
        keep(page, f"{name}-{width}-{scheme}")
        page.evaluate(OPEN_ALL)
        found += read(page)
    return [*found, *too_wide(page, "open"), *_on_paper(page), *visit.troubles]


def too_wide(page: Page, how: str, widths: Sequence[int] = WIDTHS) -> list[str]:
    """At which widths it is wider than the window, said with that word before it."""
    found = []
    for width in widths:
        turn(page, width=width, scheme="light")
        beyond = overflow(page)
        found += [f"{how}, at {width} px it is {beyond} px too wide"] if beyond else []
    return found


def _on_paper(page: Page) -> list[str]:
    turn(page, width=A4, scheme="light")
    page.emulate_media(media="print")
    found = [f"printed: {place}" for place in page.evaluate(PRINTED)]
    beyond = overflow(page)
    page.emulate_media(media="screen")
    return [*found, *([f"on paper it is {beyond} px too wide"] if beyond else [])]


def _axe(page: Page, only: Mapping[str, object]) -> Any:
    if not page.evaluate(HAS_AXE):
        page.evaluate(AXE)
    return page.evaluate(LOOK, {"runOnly": only, "resultTypes": ["violations"]})


def _told(found: Any) -> list[str]:
    return [f"{v['id']}: {v['help']}: {v['places']}" for v in found["violations"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


async def _serve(app: web.Application, ready: Queue[tuple[str, Callable[[], object]]]) -> None:
    """Until it is told to stop; says first where it is."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    ready.put((f"http://127.0.0.1:{port}", partial(loop.call_soon_threadsafe, ended.set)))
    await ended.wait()
    await runner.cleanup()

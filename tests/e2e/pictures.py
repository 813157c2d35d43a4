"""The living product's page as visitors have it at one moment, in Chromium: every width, theme and
language, with what axe-core and the layout say of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product

from playwright.sync_api import Browser, sync_playwright

from tests.statuspage.browsing import (
    Scheme,
    Visit,
    keep,
    launch,
    overflow,
    turn,
    violations,
    visiting,
)
from tests.support.require import find_server

LANGS = ("es", "en")
WIDTHS = (360, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture: the words on it, and everything that is wrong with it."""

    words: str
    troubles: list[str]


@dataclass(slots=True)
class Pictures:
    """`seen` by the picture's name, such as `live-open-es-360-dark`. Without a browser none are
    taken; the tests that look at them say so."""

    browser: Browser | None
    seen: dict[str, Seen] = field(default_factory=dict)

    def take(self, scene: str, url: str, paths: dict[str, str]) -> None:
        """`paths` by language; pictures are kept where ESTADO_SCREENSHOTS names a folder."""
        if self.browser is None:
            return
        for lang in LANGS:
            with visiting(self.browser, url + paths[lang]) as visit:
                for width, scheme in product(WIDTHS, SCHEMES):
                    name = f"live-{scene}-{lang}-{width}-{scheme}"
                    self.seen[name] = _look(visit, name, width, scheme)


def _look(visit: Visit, name: str, width: int, scheme: Scheme) -> Seen:
    """One visit for all of them: the page answers to the window and the theme by its styles."""
    turn(visit.page, width=width, scheme=scheme)
    keep(visit.page, name)
    words = visit.page.inner_text("body")
    wide = overflow(visit.page)
    found = [*visit.troubles, *violations(visit.page)]
    return Seen(words, [*found, *([f"{wide} px too wide"] if wide else [])])


@contextmanager
def camera() -> Iterator[Pictures]:
    chromium = find_server("chromium")
    if chromium is None:
        yield Pictures(None)
        return
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        yield Pictures(browser)
        browser.close()

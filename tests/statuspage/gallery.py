"""Pictures of every page in every state, for people who look at them as customers do.

    python -m tests.statuspage.gallery FOLDER [WORD …]    # needs Chromium, as the tests do

Each is taken on a phone in the dark and at a desk by day; words choose those whose names hold one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from statuspage.view.model import PublicView
from tests.statuspage.browsing import LOOKS, keep, launch, serving, turn, visiting
from tests.statuspage.closed import later, march
from tests.statuspage.company import SCENES
from tests.statuspage.moments import MOMENTS, everything
from tests.statuspage.test_as_customers_think import EVERY
from tests.statuspage.test_as_customers_think import general as fallen_one_by_one
from tests.support.require import require_server

HOMES = {**SCENES, **MOMENTS, "several": fallen_one_by_one}
PAGES = (
    "/es/", "/en/", "/pt/", "/historial", "/disponibilidad", "/componente/radio2",
    "/componente/web1", "/componente/web2", "/en/component/radio2", "/pt/componente/webmail",
    "/incidente/r4d2ab", "/incidente/h4ndmd", "/en/incident/h4ndmd", "/incidente/obs3rv",
    "/incidente/h4radi", "/pt/incidente/r4d2ab", "/mantenimiento/web2-update",
    "/mantenimiento/m-extended", "/mantenimiento/m-ended", "/mantenimiento/m-cancelled",
    "/mantenimiento/m-started", "/mantenimiento/radio1-move", "/pt/manutencao/m-extended",
    "/suscripcion", "/en/subscribe", "/pt/assinatura", "/suscripcion/confirmar",
    "/suscripcion/baja", "/suscripcion/received", "/suscripcion/ended", "/suscripcion/expired",
    "/me-afecta", "/en/affected", "/pt/me-afeta", "/informar", "/pt/informar", "/es/insertar",
    "/en/history", "/pt/historico", "/nada",
)  # fmt: skip
CLOSED = (
    "/historial/2026-03", "/en/history/2026-03", "/pt/historico/2026-03", "/historial/2026-03/web1",
    "/en/history/2026-03/web1", "/pt/historico/2026-03/web1", "/historial", "/incidente/w3bser",
)  # fmt: skip
STALE = ("/es/", "/en/", "/pt/", "/componente/radio2", "/incidente/r4d2ab", "/informar")


@dataclass(frozen=True, slots=True)
class Sight:
    """A view, and which of its pages are worth a look."""

    name: str
    view: PublicView
    paths: Sequence[str]
    is_stale: bool = False
    is_closed: bool = False


def sights() -> Iterator[Sight]:
    for name, scene in HOMES.items():
        yield Sight(name, replace(scene(), page=EVERY), ("/es/",))
    yield Sight("everything", everything(), PAGES)
    yield Sight("stale", everything(), STALE, is_stale=True)
    yield Sight("closed", replace(later(), page=EVERY), CLOSED, is_closed=True)


def named(sight: str, path: str) -> str:
    return f"{sight}{path.replace('/', '-').rstrip('-')}"


def take(browser: Browser, sight: Sight, words: Sequence[str]) -> None:
    names = {path: named(sight.name, path) for path in sight.paths}
    wanted = [p for p, name in names.items() if not words or any(w in name for w in words)]
    if not wanted:
        return
    month = march(EVERY) if sight.is_closed else None
    with serving(sight.view, is_stale=sight.is_stale, archived=month) as url:
        for path in wanted:
            with visiting(browser, url + path) as visit:
                for width, scheme in LOOKS:
                    turn(visit.page, width=width, scheme=scheme)
                    keep(visit.page, f"{names[path]}-{width}-{scheme}")


def main(folder: str, *words: str) -> None:
    os.environ["ESTADO_SCREENSHOTS"] = str(Path(folder).resolve())
    chromium = require_server("chromium", "pictures of the page")
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        for sight in sights():
            take(browser, sight, words)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Pages of what is over: what they say, and how they look in a real Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.i18n.formats import NBSP, Lang
from statuspage.pages.past.breakdown import breakdown_page
from statuspage.pages.past.closed import closed_pages
from statuspage.parts.component_history import history_of
from statuspage.parts.context import Context
from statuspage.publish.page_models import PageContext, SiteContext, written
from statuspage.serve.archive import NO_ARCHIVE, ArchiveReader
from tests.statuspage.browsing import keep, launch, serving, troubles_of, visiting
from tests.statuspage.closed import later, march, write_month
from tests.statuspage.gallery import CLOSED, named
from tests.statuspage.reading import Document
from tests.statuspage.test_as_customers_think import EVERY
from tests.support.require import require_server

ROOT = Path(__file__).resolve().parents[2]


def rendered(lang: Lang = Lang.ES) -> Document:
    month = march()
    context = Context(
        view=month.view, history=history_of(month.view), lang=lang, linked=month.linked
    )
    closed = next(iter(closed_pages(month)))
    page, context = closed.page, replace(context, view=replace(month.view, at=closed.at))
    return Document.parse(written(page, PageContext.of(page, context), SiteContext.of(context)))


def test_a_month_tells_each_component_to_which_something_happened() -> None:
    document = rendered()
    names = [next(row.iter("th")).itertext() for row in document.root.iter("tr")][1:]
    told = {"".join(name).strip() for name in names}
    assert {"Servidor web 1", "Servidor de nombres 2", "Copias de seguridad"} <= told
    assert "Los otros " in document.text()
    assert "Webmail" not in told


def test_no_row_of_a_month_that_is_over_calls_it_the_month_in_progress() -> None:
    assert "Mes en curso" not in rendered().text()
    assert "100 % desde el 12 de marzo" in rendered().text().replace(NBSP, " ")


def test_one_without_a_page_of_its_own_is_named_without_a_link() -> None:
    links = [address for _, address in rendered().links()]
    assert "/componente/web1" in links
    assert "/componente/backup" not in links


def test_a_month_draws_days_before_the_first_look_grey_and_says_so() -> None:
    document = rendered()
    (grey,) = document.with_class("b-un")
    assert grey.attrib["d"] == "M0 27h11"
    assert "Los días en gris son de antes" in document.text()


def test_a_former_figure_stands_with_its_date_in_each_language() -> None:
    spanish, english = (rendered(lang).text().replace(NBSP, " ") for lang in (Lang.ES, Lang.EN))
    assert "Hasta el jueves 16 de abril de 2026 decía: 1 h 2 min sin servicio, 99,86 %." in spanish
    assert "Until Thursday 16 April 2026 it said: 1 h 2 min out of service, 99.86%." in english


@pytest.mark.parametrize(
    ("lang", "slow", "unseen", "bound", "allowed"),
    [
        (
            Lang.ES, "Funcionaba, pero con lentitud o con fallas parciales.",
            "En ese tiempo no pudimos controlarlo.",
            "Empezó después de las ",
            "2.678.400 s × 0,11 % = 2.946,24 s",
        ),
        (
            Lang.EN, "It worked, but slowly or in part.", "We could not check it in that time.",
            "It began after ", "2,678,400 s × 0.11% = 2,946.24 s",
        ),
    ],
)  # fmt: skip
def test_each_stretch_says_why(
    lang: Lang, slow: str, unseen: str, bound: str, allowed: str
) -> None:
    month = march()
    context = Context(
        view=month.view, history=history_of(month.view), lang=lang, linked=month.linked
    )
    (web,) = (one for one in month.opened if one.component.id == "web1")
    page = breakdown_page(web, month, context)
    notes = ["".join(row.notes).replace(NBSP, " ") for row in page.rows]
    assert all(notes)
    assert any(slow in note for note in notes)
    assert any(unseen in note for note in notes)
    assert any(bound in note for note in notes)
    assert allowed in page.sums[-1][1].replace(NBSP, " ")


def test_a_month_written_twice_is_the_same_files(tmp_path: Path) -> None:
    first = write_month(march(), tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.gz")}
    again = write_month(march(), tmp_path)
    assert again.months == first.months
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.gz")} == before


@pytest.mark.parametrize(
    ("point", "is_shown"),
    [("archive.file.after:5", False), ("archive.month.before:1", False),
     ("archive.index.after:1", True)],
)  # fmt: skip
def test_a_core_that_is_killed_while_it_writes_shows_all_of_a_month_or_nothing(
    tmp_path: Path, point: str, is_shown: bool
) -> None:
    writing = (
        "import sys; from pathlib import Path; from tests.statuspage.closed import march, "
        "write_month; write_month(march(), Path(sys.argv[1]))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", writing, str(tmp_path)], check=False, cwd=ROOT,
        env={**os.environ, "ESTADO_KILL_AT": point},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    found = ArchiveReader(tmp_path).newer() or NO_ARCHIVE
    assert ("/historial/2026-03" in found.pages) is is_shown
    folder = write_month(march(), tmp_path)
    folder.prune()
    whole = ArchiveReader(tmp_path).newer()
    assert whole is not None
    assert "/historial/2026-03" in whole.pages
    named = {page.page.file for page in whole.pages.values()}
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.gz")} == named


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "closed pages in a browser")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(replace(later(), page=EVERY), archived=march(EVERY)) as url:
        yield url


@pytest.mark.browser
@pytest.mark.parametrize("path", CLOSED)
def test_a_closed_page_reads_well(browser: Browser, site: str, path: str) -> None:
    with visiting(browser, site + path) as visit:
        assert visit.page.locator("h1").is_visible()
        assert troubles_of(visit, named("closed", path)) == []


@pytest.mark.browser
def test_a_visitor_goes_from_month_to_month_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/historial")
    page.get_by_role("link", name="Página de marzo de 2026").click()
    assert page.url == f"{site}/historial/2026-03"
    assert page.get_by_role("link", name="Abril de 2026").is_visible()
    page.get_by_role("link", name="English").click()
    assert page.url == f"{site}/en/history/2026-03"
    context.close()


@pytest.mark.browser
def test_a_figure_is_opened_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{site}/historial/2026-03")
    page.get_by_role("link", name="Ver la cuenta de Servidor web 1 en marzo de 2026").click()
    keep(page, "breakdown-1280")
    assert page.url == f"{site}/historial/2026-03/web1"
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Descargar los datos de marzo de 2026").click()
    assert waiting.value.suggested_filename == "2026-03.json"
    context.close()

"""Badges for other people's pages: what the page says, in a picture and for shields.io."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang
from statuspage.parts.answer import answer
from statuspage.publish.badge import COLOURS, MOST_CHARACTERS, Badge, drawn
from statuspage.publish.badges import badges
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.publish.rendered import SVG
from tests.statuspage.browsing import launch, serving
from tests.statuspage.builders import DISPLAY, component, service, showing, text, view
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, icon_of, xml_root
from tests.statuspage.test_icons import contrast
from tests.support.require import require_server

_SVG = "{http://www.w3.org/2000/svg}"
_NAMED = {"brightgreen", "yellow", "orange", "red", "blue", "lightgrey"}
_OF_STYLE = {
    "#i-ok": Shown.OPERATIONAL, "#i-slow": Shown.SLOW, "#i-fix": Shown.REPAIR,
    "#i-down": Shown.DOWN, "#i-maint": Shown.MAINTENANCE, "#i-nd": Shown.NO_DATA,
}  # fmt: skip
HOSTILE = "<script>\"'&amp;]]>\0\x07\ufffe {{ 7*7 }} \u202e日本語 " + "W" * 200


def title(svg: bytes) -> str:
    root = xml_root(svg)
    assert root.attrib["role"] == "img"
    said = root.findtext(f"{_SVG}title", "")
    assert root.attrib["aria-label"] == said
    return said


def colours(svg: bytes) -> set[str]:
    return {e.attrib["fill"] for e in xml_root(svg).iter() if "fill" in e.attrib}


def shields(content: bytes) -> Any:
    return json.loads(content)


@pytest.mark.parametrize(
    ("shown", "es", "en"),
    [
        ([Shown.OPERATIONAL], "todo estable", "all stable"),
        ([Shown.SLOW, Shown.OPERATIONAL], "hay lentitud", "some slowness"),
        ([Shown.REPAIR, Shown.OPERATIONAL], "en reparación", "under repair"),
        ([Shown.DOWN, Shown.OPERATIONAL], "hay una caída", "outage"),
        ([Shown.DOWN, Shown.DOWN, Shown.OPERATIONAL], "falla general", "general outage"),
        ([Shown.MAINTENANCE, Shown.OPERATIONAL], "en mantenimiento", "maintenance"),
        ([Shown.NO_DATA, Shown.OPERATIONAL], "sin datos", "no data"),
    ],
)
def test_the_whole_is_said_in_each_language(shown: list[Shown], es: str, en: str) -> None:
    made = badges(showing(*shown))
    for path, name, said in (
        ("/badge", "Estado del Servicio", es),
        ("/en/badge", "Service Status", en),
    ):
        assert title(made[f"{path}.svg"].fresh.content) == f"{name}: {said}"
        assert shields(made[f"{path}.json"].fresh.content)["message"] == said


@pytest.mark.parametrize("scene", SCENES)
def test_no_badge_disagrees_with_the_page(scene: str) -> None:
    said = SCENES[scene]()
    rendered = render(said)
    home = Document.parse(rendered["/es/"].fresh.content)
    told = answer(said, Lang.ES).shown
    assert _OF_STYLE[icon_of(home.with_class("answer")[0])] is told
    assert COLOURS[told] in colours(rendered["/badge.svg"].fresh.content)
    for c in said.components:
        page = Document.parse(rendered[f"/componente/{c.id}"].fresh.content)
        badge = rendered[f"/badge/{c.id}.svg"].fresh.content
        assert COLOURS[_OF_STYLE[icon_of(page.with_class("answer")[0])]] in colours(badge)
        assert title(badge).startswith(f"{c.name.in_locale('es')}: ")


@pytest.mark.parametrize("shown", Shown)
def test_a_badge_of_old_data_is_grey_and_claims_nothing(shown: Shown) -> None:
    made = badges(showing(shown))
    for path, said in (
        ("/badge.svg", "sin datos actuales"), ("/badge/c0.svg", "sin datos actuales"),
        ("/en/badge.svg", "no current data"), ("/en/badge/c0.svg", "no current data"),
    ):  # fmt: skip
        old = made[path].stale.content
        assert title(old).endswith(f": {said}")
        assert colours(old) & set(COLOURS.values()) == {COLOURS[Shown.NO_DATA]}
    old = shields(made["/badge.json"].stale.content)
    assert (old["color"], old["isError"]) == ("lightgrey", True)


@pytest.mark.parametrize("shown", Shown)
def test_shields_reads_the_endpoint(shown: Shown) -> None:
    for page in badges(showing(shown)).values():
        if page.content_type == SVG:
            continue
        for content in (page.fresh.content, page.stale.content):
            document = shields(content)
            assert set(document) - {"isError"} == {"schemaVersion", "label", "message", "color"}
            assert document["schemaVersion"] == 1
            assert document["message"]
            assert document["color"] in _NAMED


@pytest.mark.parametrize("colour", COLOURS.values())
def test_the_words_stand_out_from_their_colour(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5


def test_a_badge_is_one_small_picture_without_a_script_or_a_style() -> None:
    name = "Un servidor con un nombre bastante largo, más que de costumbre"
    made = badges(view(service("s", "S", component("a", name))))
    for page in made.values():
        assert len(page.fresh.content) <= 1_300
        assert b"style" not in page.fresh.content
        assert b"script" not in page.fresh.content
        assert b"href" not in page.fresh.content


def test_whatever_a_name_holds_the_picture_stays_a_picture() -> None:
    hostile = replace(DISPLAY, name=text(HOSTILE))
    for page in badges(view(service("s", "S", component("a", HOSTILE)), page=hostile)).values():
        for content in (page.fresh.content, page.stale.content):
            assert b"\0" not in content
            if page.content_type == SVG:
                root = xml_root(content)
                assert {e.tag for e in root.iter()} <= {
                    _SVG + tag for tag in ("svg", "title", "rect", "path", "g", "text")
                }
                longest = max(len(e.text or "") for e in root.iter(f"{_SVG}text"))
                assert longest == MOST_CHARACTERS


def test_a_badge_changes_with_its_state_alone() -> None:
    calm = showing(Shown.OPERATIONAL, Shown.OPERATIONAL)
    later = replace(calm, at=Second(calm.at + 60))
    assert badges(later) == badges(calm)
    fallen = badges(showing(Shown.DOWN, Shown.OPERATIONAL))
    changed = {path for path, page in badges(calm).items() if fallen[path] != page}
    assert changed == {
        f"{lang}/badge{rest}" for lang in ("", "/en") for rest in (".svg", ".json", "/c0.svg")
    }


def test_a_badge_is_stored_once_a_form_as_it_is(tmp_path: Path) -> None:
    said = showing(Shown.OPERATIONAL)
    publish(tmp_path, render(said), said.at, said.stale_after)
    found = {str(p.relative_to(tmp_path / "1")) for p in (tmp_path / "1").rglob("badge/*")}
    assert found == {
        f"{form}/{lang}badge/c0.svg" for form in ("fresh", "stale") for lang in ("", "en/")
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "badges in a browser: whether texts fit")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["A", "Servidor web 1", "iiiiiiii", "WWWWWWWWWW", "日本語 ñandú", HOSTILE]
)
@pytest.mark.parametrize("font", ["sans-serif", "monospace;letter-spacing:2px"])
def test_every_text_fits_into_its_part_in_any_font(browser: Browser, font: str, name: str) -> None:
    badge = Badge(
        label=name.replace("\0", ""), message="En reparación", shown=Shown.REPAIR, lang="es"
    )
    root = xml_root(drawn(badge))
    page = browser.new_page()
    page.set_content(f"<style>text{{font-family:{font}}}</style>{drawn(badge).decode()}")
    boxes: Any = page.evaluate(
        "[...document.querySelectorAll('text')].map(t => t.getBBox())"
        ".map(b => [b.x, b.x + b.width, b.y, b.y + b.height])"
    )
    page.close()
    ends = [0.0, _divide(root), float(root.attrib["width"])]
    for (left, right, top, bottom), start, end in zip(boxes, ends[:2], ends[1:], strict=True):
        assert start + 4 <= left < right <= end - 4
        assert 0 <= top < bottom <= 20


def _divide(root: Element) -> float:
    """Where the second part begins."""
    return float(next(root.iter(f"{_SVG}path")).attrib["d"].removeprefix("M").split()[0])


@pytest.mark.browser
def test_a_page_of_another_host_shows_it(browser: Browser) -> None:
    with serving(showing(Shown.DOWN, Shown.OPERATIONAL)) as url:
        page = browser.new_page()
        page.set_content(f'<img alt="x" src="{url}/badge/c0.svg">')
        page.wait_for_function("document.images[0].complete")
        assert page.evaluate("document.images[0].naturalHeight") == 20
        told = page.evaluate(f"fetch('{url}/badge.json').then(r => r.json())")
        assert told["color"] == "red"
        page.close()

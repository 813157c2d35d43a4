"""The picture in a browser's tab says how it stands, by shape and colour."""

from __future__ import annotations

from itertools import combinations

import pytest

from monitor.domain.rollup import Shown
from statuspage.parts.assets import static_file, static_url
from statuspage.parts.state import icon_file
from statuspage.publish.render import render
from statuspage.publish.rendered import PNG, Rendered
from tests.statuspage.builders import (
    at,
    component,
    incident,
    part,
    resolved,
    service,
    showing,
    view,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, old_form, xml_root

GREY = static_url(icon_file(Shown.NO_DATA))
NEUTRAL = static_url("icon.svg")
_LIGHT, _DARK = "#ffffff", "#202124"
"""What browsers draw tabs on."""


def icon(content: bytes) -> str:
    links = Document.parse(content).root.iter("link")
    return next(e.attrib["href"] for e in links if e.attrib["rel"] == "icon")


@pytest.mark.parametrize("shown", Shown)
def test_the_tab_of_home_and_of_a_component_shows_the_state(shown: Shown) -> None:
    rendered = render(showing(shown, Shown.OPERATIONAL))
    for path in ("/", "/es/", "/en/", "/componente/c0", "/en/component/c0"):
        assert icon(rendered[path].fresh.content) == static_url(icon_file(shown)), path


def test_the_tab_of_an_incident_shows_its_own_state() -> None:
    a, b = component("a", "A", Shown.DOWN), component("b", "B")
    past = resolved("past22", "B", part(b, at("10:00"), at("10:05")))
    said = view(
        service("s", "S", a, b), incidents=[incident("now222", "A", part(a, at("14:08"))), past]
    )
    rendered = render(said)
    assert icon(rendered["/incidente/now222"].fresh.content) == static_url("icon-down.svg")
    assert icon(rendered["/incidente/past22"].fresh.content) == static_url("icon-ok.svg")


def test_every_tab_is_grey_once_the_data_is_old() -> None:
    for path, page in render(SCENES["repair"]()).items():
        if page.content_type.startswith("text/html"):
            assert icon(old_form(page)) == GREY, path


def test_a_fall_changes_no_page_that_does_not_say_it() -> None:
    calm, fallen = render(showing(Shown.OPERATIONAL)), render(showing(Shown.DOWN))
    assert icon(calm["/disponibilidad"].fresh.content) == NEUTRAL
    assert calm["/disponibilidad"] == fallen["/disponibilidad"]


def test_each_state_has_a_shape_of_its_own() -> None:
    shapes = {shown: [e.attrib for e in xml_root(static_file(icon_file(shown)))] for shown in Shown}
    for one, other in combinations(Shown, 2):
        assert shapes[one] != shapes[other]


@pytest.mark.parametrize("shown", Shown)
def test_each_colour_is_seen_on_light_and_dark_tabs(shown: Shown) -> None:
    colour = xml_root(static_file(icon_file(shown))).attrib["fill"]
    assert contrast(colour, _LIGHT) >= 3
    assert contrast(colour, _DARK) >= 3


def test_a_telephone_gets_a_picture_for_its_home_screen() -> None:
    rendered = render(showing(Shown.OPERATIONAL))
    links = Document.parse(rendered["/es/"].fresh.content).root.iter("link")
    url = next(e.attrib["href"] for e in links if e.attrib["rel"] == "apple-touch-icon")
    picture: Rendered = rendered[url]
    assert picture.content_type == PNG
    content = picture.fresh.content
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert (content[16:20], content[20:24]) == ((180).to_bytes(4), (180).to_bytes(4))


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 has it, of two colours `#rrggbb`."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

"""What a chat shows of a link to the page: its title, what it says, its language."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from monitor.domain.rollup import Shown
from monitor.i18n.addresses import home_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE
from statuspage.parts.assets import static_file, static_url
from statuspage.parts.state import preview_file
from statuspage.publish.render import render
from statuspage.publish.rendered import Caching
from tests.statuspage.builders import DISPLAY, component, service, showing, text, view
from tests.statuspage.reading import Document, old_form

HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}'


def preview(content: bytes) -> dict[str, str]:
    """Its words."""
    found = (e.attrib for e in Document.parse(content).root.iter("meta"))
    said = {a["property"]: a["content"] for a in found if "property" in a}
    return {name: value for name, value in said.items() if not name.startswith("og:image")}


def picture(content: bytes) -> dict[str, str]:
    found = (e.attrib for e in Document.parse(content).root.iter("meta"))
    said = {a["property"]: a["content"] for a in found if "property" in a}
    return {name: value for name, value in said.items() if name.startswith("og:image")}


def test_the_home_page_is_shown_with_its_answer() -> None:
    rendered = render(showing(Shown.DOWN, Shown.OPERATIONAL))
    assert preview(rendered["/es/"].fresh.content) == {
        "og:type": "website",
        "og:site_name": "Estado del Servicio",
        "og:title": "El servicio A no funciona",
        "og:description": "Si usa este servicio, el problema es nuestro. El resto está estable.",
        "og:url": "https://estado.example/es/",
        "og:locale": "es_AR",
    }
    english = preview(rendered["/en/"].fresh.content)
    assert (english["og:title"], english["og:locale"]) == ("The service A is not working", "en_US")


def test_old_data_is_shown_as_old() -> None:
    shown = preview(old_form(render(showing(Shown.DOWN, Shown.OPERATIONAL))["/es/"]))
    assert shown["og:title"] == "Estos datos son de las 14:35"
    assert "no se actualiza" in shown["og:description"]


@pytest.mark.parametrize("path", ["/componente/a", "/historial", "/disponibilidad"])
def test_another_page_says_whose_services_it_is_about(path: str) -> None:
    shown = preview(render(view(service("s", "S", component("a", "A"))))[path].fresh.content)
    assert shown["og:description"] == (
        "Estado de los servicios de Altomarketing, con sus incidentes y mantenimientos."
    )
    assert shown["og:url"] == f"https://estado.example{path}"


def test_what_is_at_no_address_has_no_preview() -> None:
    assert preview(render(showing(Shown.DOWN))["/404"].fresh.content) == {}


def test_a_name_stays_within_its_attribute() -> None:
    page = replace(DISPLAY, name=text(HOSTILE), company=HOSTILE)
    made = render(view(service("s", "S", component("a", HOSTILE)), page=page))
    shown = preview(made["/componente/a"].fresh.content)
    assert (shown["og:title"], shown["og:site_name"]) == (HOSTILE, HOSTILE)
    assert HOSTILE in shown["og:description"]


@pytest.mark.parametrize("shown", list(Shown))
@pytest.mark.parametrize("lang", list(Lang))
def test_home_is_shown_with_a_picture_of_the_state(shown: Shown, lang: Lang) -> None:
    made = showing(shown, Shown.OPERATIONAL)
    rendered = render(replace(made, page=replace(made.page, locales=tuple(Lang))))
    told = picture(rendered[home_path(lang)].fresh.content)
    path = told["og:image"].removeprefix("https://estado.example")
    assert told == {
        "og:image": f"https://estado.example{static_url(preview_file(shown, lang))}",
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": PAGE[lang].badges[shown],
    }
    file = rendered[path]
    assert (file.content_type, file.caching) == ("image/png", Caching.FOREVER)
    content = file.fresh.content
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (1200, 630)
    assert len(content) < 40_000


def test_pictures_are_different_by_state_and_language() -> None:
    files = [static_file(preview_file(shown, lang)) for shown in Shown for lang in Lang]
    assert len(set(files)) == len(files)


def test_the_picture_of_old_data_says_so() -> None:
    told = picture(old_form(render(showing(Shown.DOWN, Shown.OPERATIONAL))["/es/"]))
    assert told["og:image"].endswith(static_url(preview_file(Shown.NO_DATA, Lang.ES)))
    assert told["og:image:alt"] == "sin datos actuales"


def test_a_page_that_is_not_about_everything_has_no_picture() -> None:
    rendered = render(showing(Shown.DOWN))
    for path in ("/componente/c0", "/historial", "/404"):
        assert picture(rendered[path].fresh.content) == {}


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_programs_that_read_no_page_find_its_picture(path: str) -> None:
    icon = render(view())[path]
    assert icon.fresh.content == static_file("apple-touch-icon.png")
    assert icon.caching is Caching.REVALIDATE

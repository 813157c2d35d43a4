"""What a chat shows of a link to the page: its title, what it says, its language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.rollup import Shown
from statuspage.publish.render import render
from tests.statuspage.builders import DISPLAY, component, service, showing, text, view
from tests.statuspage.reading import Document, old_form

HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}'


def preview(content: bytes) -> dict[str, str]:
    found = (e.attrib for e in Document.parse(content).root.iter("meta"))
    return {a["property"]: a["content"] for a in found if "property" in a}


def test_the_home_page_is_shown_with_its_answer() -> None:
    rendered = render(showing(Shown.DOWN, Shown.OPERATIONAL))
    assert preview(rendered["/es/"].fresh.content) == {
        "og:type": "website",
        "og:site_name": "Estado del Servicio",
        "og:title": "A no funciona",
        "og:description": "Si usa este servicio, el problema es nuestro. El resto está estable.",
        "og:url": "https://estado.example/es/",
        "og:locale": "es_AR",
    }
    english = preview(rendered["/en/"].fresh.content)
    assert (english["og:title"], english["og:locale"]) == ("A is not working", "en_US")


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

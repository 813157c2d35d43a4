"""What is seen first on whichever page somebody lands: how it is, how old that is, what is over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.i18n.formats import NBSP
from statuspage.publish.render import render
from statuspage.publish.rendered import HTML
from statuspage.view.model import PublicView
from tests.statuspage.builders import (
    at,
    component,
    incident,
    part,
    resolved,
    service,
    showing,
    update,
    view,
    window,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, icon_of, old_form, text_of

A = component("a", "Correo", Shown.DOWN, since=at("14:08"))
FELL = incident("abc234", "Correo: sin respuesta", part(A, at("14:08")))
OVER = resolved("old234", "Correo: lento", part(A, at("02:00"), at("02:10")))
WORK = window("m1", "Correo: discos", at("14:00"), at("15:00"), A)


def seen() -> PublicView:
    return view(service("s", "S", A), incidents=[FELL, OVER], maintenance=[WORK])


def page(path: str, said: PublicView | None = None, *, is_stale: bool = False) -> Document:
    found = render(said or seen())[path]
    return Document.parse(old_form(found) if is_stale else found.fresh.content)


def head(document: Document) -> tuple[str, str]:
    """The icon of the answer, and what it says."""
    answer = next(e for e in document.with_class("answer") if e.tag == "section")
    return icon_of(answer), text_of(answer).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/incidente/old234", "Resuelto: Correo: lento"),
        ("/en/incident/old234", "Resolved: Correo: lento"),
        ("/incidente/abc234", "Correo: sin respuesta"),
    ],
)
def test_what_is_over_says_so_in_its_heading_and_its_title(path: str, first: str) -> None:
    document = page(path)
    assert document.texts("h1") == [first]
    assert document.texts("title")[0].startswith(f"{first} ·")


@pytest.mark.parametrize("shown", [Shown.DOWN, Shown.OPERATIONAL])
def test_who_is_lost_reads_how_the_services_are(shown: Shown) -> None:
    document = page("/404", showing(shown))
    home = page("/es/", showing(shown))
    assert head(document)[0] == head(home)[0]
    assert home.texts("h1")[0] in document.text()
    assert page("/404", is_stale=True).with_class("is-nd")


@pytest.mark.parametrize("scene", list(SCENES)[:3])
def test_every_page_has_a_button_that_asks_for_newer_data_beside_their_age(scene: str) -> None:
    for path, found in render(SCENES[scene]()).items():
        if found.content_type != HTML or found.status != 200 or b"noindex" in found.fresh.content:
            continue
        for content in (found.fresh.content, old_form(found)):
            (line,) = Document.parse(content).with_class("age")
            (button,) = (e for e in line.iter("a"))
            assert "btn" in button.attrib["class"].split(), path
            assert button.attrib["href"] in (path, "/es/"), path


def test_a_components_page_begins_with_what_is_wrong_now() -> None:
    document = page("/componente/a")
    cards = [text_of(next(e.iter("h3"))) for e in document.with_class("notice")]
    assert cards == ["Correo: sin respuesta", "Correo: discos"]
    assert document.texts("h2")[0] == "Qué pasa ahora"
    assert not page("/componente/c0", showing(Shown.OPERATIONAL)).with_class("notice")


def test_old_pages_speak_in_the_past_and_without_colour() -> None:
    for path, said in (
        ("/componente/a", "A esa hora no funcionaba."),
        ("/incidente/abc234", "A esa hora seguía abierto. Había empezado a las 14:08."),
        ("/mantenimiento/m1", "A esa hora estaba en curso: jueves 16 de abril, de 14:00 a 15:00."),
        ("/en/component/a", "It was not working then."),
    ):
        icon, words = head(page(path, is_stale=True))
        assert (icon, said in words) == ("#i-nd", True), path
        assert said not in page(path).text().replace(NBSP, " ")
        assert head(page(path))[0] != "#i-nd"
    assert "Qué pasaba a esa hora" in page("/es/", is_stale=True).texts("h2")
    assert "Qué pasa ahora" not in page("/componente/a", is_stale=True).text()


def test_what_was_over_is_over_however_old_the_data_is() -> None:
    assert head(page("/incidente/old234", is_stale=True))[0] == "#i-ok"
    assert "Resuelto" in page("/incidente/old234", is_stale=True).texts("h1")[0]


def api(said: PublicView, name: str) -> Any:
    return json.loads(render(said)[f"/api/v2/{name}.json"].fresh.content)


def test_the_api_says_of_each_update_how_it_changed_the_components() -> None:
    b = component("b", "Web")
    story = incident(
        "abc234", "Dos fallas",
        part(A, at("14:00"), at("14:20"), status=Outcome.DEGRADED),
        part(A, at("14:20")),
        part(b, at("14:10"), at("14:25")),
        updates=[
            update(n, at(clock), Phase.INVESTIGATING, clock)
            for n, clock in enumerate(("14:02", "14:12", "14:21", "14:26"), 1)
        ],
    )  # fmt: skip
    (told,) = api(view(service("s", "S", A, b), incidents=[story]), "incidents")["incidents"]
    changes = [
        {c["code"]: (c["old_status"], c["new_status"]) for c in u["affected_components"]}
        for u in reversed(told["incident_updates"])
    ]
    up, slow, down = "operational", "degraded_performance", "major_outage"
    assert changes == [
        {"a": (up, slow)},
        {"a": (slow, slow), "b": (up, down)},
        {"a": (slow, down), "b": (down, down)},
        {"a": (down, down), "b": (down, up)},
    ]
    assert {c["name"] for c in told["incident_updates"][0]["affected_components"]} == {
        "Correo", "Web",
    }  # fmt: skip


def test_the_api_says_when_work_took_a_component_and_gave_it_back() -> None:
    over = window("m2", "Discos", at("12:00"), at("13:00"), A)
    (told,) = api(view(service("s", "S", A), maintenance=[over]), "scheduled-maintenances")[
        "scheduled_maintenances"
    ]
    changes = {
        u["id"].removeprefix("m2-"): tuple(u["affected_components"][0].values())[2:]
        for u in told["incident_updates"]
    }
    assert changes["announced"] == ("operational", "operational")
    assert changes["started"] == ("operational", "under_maintenance")
    assert changes["ended"] == ("under_maintenance", "operational")

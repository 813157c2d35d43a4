"""The page and the API of an incident whose end nobody saw."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.i18n.addresses import incident_path
from statuspage.publish.render import render
from tests.evaluation.test_end_of_watching import (
    WELL,
    adopt,
    fallen,
    live,
    of_web_alone,
    view,
    without_component,
)
from tests.support.worlds import World, catalogue


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The web was removed while it was down, and half an hour has passed."""
    made = fallen(tmp_path)
    number = adopt(made, without_component(catalogue()))
    live(made, number, dns=WELL, mail=WELL)
    return made


def page(world: World, path: str) -> str:
    rendered = render(view(world))[path]
    assert rendered.status == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", rendered.fresh.content.decode()))


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("es", "Ya no se controla desde las"),
        ("en", "No longer watched since"),
    ],
)
def test_its_page_stays_readable_and_says_that_it_is_not_watched(
    world: World, lang: str, told: str
) -> None:
    said = page(world, incident_path(of_web_alone(world).id, lang))
    assert told in said
    for word in ("normalidad", "normally", "volvió a funcionar a"):
        assert word not in said


@pytest.mark.parametrize("lang", ["es", "en"])
def test_its_page_neither_calls_it_over_nor_resolved(world: World, lang: str) -> None:
    said = page(world, incident_path(of_web_alone(world).id, lang))
    for words in ("Resuelto", "Resolved", "ya terminó", "is over", "sigue fallando", "still fail"):
        assert words not in said, words


def test_the_history_does_not_call_it_resolved(world: World) -> None:
    said = page(world, "/historial")
    assert "Web: sin respuesta Ya no se controla. 3 min" in said.replace("\u00a0", " ")


def test_the_api_has_it_closed_with_words_that_are_true(world: World) -> None:
    document = json.loads(render(view(world))["/api/v2/incidents.json"].fresh.content)
    (told,) = document["incidents"]
    assert (told["status"], told["monitoring_at"]) == ("resolved", None)
    assert "ya no se controla" in told["incident_updates"][0]["body"]


def test_a_component_that_stays_without_a_check_has_no_data(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    unchecked = replace(catalogue(), checks=catalogue().checks[1:])
    number = adopt(world, unchecked)
    live(world, number, dns="+++", mail="+++")
    document = json.loads(render(view(world))["/api/v2/components.json"].fresh.content)
    (web,) = [c for c in document["components"] if c["id"] == "web"]
    assert web["description"].startswith("Sin datos desde")

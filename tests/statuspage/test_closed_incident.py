"""The page and the messages of an incident that a person closed while it was down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.domain.change import Actor, ActorKind
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Phase
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import incident_path
from monitor.incidents.commands import IncidentCommands
from statuspage.publish.render import render
from tests.alerting.test_renderer import composed
from tests.evaluation.test_end_of_watching import (
    DAY,
    fallen,
    incidents,
    of_web_alone,
    owed,
    shown_incident,
    view,
)
from tests.support.worlds import WEB, World

SAID = Text({"es": "Falsa alarma del control.", "en": "A false alarm."})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The web is down, and its incident has just been closed by force."""
    made = fallen(tmp_path)
    desk = IncidentCommands(
        journal=made.journal,
        catalogue=made.catalogues.at(made.clock.now()),
        clock=made.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )
    desk.resolve(of_web_alone(made).id, text=SAID, although_down=True)
    made.live(web="--", dns="++", mail="++")
    return made


def page(world: World, path: str) -> str:
    content = render(view(world))[path].fresh.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("lang", "told"), [("es", "Operaciones lo cerró"), ("en", "Operations closed it")]
)
def test_its_page_says_that_it_was_closed_and_not_that_it_works(
    world: World, lang: str, told: str
) -> None:
    said = page(world, incident_path(of_web_alone(world).id, lang))
    assert told in said
    for words in (
        "normalidad",
        "normally",
        "Resuelto",
        "Resolved",
        "Estuvo",
        "It was out",
        "ya terminó",
        "is over",
        "Ya no se controla",
        "No longer watched",
    ):
        assert words not in said, words  # fmt: skip


def test_its_page_shows_the_component_as_it_is(world: World) -> None:
    said = page(world, incident_path(of_web_alone(world).id, "es"))
    assert "Servicio afectado Caído Web" in said
    assert "cerrado a las" in said


def test_the_history_tells_no_length_of_it(world: World) -> None:
    said = page(world, "/historial")
    assert "Web: sin respuesta Operaciones lo cerró a las" in said
    assert "sin servicio, de" not in said


def test_the_same_fall_opens_no_other_and_the_next_one_does(world: World) -> None:
    closed = of_web_alone(world)
    assert closed.phase is Phase.RESOLVED
    world.live(web="+++---", dns="++++++", mail="++++++")
    assert [i.phase for i in incidents(world) if WEB in i.components] == [
        Phase.RESOLVED,
        Phase.INVESTIGATING,
    ]
    again = next(i for i in incidents(world) if i.is_unresolved)
    assert again.id != closed.id


def test_operators_read_that_it_was_closed_and_not_that_it_recovered(world: World) -> None:
    closed = of_web_alone(world)
    assert (EventKind.RESOLUTION, 0) in owed(world, closed)
    message = composed(closed, EventKind.RESOLUTION, now=Second(closed.created_at + DAY))
    assert message.subject.startswith("CERRADO web: seguía caído")
    assert "RECUPERADO" not in message.text + message.subject
    words = " ".join(message.text.split())
    assert "sin que volviera a funcionar" in words
    assert "No hace falta responder" not in words


def test_its_part_is_not_called_unwatched_for_it_is_watched(world: World) -> None:
    (part,) = shown_incident(world, of_web_alone(world)).parts
    assert (part.is_closed, part.is_unwatched) == (True, True)

"""The page says what was seen, and since when: no beginning of a health that nobody saw begin, and
no length of an outage that nobody saw whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.availability import Seconds
from monitor.i18n.addresses import component_path, history_path, incident_path
from monitor.i18n.formats import NBSP, Lang
from statuspage.publish.render import render
from statuspage.view.model import PublicView
from tests.incidents.operators import Desk
from tests.statuspage.builders import DISPLAY, component, service, view
from tests.statuspage.reading import Document
from tests.support.worlds import WEB, World

AWAY = " " * 5
EVERYWHERE = replace(DISPLAY, locales=tuple(one.value for one in Lang))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def text(of: PublicView, path: str) -> str:
    """The words of a page as they are read."""
    return Document.parse(render(of)[path].fresh.content).text().replace(NBSP, " ")


def said(world: World, path: str) -> str:
    return text(Desk(world).view(), path)


@pytest.mark.parametrize("story", ["+++", "+++" + AWAY + "+++", "---" + AWAY + "+++"])
def test_health_that_nobody_saw_begin_has_no_beginning(world: World, story: str) -> None:
    world.live(web=story)
    page = said(world, component_path(WEB, Lang.ES))
    assert "Funciona con normalidad. Nuestros controles lo miran sin pausa desde las " in page
    page = said(world, component_path(WEB, Lang.EN))
    assert "It works normally. Our checks have watched it without a break since " in page


def test_health_that_was_seen_to_come_back_began_then(world: World) -> None:
    world.live(web="+++---+++")
    assert "Funciona con normalidad desde las " in said(world, component_path(WEB, Lang.ES))
    world.restarted()
    world.live(web="+++")
    assert "Funciona con normalidad desde las " in said(world, component_path(WEB, Lang.ES))


def test_an_outage_that_nobody_saw_whole_lasted_at_least_what_was_seen(world: World) -> None:
    world.live(web="+++" + "-" * 10 + AWAY + "+" * 20, dns="+" * 38)
    (found,) = Desk(world).every()
    for path, words in {
        incident_path(found.id, Lang.ES): "Estuvo sin servicio al menos 10 min.",
        incident_path(found.id, Lang.EN): "It was out for 10 min or more.",
        history_path(Lang.ES): "Resuelto. Al menos 10 min sin servicio",
    }.items():
        assert words in said(world, path)


def test_what_was_seen_of_each_fall_of_a_component_is_added_up(world: World) -> None:
    world.live(web="+++" + "-" * 4 + "+++" + "-" * 10 + AWAY + "+" * 20, dns="+" * 45)
    (found,) = Desk(world).every()
    assert "sin servicio al menos 14 min." in said(world, incident_path(found.id, Lang.ES))


def test_a_month_in_progress_names_what_nobody_saw_and_calls_it_not_quiet(world: World) -> None:
    world.live(web="+" * 10 + " " * 20 + "+" * 10, dns="+" * 40)
    month = said(world, history_path(Lang.ES))
    assert "Sin datos: Web (20 min) y Correo. Ese tiempo no lo pudimos comprobar." in month
    assert "El otro servicio: sin interrupciones." in month
    assert "Ningún servicio tuvo interrupciones." not in month


def test_a_short_gap_is_not_worth_a_word(world: World) -> None:
    world.live(web="+++" + AWAY + "+++", dns="+" * 11, mail="+" * 11)
    assert "Ningún servicio tuvo interrupciones." in said(world, history_path(Lang.ES))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (Lang.ES, "Sin datos de 6 servicios, hasta 1 h cada uno."),
        (Lang.EN, "No data of 6 services, up to 1 h each."),
        (Lang.PT, "Sem dados de 6 serviços, até 1 h cada um."),
    ],
)
def test_where_much_was_not_seen_it_says_how_many_and_how_long(lang: Lang, words: str) -> None:
    away = {"2026-04-10": Seconds(up=82_800, unknown=3_600)}
    blind = [component(id_, id_.upper(), happened=away) for id_ in "abcdef"]
    assert words in text(view(service("s", "S", *blind), page=EVERYWHERE), history_path(lang))


def test_a_whole_month_calls_none_perfect_of_which_it_saw_little() -> None:
    away = {f"2026-03-{day:02}": Seconds(unknown=86_400) for day in range(1, 31)}
    blind, quiet = component("a", "A", happened=away), component("b", "B")
    march = text(view(service("s", "S", blind, quiet)), history_path(Lang.ES))
    assert "El otro servicio: 100 %" in march
    assert "A —0 s En revisión" in march

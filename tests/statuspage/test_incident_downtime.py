"""An incident's page says how much of an outage counts: as the days, the report, the text do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import ConfiguredTerms
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import incident_path
from monitor.journal.ports import Transitions
from statuspage.publish.render import render
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.incident_downtime import IncidentDowntime
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view
from tests.support.worlds import INTERVAL, T0, WEB, World, catalogue

TERMS = ConfiguredTerms(fields={"guarantee": "0.9989"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, replace(catalogue(observe=INTERVAL), terms=(TERMS,)))


def live(world: World, web: str) -> None:
    world.live(web=web, dns="+" * len(web), mail="+" * len(web))


def maintained(world: World, start: int, end: int) -> None:
    """Published long before; so many intervals after the world began."""
    window = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
        start=Second(T0 + start * INTERVAL), end=Second(T0 + end * INTERVAL), components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(window)
        tx.maintenance.publish([window.id], Second(T0 - 86_400))


def view(world: World) -> PublicView:
    with world.journal.transaction() as tx:
        return build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )


def counted(seen: PublicView) -> Seconds:
    (incident,) = seen.incidents
    (part,) = incident.parts
    assert part.counted is not None
    return part.counted


def page(seen: PublicView, lang: str) -> str:
    (incident,) = seen.incidents
    content = render(seen)[incident_path(incident.id, lang)].fresh.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("es", "Cuenta en la disponibilidad de septiembre 3 min de 5 min. Excluido: 2 min."),
        ("en", "Counts in the availability of September 3 min of 5 min. Excluded: 2 min."),
    ],
)
def test_planned_time_is_not_said_to_count(world: World, lang: str, told: str) -> None:
    maintained(world, 5, 9)
    live(world, "++-----+++")
    seen = view(world)
    assert (counted(seen).down, counted(seen).excluded) == (3 * INTERVAL, 2 * INTERVAL)
    assert told in page(seen, lang)


def test_it_adds_up_to_what_the_days_count(world: World) -> None:
    maintained(world, 5, 9)
    live(world, "++-----+++")
    seen = view(world)
    web = next(c for c in seen.components if c.id == WEB)
    assert counted(seen).down == web.total.down


def test_what_counts_whole_is_said_in_a_word(world: World) -> None:
    live(world, "++-----+++")
    assert counted(view(world)) == Seconds(down=5 * INTERVAL)
    assert "Cuenta en la disponibilidad de septiembre Sí." in page(view(world), "es")


def test_what_goes_on_is_not_counted_yet(world: World) -> None:
    live(world, "++-----")
    (incident,) = view(world).incidents
    assert incident.parts[0].counted is None


def test_a_part_that_is_over_is_read_once(world: World) -> None:
    live(world, "++-----+++")
    kept, now = IncidentDowntime(), world.clock.now()
    with world.journal.transaction() as tx:
        parts = tx.incidents.touching(Interval(T0, now))[0].affected
        read = kept.of(tx.transitions, world.core.state, parts, {})
    nobody = cast("Transitions", None)
    assert kept.of(nobody, world.core.state, parts, {}) == read
    assert list(read) == list(parts)

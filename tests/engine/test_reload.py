"""A new configuration while the core runs: incidents of what is gone, or no longer public."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.incident import Incident, Phase
from monitor.domain.interval import Interval, Second
from monitor.domain.public import PublicView
from monitor.domain.text import Text
from monitor.engine.catalogues import Catalogues
from monitor.engine.day_book import DayBook
from monitor.engine.public_view import build_view
from tests.engine.worlds import DNS, WEB, World, catalogue


def without_web() -> Catalogue:
    whole = catalogue()
    return replace(
        whole,
        components=tuple(c for c in whole.components if c.id != WEB),
        checks=tuple(c for c in whole.checks if c.component != WEB),
    )


def with_private_web() -> Catalogue:
    whole = catalogue()
    return replace(
        whole,
        components=tuple(
            replace(c, is_public=False) if c.id == WEB else c for c in whole.components
        ),
    )


def adopt(world: World, made: Catalogue) -> None:
    second = CatalogueRevision(
        number=2, hash="y", text="", effective_from=world.clock.now(), catalogue=made
    )
    world.catalogues = Catalogues([*world.catalogues.revisions, second])
    world.core.adopt(world.catalogues)


def shown(world: World) -> PublicView:
    with world.journal.transaction() as tx:
        return build_view(tx, world.core.held, world.clock.now(), stale_after=120, days=DayBook())


def incidents(world: World) -> tuple[Incident, ...]:
    with world.journal.transaction() as tx:
        return tx.incidents.touching(Interval(Second(0), Second(world.clock.now() + 1)))


@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_an_incident_is_over_for_a_component_that_is_no_longer_watched(
    tmp_path: Path, *, is_restarted: bool
) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    removed_at = world.clock.now()
    adopt(world, without_web())
    if is_restarted:
        world.restarted()
    world.live(dns="+" * 30, mail="+" * 30)
    (incident,) = incidents(world)
    assert incident.phase is Phase.RESOLVED
    (part,) = incident.affected
    assert (part.end, part.is_unwatched) == (removed_at, True)
    assert [i.id for i in shown(world).incidents] == [incident.id]


@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_operators_are_told_how_what_was_made_private_ends_and_nobody_else(
    tmp_path: Path, *, is_restarted: bool
) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    adopt(world, with_private_web())
    if is_restarted:
        world.restarted()
    world.live(web="---", dns="+++", mail="+++")
    (incident,) = incidents(world)
    assert incident.open_part(WEB) is not None
    world.live(web="+" * 30, dns="+" * 30, mail="+" * 30)
    (incident,) = incidents(world)
    assert (incident.phase, incident.affected[0].is_unwatched) == (Phase.RESOLVED, False)
    assert incident.title == Text({"es": "Web: sin respuesta", "en": "Web: not responding"})
    assert shown(world).incidents == ()


def test_what_is_private_opens_no_incident(tmp_path: Path) -> None:
    world = World(tmp_path, with_private_web())
    world.live(web="++------", dns="++++++++", mail="++++++++")
    assert incidents(world) == ()


def test_nobody_is_told_that_a_removed_component_came_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="++---", mail="+++++")
    (before,) = incidents(world)
    adopt(world, without_web())
    world.live(dns="--", mail="++")
    (after,) = incidents(world)
    assert [p.component for p in after.open_parts] == [DNS]
    assert after.updates[:-1] == before.updates
    told = after.updates[-1].machine
    assert told is not None
    assert "El servicio Web ya no se controla desde las" in told.in_locale("es")
    assert "The service Web has no longer been watched since" in told.in_locale("en")

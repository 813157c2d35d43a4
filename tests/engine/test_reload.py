"""A new configuration while the core runs: incidents of what is gone, or no longer public."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.incident import Incident, Phase
from monitor.domain.interval import Interval, Second
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


def incidents(world: World) -> tuple[Incident, ...]:
    with world.journal.transaction() as tx:
        return tx.incidents.touching(Interval(Second(0), Second(world.clock.now() + 1)))


@pytest.mark.parametrize("made", [without_web(), with_private_web()], ids=["removed", "private"])
@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_an_incident_ends_for_a_component_that_the_public_no_longer_has(
    tmp_path: Path, made: Catalogue, *, is_restarted: bool
) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    adopt(world, made)
    if is_restarted:
        world.restarted()
    world.live(dns="+" * 30, mail="+" * 30)
    (incident,) = incidents(world)
    assert incident.phase is Phase.RESOLVED
    with world.journal.transaction() as tx:
        shown = build_view(tx, world.core.held, world.clock.now(), stale_after=120, days=DayBook())
    assert shown.incidents == ()


def test_nobody_is_told_that_a_removed_component_came_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="++---", mail="+++++")
    (before,) = incidents(world)
    adopt(world, without_web())
    world.live(dns="--", mail="++")
    (after,) = incidents(world)
    assert [p.component for p in after.open_parts] == [DNS]
    assert after.updates == before.updates

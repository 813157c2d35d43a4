"""A new configuration while the core runs: incidents of what is gone, or no longer public."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.languages import LANGUAGES
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view
from tests.support.worlds import DNS, INTERVAL, WEB, World, catalogue, look


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
        return build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )


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


def hand_over(world: World, made: Catalogue, ahead: int) -> None:
    """`config apply` while the wall clock is ahead; it is right again before the next tick."""
    minute = Second(world.clock.now() // 60 * 60 + 60)
    revision = CatalogueRevision(
        number=2, hash="y", text="", effective_from=Second(minute + ahead), catalogue=made
    )
    world.catalogues = Catalogues([*world.catalogues.revisions, revision])
    world.core.adopt(world.catalogues)
    world.clock.advance(120)


AHEAD = pytest.mark.parametrize("ahead", [0, 3_600, 2 * 365 * 86_400], ids=["not", "1 h", "2 y"])


@AHEAD
@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_what_was_added_while_the_clock_was_ahead_has_its_incidents(
    tmp_path: Path, ahead: int, *, is_restarted: bool
) -> None:
    """Live checks went by the new configuration, incidents by the old one for two years."""
    world = World(tmp_path, without_web())
    world.live(dns="+++", mail="+++")
    hand_over(world, catalogue(), ahead)
    if is_restarted:
        world.restarted()
    for _ in range(5):
        world.log.add(replace(look(WEB, world.clock.now(), "-"), revision=2))
        world.clock.advance(INTERVAL)
        world.core.tick()
    (opened,) = incidents(world)
    assert opened.components == (WEB,)
    assert shown(world).components[0].beneath is Outcome.DOWN


@AHEAD
def test_what_was_made_private_while_the_clock_was_ahead_is_named_nowhere(
    tmp_path: Path, ahead: int
) -> None:
    """It was gone from the services, and the open incident named it."""
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    hand_over(world, with_private_web(), ahead)
    world.core.tick()
    seen = shown(world)
    assert WEB not in [c.id for c in seen.components]
    assert seen.incidents == ()
    # The component's page, badge and three feeds and the incident's page, in each language.
    assert len(seen.gone) == 7 * len(LANGUAGES)


@AHEAD
def test_what_a_configuration_left_in_force_is_one_answer(tmp_path: Path, ahead: int) -> None:
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    hand_over(world, without_web(), ahead)
    now = world.clock.now()
    component_status = world.catalogues.as_of(now)
    rules = [r.number for r, reign in component_status.ruling if now in reign]
    assert rules == [2]
    assert component_status.present(now) is component_status.in_force(now)
    assert component_status.present(now).catalogue is world.catalogues.present(now).catalogue
    assert component_status.at(now) is world.catalogues.present(now).catalogue
    assert world.catalogues.last_known(WEB, now) is not None
    assert world.core.state.catalogues.present(now).number == 2


def test_a_configuration_whose_second_comes_is_not_laid_down_again_before_it(
    tmp_path: Path,
) -> None:
    """In the last two minutes before it, it looked like one that had just been handed over."""
    world = World(tmp_path)
    hand_over(world, without_web(), 3_600)
    for _ in range(62):
        assert world.catalogues.present(world.clock.now()).number == 2
        world.clock.advance(60)


def test_a_clock_that_is_behind_for_a_moment_leaves_past_configurations_their_seconds(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    adopt(world, without_web())
    first, second = (r.effective_from for r in world.catalogues.revisions)
    behind = Second(first - 4 * 365 * 86_400)
    assert world.catalogues.as_of(behind).present(behind).number == 2
    later = Second(second + 60)
    assert world.catalogues.as_of(later) is world.catalogues


def test_what_is_handed_over_for_the_next_minute_changes_no_standing_before_it(
    tmp_path: Path,
) -> None:
    """Of ten thousand components they take a second to work out."""
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    before = world.core.state.component_statuses
    now = world.clock.now()
    later = CatalogueRevision(
        number=2, hash="y", text="", effective_from=Second(now + 60), catalogue=without_web()
    )
    world.core.adopt(Catalogues([*world.catalogues.revisions, later]))
    world.clock.advance(30)
    world.core.tick()
    assert world.core.state.component_statuses is before
    world.clock.advance(30)
    world.core.tick()
    assert WEB not in world.core.state.component_statuses

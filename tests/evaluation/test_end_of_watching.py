"""The end of watching is never the end of an outage: not in incidents, messages, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from credits.period.period_data import PeriodData
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Affects, Catalogue, CatalogueRevision, Check
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, Outcome, Result
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.time.interval import Interval, Second
from monitor.timelines.outages import Outage
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicComponent, PublicIncident, PublicView
from statuspage.view.public_view import build_view
from tests.support.worlds import DNS, INTERVAL, MAIL, WEB, World, catalogue, check, look

DAY = 86_400
WELL = "+" * 30
Edit = Callable[[Catalogue], Catalogue]


def of_web(change: Callable[[Check], Check | None]) -> Edit:
    """A catalogue whose check of the web is another one, or gone."""

    def edited(made: Catalogue) -> Catalogue:
        checks = (change(c) if c.component == WEB else c for c in made.checks)
        return replace(made, checks=tuple(c for c in checks if c is not None))

    return edited


def without_component(made: Catalogue) -> Catalogue:
    alone = of_web(lambda _: None)(made)
    return replace(alone, components=tuple(c for c in made.components if c.id != WEB))


without_check = of_web(lambda _: None)
deciding_nothing = of_web(lambda c: replace(c, affects=Affects.NOTHING))
moved = of_web(lambda c: replace(c, component=MAIL))
of_another_kind = of_web(lambda c: replace(c, kind="http"))
EDITS = {
    "component removed": without_component,
    "check removed": without_check,
    "affects nothing": deciding_nothing,
    "check moved": moved,
    "another kind": of_another_kind,
}
every_edit = pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)


def adopt(world: World, made: Catalogue) -> int:
    """A configuration that rules from now on; its number."""
    number = len(world.catalogues.revisions) + 1
    revision = CatalogueRevision(
        number=number, hash=str(number), text="", effective_from=world.clock.now(), catalogue=made
    )
    world.catalogues = Catalogues([*world.catalogues.revisions, revision])
    world.core.adopt(world.catalogues)
    return number


def live(world: World, revision: int, **stories: str) -> None:
    """As `World.live`, under a later revision."""
    for minute in range(max(map(len, stories.values()))):
        at = world.clock.now()
        for name, story in stories.items():
            if minute < len(story):
                seen = look(ComponentId(name), at, story[minute])
                world.log.add(replace(seen, revision=revision))
        world.clock.advance(INTERVAL)
        world.core.tick()


def fallen(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    return world


def incidents(world: World) -> list[Incident]:
    with world.journal.transaction() as tx:
        found = tx.incidents.touching(Interval(Second(0), Second(world.clock.now() + 1)))
    return sorted(found, key=lambda i: i.started_at)


def of_web_alone(world: World) -> Incident:
    (found,) = [i for i in incidents(world) if WEB in i.components]
    return found


def owed(world: World, incident: Incident) -> list[tuple[EventKind, int]]:
    with world.journal.transaction() as tx:
        return [(n.kind, n.number) for n in tx.outbox.of(incident.id)]


def view(world: World) -> PublicView:
    with world.journal.transaction() as tx:
        return build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )


def shown_incident(world: World, wanted: Incident) -> PublicIncident:
    (found,) = [i for i in view(world).incidents if i.id == wanted.id]
    return found


def shown_web(world: World) -> PublicComponent:
    return next(c for c in view(world).components if c.id == WEB)


def timeline(world: World) -> list[tuple[Outcome, int, int]]:
    """What report and credits read of the web: status, from and to in minutes since the start."""
    start = world.catalogues.revisions[0].effective_from
    with world.journal.transaction() as tx:
        past = PeriodData(tx, world.catalogues, Interval(start, world.clock.now()))
        drawn = past.timeline(WEB)
    return [
        (s.status, (s.start - start) // INTERVAL, (s.end - start) // INTERVAL)
        for s in drawn
        if s.end > s.start
    ]


def outages(world: World) -> list[Outage]:
    """As the report has them of the web."""
    start, now = world.catalogues.revisions[0].effective_from, world.clock.now()
    with world.journal.transaction() as tx:
        past = PeriodData(tx, world.catalogues, Interval(start, now))
    return list(past.outages_of(WEB, (), past.window))


def said(incident: Incident) -> str:
    texts = [
        u.machine.in_locale(lang) for u in incident.updates if u.machine for lang in ("es", "en")
    ]
    return " ".join(texts)


@every_edit
@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_nobody_reads_that_it_works_again(
    tmp_path: Path, edit: Edit, *, is_restarted: bool
) -> None:
    world = fallen(tmp_path)
    cut_at = world.clock.now()
    number = adopt(world, edit(catalogue()))
    if is_restarted:
        world.restarted()
    live(world, number, dns=WELL, mail=WELL)
    incident = of_web_alone(world)
    (part,) = (p for p in incident.affected if p.component == WEB)
    assert (part.end, part.is_unwatched, part.cause) == (cut_at, True, "conn_refused")
    assert EventKind.RESOLUTION not in [kind for kind, _ in owed(world, incident)]
    for word in ("normalidad", "volvió a funcionar a", "normally", "came back at"):
        assert word not in said(incident)
    assert IncidentEvent.UNWATCHED in [u.event for u in incident.updates]


def test_no_outage_reaches_over_the_time_that_nobody_watched(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    world.live(dns="++", mail="++")
    away = adopt(world, without_check(catalogue()))
    live(world, away, dns="++++++++++", mail="++++++++++")
    back = adopt(world, catalogue())
    watched_from = world.clock.now()
    live(world, back, web="---++", dns="+++++", mail="+++++")
    first, second = outages(world)
    assert first.end == world.catalogues.revisions[1].effective_from
    assert first.possible_s == first.end - (first.last_success_before or 0)
    assert first.possible_s >= first.lasted_s
    assert second.start == watched_from
    assert second.possible_s == (second.first_success or 0) - watched_from
    assert second.possible_s >= second.lasted_s


@every_edit
def test_the_time_until_it_is_watched_again_is_unknown(tmp_path: Path, edit: Edit) -> None:
    world = fallen(tmp_path)
    number = adopt(world, edit(catalogue()))
    live(world, number, dns="+" * 10, mail="+" * 10)
    assert timeline(world) == [(Outcome.UP, 0, 2), (Outcome.DOWN, 2, 5)]
    if any(c.id == WEB for c in view(world).components):
        seconds = shown_web(world).total
        assert (seconds.down, seconds.up) == (3 * INTERVAL, 2 * INTERVAL)


@every_edit
def test_what_is_put_back_and_still_down_goes_on_in_its_incident(
    tmp_path: Path, edit: Edit
) -> None:
    world = fallen(tmp_path)
    before = of_web_alone(world)
    number = adopt(world, edit(catalogue()))
    live(world, number, dns=WELL, mail=WELL)
    back_at = world.clock.now()
    number = adopt(world, catalogue())
    live(world, number, web="-----", dns="+++++", mail="+++++")
    incident = of_web_alone(world)
    assert incident.id == before.id
    assert incident.phase is Phase.INVESTIGATING
    _lost, again = (p for p in incident.affected if p.component == WEB)
    assert (again.start, again.end, again.cause) == (back_at, None, "conn_refused")
    assert timeline(world)[-1] == (Outcome.DOWN, 35, 40)
    assert [u.event for u in incident.updates][-1] is IncidentEvent.RESUMED
    live(world, number, web=WELL, dns=WELL, mail=WELL)
    incident = of_web_alone(world)
    assert incident.phase is Phase.RESOLVED
    assert (EventKind.RESOLUTION, 0) in owed(world, incident)
    assert "funciona con normalidad" in said(incident)


def test_what_is_put_back_and_well_is_not_told_to_have_recovered(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns="+++", mail="+++")
    number = adopt(world, catalogue())
    live(world, number, web=WELL, dns=WELL, mail=WELL)
    incident = of_web_alone(world)
    assert incident.affected[0].is_unwatched
    assert EventKind.RESOLUTION not in [kind for kind, _ in owed(world, incident)]
    assert timeline(world) == [(Outcome.UP, 0, 2), (Outcome.DOWN, 2, 5), (Outcome.UP, 8, 38)]


def test_a_watch_that_was_away_for_less_than_an_interval_was_away_all_the_same(
    tmp_path: Path,
) -> None:
    world = fallen(tmp_path)
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns="+", mail="+")
    number = adopt(world, catalogue())
    live(world, number, web="+++", dns="+++", mail="+++")
    assert timeline(world) == [(Outcome.UP, 0, 2), (Outcome.DOWN, 2, 5), (Outcome.UP, 6, 9)]
    assert of_web_alone(world).affected[0].is_unwatched


def test_what_is_put_back_after_the_time_to_rejoin_opens_an_incident_of_its_own(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, catalogue(rejoin=20 * INTERVAL))
    world.live(web="++---", dns="+++++", mail="+++++")
    number = adopt(world, without_component(catalogue(rejoin=20 * INTERVAL)))
    live(world, number, dns=WELL, mail=WELL)
    number = adopt(world, catalogue(rejoin=20 * INTERVAL))
    live(world, number, web="-----", dns="+++++", mail="+++++")
    first, second = (i for i in incidents(world) if WEB in i.components)
    assert (first.phase, second.phase) == (Phase.RESOLVED, Phase.INVESTIGATING)


def test_a_week_is_what_it_may_be_away() -> None:
    assert catalogue().alerting.rejoin == 7 * DAY


def test_a_check_that_is_pointed_elsewhere_and_finds_all_well_has_seen_no_recovery(
    tmp_path: Path,
) -> None:
    world = fallen(tmp_path)
    number = adopt(world, of_another_kind(catalogue()))
    live(world, number, web=WELL, dns=WELL, mail=WELL)
    incident = of_web_alone(world)
    assert incident.affected[0].is_unwatched
    assert "El servicio Web se controla de otra manera desde las" in said(incident)
    assert EventKind.RESOLUTION not in [kind for kind, _ in owed(world, incident)]


def test_it_is_no_recovery_either_for_a_core_that_was_away_meanwhile(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    cut_at = world.clock.now()
    number = adopt(world, of_another_kind(catalogue()))
    for _ in range(30):
        for component in (WEB, DNS, MAIL):
            seen = look(component, world.clock.now(), "+")
            world.log.add(replace(seen, revision=number))
        world.clock.advance(INTERVAL)
    world.restarted().tick()
    (part,) = of_web_alone(world).affected
    assert (part.end, part.is_unwatched) == (cut_at, True)


def test_a_check_that_was_moved_fails_its_new_component_from_that_second_on(
    tmp_path: Path,
) -> None:
    world = fallen(tmp_path)
    moved_at = world.clock.now()
    number = adopt(world, moved(catalogue()))
    live(world, number, web="-----", dns="+++++", mail="+++++")
    parts = {p.component: p for i in incidents(world) for p in i.affected}
    assert (parts[WEB].end, parts[MAIL].start, parts[MAIL].end) == (moved_at, moved_at, None)


def test_slowness_that_nobody_watches_any_more_is_not_said_to_be_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++~~~~", dns="++++++", mail="++++++")
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns=WELL, mail=WELL)
    incident = of_web_alone(world)
    assert (incident.affected[0].status, incident.affected[0].is_unwatched) == (
        Outcome.DEGRADED,
        True,
    )
    assert "normalidad" not in said(incident)


def test_what_is_told_by_mail_has_the_name_of_what_has_left(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns="+", mail="+")
    told = world.catalogues.with_departed((WEB, DNS), world.clock.now())
    assert told.component(WEB).name.in_locale("es") == "Web"
    assert told.unwatched == {WEB}
    assert world.catalogues.with_departed((DNS,), world.clock.now()).unwatched == frozenset()


def test_the_other_check_that_still_works_is_no_recovery(tmp_path: Path) -> None:
    whole = catalogue()
    other = replace(check(WEB), id=CheckId("web-other"))
    both = replace(whole, checks=(*whole.checks, other))
    world = World(tmp_path, both)
    for mark in "++---":
        world.log.add(
            Result(
                check=other.id, location=LOCAL, slot=world.clock.now(), revision=1,
                outcome=Outcome.UP, failure=None,
            )
        )  # fmt: skip
        world.live(web=mark, dns="+", mail="+")
    number = adopt(
        world, replace(both, checks=tuple(c for c in both.checks if c.id != "web-check"))
    )
    for _ in range(30):
        world.log.add(
            Result(
                check=other.id, location=LOCAL, slot=world.clock.now(), revision=number,
                outcome=Outcome.UP, failure=None,
            )
        )  # fmt: skip
        live(world, number, dns="+", mail="+")
    incident = of_web_alone(world)
    assert incident.affected[0].is_unwatched
    assert EventKind.RESOLUTION not in [kind for kind, _ in owed(world, incident)]


def test_one_that_came_back_is_told_and_one_that_nobody_watches_is_not_said_to_be_well(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="++---", mail="+++++")
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns=WELL, mail=WELL)
    (incident,) = incidents(world)
    assert incident.phase is Phase.RESOLVED
    last = incident.updates[-1].machine
    assert last is not None
    assert "El servicio DNS funciona con normalidad" in last.in_locale("es")
    assert "El servicio Web ya no se controla" in last.in_locale("es")
    assert (EventKind.RESOLUTION, 0) in owed(world, incident)


def test_the_page_of_the_incident_says_what_it_was_called(tmp_path: Path) -> None:
    world = fallen(tmp_path)
    title = of_web_alone(world).title
    number = adopt(world, without_component(catalogue()))
    live(world, number, dns=WELL, mail=WELL)
    told = shown_incident(world, of_web_alone(world))
    assert (told.title, told.is_unseen) == (title, True)
    assert [p.name.in_locale("es") for p in told.parts] == ["Web"]

"""One pass over all checks says the same as asking for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from monitor.domain.catalogue import Affects, Check, Component
from monitor.domain.checks.fold import FoldState, is_stale
from monitor.domain.checks.observation import LOCAL, CheckId, LocationId, Outcome
from monitor.domain.rollup import roll_checks
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Segment
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import grace, present_status
from monitor.state.freshness import freshness_of
from tests.support.worlds import DNS, MAIL, WEB, World, catalogue


@pytest.mark.parametrize("later_s", [0, 60, 180, 186, 187, 400, -400])
def test_it_finds_what_each_check_and_component_is_asked_for(tmp_path: Path, later_s: int) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="--", mail="+")
    made, states = catalogue(), dict(world.core.state.states)
    at = Second(world.clock.now() + later_s)
    found = freshness_of(made, states, at)
    assert found.stale == tuple(
        (check.id, LOCAL)
        for check in made.checks
        if (state := states.get((check.id, LOCAL))) is None or is_stale(state, at, grace(check))
    )
    statuses = {c.id: present_status(made, c, states, at) for c in made.components}
    plainly_up = statuses.keys() - found.doubtful
    assert all(statuses[component] is Outcome.UP for component in plainly_up)
    assert found.newest == max(s.last_slot for s in states.values() if s.last_slot is not None)


def test_what_fails_is_old_or_was_never_seen_is_doubtful(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="+++++", mail="-----")
    states, now = dict(world.core.state.states), world.clock.now()
    assert freshness_of(catalogue(), states, now).doubtful == {MAIL}
    dns = (CheckId("dns-check"), LOCAL)
    unconfirmed = {**states, dns: replace(states[dns], is_confirmed=False)}
    assert freshness_of(catalogue(), unconfirmed, now).doubtful == {DNS, MAIL}
    assert freshness_of(catalogue(), {dns: FoldState()}, now).doubtful == {WEB, DNS, MAIL}
    assert freshness_of(catalogue(), {}, now).newest is None


SEEN = (Outcome.UP, Outcome.DEGRADED, Outcome.DOWN, None)
"""None: never seen."""
PLACES = (LocationId("a"), LocationId("b"))
LOOKS = [looks for count in (1, 2) for looks in product(SEEN, repeat=count)]
"""What one check saw from one place or two."""
KINDS = [(looks, affects) for looks in LOOKS for affects in (Affects.DOWN, Affects.DEGRADED)]


def rolled_up(
    component: Component, checks: Sequence[Check], seen: Mapping[FoldKey, Outcome | None]
) -> Outcome:
    timelines = {
        key: (Segment(start=Second(0), end=Second(1), status=status, cause=""),)
        for key, status in seen.items()
        if status is not None
    }
    rolled = roll_checks(component, checks, timelines, Interval(Second(0), Second(1)))
    return rolled[0].status if rolled else Outcome.UNKNOWN


@pytest.mark.parametrize(("count", "quorum"), [(1, None), (1, 1), (2, None), (2, 1), (2, 2)])
def test_a_component_is_what_its_checks_roll_up_to(count: int, quorum: int | None) -> None:
    made, at = catalogue(), Second(1_000_000)
    web = replace(made.component(WEB), quorum=quorum)
    model = next(check for check in made.checks if check.component == WEB)
    for kinds in product(KINDS, repeat=count):
        checks = tuple(
            replace(model, id=CheckId(f"k{n}"), locations=PLACES[: len(looks)], affects=affects)
            for n, (looks, affects) in enumerate(kinds)
        )
        seen = {
            (check.id, place): status
            for check, (looks, _) in zip(checks, kinds, strict=True)
            for place, status in zip(check.locations, looks, strict=True)
        }
        states = {
            key: FoldState(status=status, last_slot=at, covered_until=at, is_confirmed=True)
            for key, status in seen.items()
            if status is not None
        }
        one = replace(made, components=(web,), checks=checks)
        assert present_status(one, web, states, at) is rolled_up(web, checks, seen), kinds

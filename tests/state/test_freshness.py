"""One pass over all checks says the same as asking for each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.fold import FoldState, is_stale
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.time.interval import Second
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

"""Where a failure class belongs stands a failure class, however the outage was decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credits.period.month import Month
from credits.report.body import report_body
from credits.report.report import monthly_report, read_month
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import Cause, FoldInput, FoldState, Policy, Transition, advance
from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Timeline, timeline_of
from tests.support.worlds import INTERVAL, WEB, ZONE, World, catalogue

CAUSES = {str(cause) for cause in Cause}
SLOW_TO_BELIEVE = Policy(interval=60, max_gap=120, confirm_down=2, confirm_up=3)


def drawn(marks: dict[int, str | None], policy: Policy = SLOW_TO_BELIEVE) -> Timeline:
    """What looks draw: by slot their failure, None for a success."""
    state = FoldState()
    decided: list[Transition] = []
    for slot, failure in marks.items():
        outcome = Outcome.UP if failure is None else Outcome.DOWN
        look = FoldInput(
            slot=Second(slot), outcome=outcome, failure=FailureId(failure) if failure else None
        )
        state, changes = advance(state, look, policy)
        decided.extend(changes)
    return timeline_of(decided, state.covered_until)


def causes(timeline: Timeline) -> list[str]:
    return [s.cause for s in timeline if s.status is Outcome.DOWN]


def test_a_gap_inside_an_outage_has_the_class_that_was_seen_before_it() -> None:
    timeline = drawn({0: None, 60: "conn_refused", 120: "conn_refused", 900: "tcp_timeout"})
    assert causes(timeline) == ["conn_refused", "conn_refused", "tcp_timeout"]
    assert [s.is_inferred for s in timeline if s.status is Outcome.DOWN] == [False, True, False]


def test_an_outage_that_a_success_after_a_gap_does_not_end_keeps_its_class() -> None:
    timeline = drawn({0: None, 60: "conn_refused", 120: "conn_refused", 900: None})
    assert timeline[-1].status is Outcome.DOWN
    assert causes(timeline) == ["conn_refused", "conn_refused"]


def test_a_past_that_begins_with_a_gap_has_the_class_that_was_seen_after_it() -> None:
    later = {900: "tcp_timeout", 960: "tcp_timeout"}
    marks = {0: None, 60: "conn_refused", 120: "conn_refused", **later}
    state = FoldState()
    decided: list[Transition] = []
    for slot, failure in marks.items():
        outcome = Outcome.UP if failure is None else Outcome.DOWN
        look = FoldInput(slot=Second(slot), outcome=outcome, failure=FailureId(failure or ""))
        state, changes = advance(state, look, SLOW_TO_BELIEVE)
        decided.extend(changes)
    inferred = next(i for i, t in enumerate(decided) if t.cause == Cause.INFERRED)
    timeline = timeline_of(decided[inferred:], state.covered_until)
    assert causes(timeline) == ["tcp_timeout", "tcp_timeout"]


def slow_to_believe() -> Catalogue:
    made = catalogue()
    return replace(
        made,
        checks=tuple(
            replace(c, policy=replace(c.policy, confirm_up=3)) if c.component == WEB else c
            for c in made.checks
        ),
    )


@pytest.mark.parametrize("after", ["-----", "+----", "++---"])
def test_neither_incident_nor_report_names_how_it_was_decided(tmp_path: Path, after: str) -> None:
    world = World(tmp_path, slow_to_believe())
    world.live(web="++---", dns="+++++", mail="+++++")
    world.clock.advance(20 * INTERVAL)
    world.restarted()
    world.live(web=after, dns="+++++", mail="+++++")
    with world.journal.transaction() as tx:
        now = world.clock.now()
        found = tx.incidents.touching(Interval(Second(0), Second(now + 1)))
        read = read_month(tx, world.catalogues, Month.of(now, ZONE), now, is_provisional=True)
    assert {p.cause for i in found for p in i.affected} == {"conn_refused"}
    body = report_body(monthly_report(read))
    assert not CAUSES & set(_causes(body))
    assert "conn_refused" in _causes(body)


def _causes(value: Any) -> list[str]:
    """Whatever stands under `cause` anywhere in a report."""
    if isinstance(value, dict):
        own = [value["cause"]] if isinstance(value.get("cause"), str) else []
        return own + [c for inner in value.values() for c in _causes(inner)]
    if isinstance(value, list | tuple):
        return [c for inner in value for c in _causes(inner)]
    return []


def test_what_an_earlier_version_kept_of_a_gap_is_read_as_a_plain_word(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    with world.journal.transaction() as tx:
        (kept,) = tx.incidents.unresolved()
        (part,) = kept.affected
        tx.incidents.save(replace(kept, affected=(replace(part, cause=str(Cause.GAP_END)),)))
    with world.journal.transaction() as tx:
        assert tx.incidents.get(kept.id).affected[0].cause == "unclassified"

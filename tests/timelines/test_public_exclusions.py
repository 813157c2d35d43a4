"""The page leaves out of downtime exactly what the default terms leave out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from monitor.domain.catalogue import ConfiguredTerms
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import default_exclusions, exclusions_of
from monitor.timelines.reading import Drawing
from tests.support.worlds import DNS, MAIL, T0, WEB, World, catalogue

HOUR = 3600


@pytest.mark.parametrize(
    ("rule", "is_left_out"),
    [
        (None, True),
        ({"enabled": True, "min_notice_s": HOUR}, True),
        ({"enabled": True, "min_notice_s": 3 * HOUR}, False),
        ({"enabled": False, "min_notice_s": 0}, False),
    ],
)
def test_maintenance_counts_as_the_terms_say(
    tmp_path: Path, rule: dict[str, object] | None, *, is_left_out: bool
) -> None:
    world = World(tmp_path)
    fields = {} if rule is None else {"maintenance_exclusion": rule}
    made = replace(catalogue(), terms=(ConfiguredTerms(fields=fields),))
    planned = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
        start=Second(T0 + 2 * HOUR), end=Second(T0 + 3 * HOUR), components=(WEB,),
    )  # fmt: skip
    span = Interval(T0, Second(T0 + 4 * HOUR))
    with world.journal.transaction() as tx:
        tx.maintenance.save(planned)
        tx.maintenance.publish([planned.id], T0)
        kept = tx.maintenance.touching(span)
        found = default_exclusions(tx, kept, span, made, world.catalogues.revisions)
    assert [e.interval for e in found] == ([planned.interval] if is_left_out else [])


def test_of_one_component_it_is_what_is_left_out_of_all_for_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+----", dns="+++++", mail="+++++")
    now = world.clock.now()
    span = Interval(T0, Second(now + 4 * HOUR))
    planned = [
        MaintenanceWindow(
            id=MaintenanceId(f"m{number}"), title=plain("Cambio"), impact=plain("Corte"),
            start=Second(now + number * HOUR), end=Second(now + number * HOUR + 600),
            components=components,
        )
        for number, components in enumerate([(WEB, DNS), (DNS, MAIL), (MAIL,)], 1)
    ]  # fmt: skip
    with world.journal.transaction() as tx:
        for window in planned:
            tx.maintenance.save(window)
        # The first one is announced while web is down: for web it is a repair.
        tx.maintenance.publish([window.id for window in planned], now)
        revisions = world.catalogues.revisions
        everything = default_exclusions(
            tx, tx.maintenance.touching(span), span, catalogue(), revisions
        )
        for component in (WEB, DNS, MAIL):
            own = exclusions_of(tx, {component}, span, catalogue(), revisions)
            assert own == [e for e in everything if e.component == component]
    assert {e.component for e in everything} == {DNS, MAIL}


def test_of_one_component_nothing_is_read_of_the_others(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="+++++", mail="+++++")
    planned = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
        start=Second(T0 + 2 * HOUR), end=Second(T0 + 3 * HOUR), components=(WEB, DNS),
    )  # fmt: skip
    span = Interval(T0, Second(T0 + 4 * HOUR))
    asked: set[FoldKey] = set()
    with world.journal.transaction() as tx:
        tx.maintenance.save(planned)
        tx.maintenance.publish([planned.id], Second(T0 + HOUR))
        drawing = tx.transitions.drawing

        def noted(window: Interval, keys: Collection[FoldKey] | None = None) -> Drawing:
            asked.update(keys or ())
            return drawing(window, keys)

        with mock.patch.object(tx.transitions, "drawing", noted):
            exclusions_of(tx, {WEB}, span, catalogue(), world.catalogues.revisions)
    assert {check for check, _ in asked} == {"web-check"}

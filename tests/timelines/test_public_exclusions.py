"""The page leaves out of downtime exactly what the default terms leave out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.catalogue import ConfiguredTerms
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.timelines.excluded import default_exclusions
from tests.support.worlds import T0, WEB, World, catalogue

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

"""Which components the results show to be down or slow now."""

from __future__ import annotations

from collections.abc import Collection

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.ports import JournalTransaction
from monitor.state.component_status import RecentTimelines
from monitor.timelines.excluded import always_in_force
from monitor.timelines.reading import deciding_folds

_RECENT = 86_400
_FAILING = (Outcome.DOWN, Outcome.DEGRADED)


def failing_now(
    tx: JournalTransaction, catalogue: Catalogue, wanted: Collection[ComponentId], now: Second
) -> tuple[ComponentStatus, ...]:
    """Those of these components that are down or slow, since when and why."""
    known = [c for c in catalogue.components if c.id in wanted]
    keys = {key for c in known for key in deciding_folds(catalogue, c.id)}
    recent = Interval(Second(now - _RECENT), Second(now + 1))
    timelines = RecentTimelines(tx.transitions.drawing(recent, keys))
    in_force = [(always_in_force(catalogue), Interval(Second(0), FOREVER))]
    found = (timelines.component_status(c, now, in_force, lambda _: None) for c in known)
    return tuple(s for s in found if s is not None and s.status in _FAILING)

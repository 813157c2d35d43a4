"""A case as read: everything that one calculation takes, in seconds and exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from credits.contract import PriceSegment
from credits.terms import Terms
from monitor.domain.availability import Exclusion
from monitor.domain.checks.fold import Policy
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Interval, IntervalSet, Second


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseComponent:
    """Either `probes` (second → whether it was ok), or the times when it was down and degraded."""

    id: str
    is_required: bool
    group: str | None
    probes: Mapping[Second, bool] | None
    down: IntervalSet
    degraded: IntervalSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`expected` holds the expected figures, None where the file gives none."""

    id: str
    terms: Terms
    probing: Policy
    window: Interval
    contracted: IntervalSet
    components: tuple[CaseComponent, ...]
    maintenance: tuple[MaintenanceWindow, ...]
    approved: tuple[Exclusion, ...]
    segments: tuple[PriceSegment, ...]
    is_suspended: bool
    expected: Mapping[str, object] | None

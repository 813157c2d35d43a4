"""What takes time out of a guarantee: the one rule for page, incident text, report, history and
credits. The rules are values, for each set of terms has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline

MAINTENANCE_CAUSE = "maintenance"
_FAILING = (Outcome.DOWN, Outcome.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRules:
    """What a set of terms excludes. `causes` None: every approved cause."""

    is_maintenance_excluded: bool = True
    min_notice_s: int = 0
    causes: frozenset[str] | None = None

    def allows(self, cause: str) -> bool:
        """Whether an approved exclusion of this cause takes time out."""
        return self.causes is None or cause in self.causes

    def leaves_out(self, window: MaintenanceWindow) -> bool:
        """Whether anything of a window was published in time. Outages that had begun before are
        another question: see `planned_exclusions`."""
        return self.is_maintenance_excluded and any(window.announced(self.min_notice_s))


def rules_of(fields: Mapping[str, object]) -> ExclusionRules:
    """The rules in the fields of a configuration's terms; what is not set has its default."""
    planned = fields.get("maintenance_exclusion")
    rule = planned if isinstance(planned, Mapping) else {}
    allowed = fields.get("exclusions_allowed")
    return ExclusionRules(
        is_maintenance_excluded=bool(rule.get("enabled", True)),
        min_notice_s=int(rule.get("min_notice_s", 0)),
        causes=frozenset(map(str, allowed)) if isinstance(allowed, list | tuple) else None,
    )


def exclusions_under(
    rules: ExclusionRules,
    windows: Iterable[MaintenanceWindow],
    approved: Iterable[Exclusion],
    timelines: Mapping[ComponentId, Timeline],
) -> tuple[Exclusion, ...]:
    """Everything that the rules exclude, of the given windows and approved classifications.

    `timelines` are those of the windows' components, from before each publication on; a component
    without one is taken to have worked when its window was published.
    """
    planned = (e for window in windows for e in planned_exclusions(rules, window, timelines))
    return (*planned, *(e for e in approved if rules.allows(e.cause)))


def planned_exclusions(
    rules: ExclusionRules, window: MaintenanceWindow, timelines: Mapping[ComponentId, Timeline]
) -> Iterator[Exclusion]:
    """What one window excludes, component by component: what was announced in time, and nothing of
    an outage or a slowness that had begun before that was published, until the result that ended
    it. Work that is announced for a component which is already down is a repair.

    An extension is announced by its own publication: it takes nothing out of the time that work
    overran before, nor of an outage that was running then.
    """
    if not rules.is_maintenance_excluded:
        return
    for published_at, interval in window.announced(rules.min_notice_s):
        for component in window.components:
            outages = outage_at(timelines.get(component, ()), published_at)
            for part in IntervalSet.of([interval]) - IntervalSet.of(outages):
                yield Exclusion(component=component, interval=part, cause=MAINTENANCE_CAUSE)


def outage_at(timeline: Timeline, at: Second) -> Sequence[Interval]:
    """The outage or slowness, if any, that had begun before a second and went on in it, from its
    backdated start to its confirmed end. Unknown seconds end nothing; without an end it goes on
    for ever.

    >>> from monitor.domain.timeline import Segment
    >>> down = Segment(start=10, end=40, status=Outcome.DOWN)
    >>> up = Segment(start=60, end=90, status=Outcome.UP)
    >>> outage_at((down, up), 20)
    [Interval(start=10, end=60)]
    >>> outage_at((down, up), 10)
    []
    """
    status, start = Outcome.UP, at
    for segment in timeline:
        if segment.status in (status, Outcome.UNKNOWN):
            continue
        if status in _FAILING and start < at < segment.start:
            return [Interval(start, segment.start)]
        status, start = segment.status, segment.start
        if start >= at:
            return []
    return [Interval(start, FOREVER)] if status in _FAILING and start < at else []

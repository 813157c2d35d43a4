"""From checks to components: pure functions of timelines and of the catalogue in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from monitor.domain.catalogue import Affects, Catalogue, CatalogueRevision, Check, Component
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId, Outcome
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Timeline, clip, k_of_n, soften, worst

CheckTimelines = Mapping[tuple[CheckId, LocationId], Timeline]


class Shown(StrEnum):
    """The state that a visitor reads, worst first. Of those that apply, one is shown: maintenance
    before repair, down, slow, no data and operational."""

    DOWN = "down"
    REPAIR = "repair"
    SLOW = "slow"
    MAINTENANCE = "maintenance"
    NO_DATA = "no_data"
    OPERATIONAL = "operational"


def component_timeline(
    component: ComponentId,
    timelines: CheckTimelines,
    revisions: Sequence[CatalogueRevision],
    window: Interval,
) -> Timeline:
    """A component's timeline under the configuration that was in force at each second.

    An edit never changes a past second: each revision decides its own effective period. A period
    in which the component has no checks, or does not exist, is unknown.
    """
    return timeline_under(component, timelines, effective_periods(revisions), window)


def timeline_under(
    component: ComponentId,
    timelines: CheckTimelines,
    periods: Sequence[tuple[CatalogueRevision, Interval]],
    window: Interval,
) -> Timeline:
    """The same, for a caller that knows which revision decides for the component when."""
    out: list[Timeline] = []
    for revision, period in periods:
        part = period.clip(window)
        if part.seconds:
            out.append(_under(revision.catalogue, component, timelines, part))
    return tuple(segment for timeline in out for segment in timeline)


def effective_periods(
    revisions: Sequence[CatalogueRevision],
) -> list[tuple[CatalogueRevision, Interval]]:
    """Which revision is in force when, oldest first; of equal starts the later number wins."""
    ordered = sorted(revisions, key=lambda r: (r.effective_from, r.number))
    ends = [r.effective_from for r in ordered[1:]] + [FOREVER]
    return [
        (revision, Interval(revision.effective_from, end))
        for revision, end in zip(ordered, ends, strict=True)
        if end > revision.effective_from
    ]


def cut_off_at(
    component: ComponentId,
    timelines: CheckTimelines,
    periods: Sequence[tuple[CatalogueRevision, Interval]],
    span: Interval,
) -> Second | None:
    """When, inside a span, a configuration hid a component's failure; None where none did.
    `timelines` hold those of present checks and of former ones.

    The failure that a removed check saw last did not end in that second: only the watching did.
    """
    for (before, _), (after, period) in pairwise(periods):
        if span.start < period.start <= span.end and _cuts_off(
            before.catalogue, after.catalogue, component, timelines, period.start
        ):
            return period.start
    return None


def checks_the_same(one: Check, other: Check) -> bool:
    """Whether two revisions of a check probe the same thing."""
    return (one.kind, one.spec) == (other.kind, other.spec)


def _cuts_off(
    before: Catalogue,
    after: Catalogue,
    component: ComponentId,
    timelines: CheckTimelines,
    at: Second,
) -> bool:
    """Whether a component failed until `at`, no longer fails from then on, and the configuration is
    the reason: a check that saw the failure is gone, or would still see it if it had stayed."""
    last, first = Interval(Second(at - 1), at), Interval(at, Second(at + 1))
    if not _fails(_under(before, component, timelines, last)):
        return False
    if _fails(_under(after, component, timelines, first)):
        return False
    if _fails(_under(before, component, timelines, first)):
        return True
    remaining = {check.id: check for check in after.deciding(component)}
    return any(
        check.id not in remaining or not checks_the_same(check, remaining[check.id])
        for check in before.deciding(component)
        if _fails(check_timeline(check, timelines, last))
    )


def _fails(timeline: Timeline) -> bool:
    return any(s.status in (Outcome.DOWN, Outcome.DEGRADED) for s in timeline)


def _under(
    catalogue: Catalogue, component: ComponentId, timelines: CheckTimelines, window: Interval
) -> Timeline:
    if not catalogue.has(component):
        return ()
    checks = catalogue.deciding(component)
    return roll_checks(catalogue.component(component), checks, timelines, window)


def roll_checks(
    component: Component, checks: Sequence[Check], timelines: CheckTimelines, window: Interval
) -> Timeline:
    """One component's timeline out of those of its deciding checks; unknown where it has none."""
    per_check = [check_timeline(check, timelines, window) for check in checks]
    if not per_check:
        return ()
    if component.quorum is not None:
        return k_of_n(per_check, component.quorum, window)
    return worst(per_check, window)


def check_timeline(check: Check, timelines: CheckTimelines, window: Interval) -> Timeline:
    """A check over its locations: a majority must agree that it is down."""
    per_location = [clip(timelines.get((check.id, place), ()), window) for place in check.locations]
    if len(per_location) == 1:
        merged = per_location[0]
    else:
        merged = k_of_n(per_location, len(per_location) // 2 + len(per_location) % 2, window)
    return soften(merged) if check.affects is Affects.DEGRADED else merged

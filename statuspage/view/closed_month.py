"""A month of the past as the public may see it: what began in it and is over, and what each
component lost in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.interval import Interval, Second
from statuspage.view.breakdown import Breakdown
from statuspage.view.model import PublicIncident, PublicMaintenance, PublicView, Recount
from statuspage.view.page_scope import PageScope

Recounts = Mapping[str, Sequence[Recount]]
"""What was said before, by the month (`2026-10`) or the incident's id, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The seconds of a component in a month, or of one outage of an incident, which has a start."""

    subject: str
    component: ComponentId
    start: Second | None
    down: int
    unknown: int
    total: int

    @classmethod
    def of(
        cls, subject: str, component: ComponentId, seconds: Seconds, start: Second | None = None
    ) -> Figure:
        return cls(
            subject=subject,
            component=component,
            start=start,
            down=seconds.down,
            unknown=seconds.unknown,
            total=seconds.total,
        )

    @property
    def key(self) -> tuple[str, str, int | None]:
        return self.subject, self.component, self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """`view` is of the month's end: its components are those of the month with its days alone, its
    maintenance whatever took time of it. What began in the month and is over for good has a page:
    `incidents` and `windows`. `told` is what stands in the month's history, `linked` are the
    components that have a page, and `figures` what its pages count for good. The month has a page
    of its own once it `is_over`; where it `is_final`, no result to come changes it."""

    first: date
    view: PublicView
    incidents: tuple[PublicIncident, ...]
    windows: tuple[PublicMaintenance, ...]
    told: tuple[PublicIncident | PublicMaintenance, ...]
    linked: frozenset[ComponentId]
    gone: frozenset[str]
    figures: tuple[Figure, ...]
    has_earlier: bool
    """Whether anything was watched in the month before."""
    is_over: bool
    is_final: bool
    recounts: tuple[Recount, ...] = ()
    """What was said of the month before, oldest first."""
    breakdowns: Mapping[ComponentId, Breakdown] = field(default_factory=dict)
    """What the month of each component is made of that was watched in it, in their order."""

    @property
    def name(self) -> str:
        return month_name(self.first)

    @property
    def opened(self) -> tuple[Breakdown, ...]:
        """Those with a page of their own: there is more to say than that it worked."""
        recounted = {said.component for said in self.recounts}
        return tuple(
            b for b in self.breakdowns.values() if not b.is_plain or b.component.id in recounted
        )

    def recounted(self, recounts: Recounts) -> ClosedMonth:
        """With what was said of it before."""
        return replace(
            self,
            recounts=tuple(recounts.get(self.name, ())),
            incidents=tuple(with_recounts(i, recounts) for i in self.incidents),
        )


def with_recounts(incident: PublicIncident, recounts: Recounts) -> PublicIncident:
    said = recounts.get(incident.id, ())
    if not said:
        return incident
    parts = (
        replace(
            part,
            recounts=tuple(
                r for r in said if (r.component, r.start) == (part.component, part.start)
            ),
        )
        for part in incident.parts
    )
    return replace(incident, parts=tuple(parts))


def month_name(first: date) -> str:
    """`2026-10`."""
    return f"{first:%Y-%m}"


def first_of(name: str) -> date:
    """The first day of a month by its name. Raises ValueError.

    >>> first_of("2026-10")
    datetime.date(2026, 10, 1)
    """
    return date.fromisoformat(f"{name}-01")


def month_of(at: Second, zone: ZoneInfo) -> date:
    """The first day of a second's month."""
    return at_zone(at, zone).date().replace(day=1)


def window_of(first: date, zone: ZoneInfo) -> Interval:
    return local_month(first.year, first.month, zone)


def after(first: date) -> date:
    """The next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def before(first: date) -> date:
    """The month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def months_from(first: date, last: date) -> Iterator[date]:
    """Both included, oldest first."""
    while first <= last:
        yield first
        first = after(first)


def first_watched(catalogues: Catalogues, scope: PageScope, now: Second) -> Second | None:
    """Since when any page showed a component that this one shows or has shown; None where none
    ever did. A brand that gets a page of its own brings its past along."""
    own = catalogues.ever_shown(now).on(scope.id)
    starts = (
        period.start
        for revision, period in catalogues.ruling
        if any(
            c.id in own and scope.may_tell_of(c, revision.catalogue)
            for c in revision.catalogue.components
        )
    )
    return next((max(start, _first_of(catalogues)) for start in starts), None)


def _first_of(catalogues: Catalogues) -> Second:
    """The first revision rules what was before it too."""
    return min(revision.effective_from for revision in catalogues.revisions)

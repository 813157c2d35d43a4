"""What a component's month is made of, second by second, as anybody may read it: from it a stranger
computes the figure again.

Nothing private gets this far: a failure is the symptom that customers notice and not its class, an
exclusion its published cause and not its evidence, and no check has a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.availability import (
    Bucket,
    Exclusion,
    Member,
    Seconds,
    Span,
    count_seconds,
    product_timeline,
)
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import FailureClass, Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.exclusions.rules import MAINTENANCE_CAUSE
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.text import Text
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.i18n.words import EXCLUSION_CAUSES
from monitor.incident_text.parts import noticed
from statuspage.view.model import PublicComponent, PublicIncident, PublicMaintenance

OTHER_CAUSE = "other"
"""An exclusion whose cause has no published words."""
_OUTCOMES = {Bucket.DOWN: Outcome.DOWN, Bucket.DEGRADED: Outcome.DEGRADED}
_OF_INCIDENTS = (Bucket.DOWN, Bucket.DEGRADED, Bucket.EXCLUDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`[start, end)` in one bucket. `exclusion` is the published cause of an excluded one;
    `symptom` what was noticed of a failure, where that is known. The change at `start` happened
    after `not_before`, when a look still saw otherwise; None where no look bounds it: it is the
    edge of the month, of an exclusion, or of what is known."""

    start: Second
    end: Second
    bucket: Bucket
    exclusion: str = ""
    symptom: Symptom | None = None
    is_inferred: bool = False
    not_before: Second | None = None
    incident: tuple[IncidentId, Text] | None = None

    @property
    def seconds(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """`window` is the month, or its rest from when the component was first watched; `stretches`
    cover it in order and without a gap, and `seconds` adds them up. `maintenance` is what was
    announced of it in the month, whether it took time out or not."""

    component: PublicComponent
    window: Interval
    stretches: tuple[Stretch, ...]
    seconds: Seconds
    maintenance: tuple[PublicMaintenance, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether all there is to say is that it worked."""
        works = all(stretch.bucket is Bucket.UP for stretch in self.stretches)
        return works and not self.maintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What else is public of a month: it explains its stretches. `failures` are the classes that
    name a symptom."""

    incidents: Sequence[PublicIncident] = ()
    maintenance: Sequence[PublicMaintenance] = ()
    failures: Mapping[str, FailureClass] = field(default_factory=dict)


def breakdown_of(
    component: PublicComponent,
    month: Interval,
    timeline: Timeline,
    exclusions: Sequence[Exclusion],
    transitions: Iterable[Transition],
    told: Told,
) -> Breakdown | None:
    """A component's month under these exclusions; None where it was not watched in it. The seconds
    are those of every other figure, for the same function finds them."""
    start = max(month.start, component.created_at)
    if start >= month.end:
        return None
    window = Interval(start, month.end)
    member = Member(component=component.id, timeline=timeline)
    spans = product_timeline([member], exclusions, IntervalSet((window,)))
    bounds = _bounds(transitions)
    return Breakdown(
        component=component,
        window=window,
        stretches=tuple(_stretch(span, component, window, bounds, told) for span in spans),
        seconds=count_seconds(spans),
        maintenance=tuple(
            w
            for w in told.maintenance
            if w.concerns(component.id) and Interval(w.start, w.end).overlaps(window)
        ),
    )


def _bounds(transitions: Iterable[Transition]) -> dict[Second, Second]:
    """The last look that saw otherwise, by the second in which a change takes effect; of several
    checks that change then, the earliest."""
    found: dict[Second, Second] = {}
    for one in transitions:
        if one.previous_at is not None:
            at = one.effective_at
            found[at] = min(one.previous_at, found.get(at, one.previous_at))
    return found


def _stretch(
    span: Span,
    component: PublicComponent,
    window: Interval,
    bounds: Mapping[Second, Second],
    told: Told,
) -> Stretch:
    is_excluded = span.bucket is Bucket.EXCLUDED
    outcome = _OUTCOMES.get(span.bucket)
    return Stretch(
        start=span.start,
        end=span.end,
        bucket=span.bucket,
        exclusion=_published(span.cause) if is_excluded else "",
        symptom=noticed(span.cause, outcome, told.failures) if outcome else None,
        is_inferred=span.is_inferred,
        not_before=bounds.get(span.start) if span.start > window.start else None,
        incident=next(_incidents(span, component, told), None),
    )


def _published(cause: str) -> str:
    return cause if cause == MAINTENANCE_CAUSE or cause in EXCLUSION_CAUSES else OTHER_CAUSE


def _incidents(
    span: Span, component: PublicComponent, told: Told
) -> Iterator[tuple[IncidentId, Text]]:
    """Those that a check saw it in."""
    if span.bucket not in _OF_INCIDENTS:
        return
    for incident in told.incidents:
        for part in incident.parts:
            end = FOREVER if part.end is None else part.end
            is_of_it = part.component == component.id and not part.is_stated
            if is_of_it and part.start < span.end and span.start < end:
                yield incident.id, incident.title

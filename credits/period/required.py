"""Which components a guarantee is about in each second, and since when one is no longer watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from credits.terms import Terms
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Role
from monitor.domain.checks.observation import ComponentId
from monitor.domain.rollup import effective_periods
from monitor.domain.time.interval import Interval, Second

Requirement = tuple[tuple[ComponentId, str | None], ...]
"""Components, each with the redundant set that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredSpan:
    """What is required in a span; `members` None: no configuration was in force yet."""

    span: Interval
    members: Requirement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwatched:
    """A component that a revision left without checks; `until` None: it has had none since."""

    component: ComponentId
    since: Second
    revision: int
    until: Second | None = None


def required_spans(
    terms: Terms, revisions: Sequence[CatalogueRevision], window: Interval
) -> tuple[RequiredSpan, ...]:
    """The window cut where the required set changes. Terms that name components keep those; other
    terms use the configuration in force in each second, with its roles and redundant sets."""
    groups = dict(terms.groups)
    if terms.required is not None:
        named = tuple((ComponentId(name), groups.get(name)) for name in terms.required)
        return (RequiredSpan(span=window, members=named),)
    out: list[RequiredSpan] = []
    for found in _by_configuration(groups, revisions, window):
        if out and out[-1].members == found.members:
            out[-1] = replace(out[-1], span=Interval(out[-1].span.start, found.span.end))
        else:
            out.append(found)
    return tuple(out)


def _by_configuration(
    groups: dict[str, str], revisions: Sequence[CatalogueRevision], window: Interval
) -> Iterator[RequiredSpan]:
    periods = effective_periods(revisions)
    before = Interval(window.start, min(window.end, periods[0][1].start))
    if before.seconds:
        yield RequiredSpan(span=before, members=None)
    for revision, effective in periods:
        part = effective.clip(window)
        if part.seconds:
            yield RequiredSpan(span=part, members=_required(groups, revision.catalogue))


def _required(groups: dict[str, str], catalogue: Catalogue) -> Requirement:
    return tuple(
        (c.id, groups.get(c.id, c.group)) for c in catalogue.components if c.role is Role.REQUIRED
    )


def unwatched_in(
    component: ComponentId, revisions: Sequence[CatalogueRevision], window: Interval
) -> Iterator[Unwatched]:
    """When the component lost its checks, by which revision, and when it had checks again; only as
    far as that concerns the window."""
    lost: Unwatched | None = None
    was_watched = False
    for revision, effective in effective_periods(revisions):
        if effective.start >= window.end:
            break
        is_watched = bool(revision.catalogue.deciding(component))
        if was_watched and not is_watched:
            lost = Unwatched(component=component, since=effective.start, revision=revision.number)
        elif is_watched and lost is not None:
            if effective.start > window.start:
                yield replace(lost, until=effective.start)
            lost = None
        was_watched = is_watched
    if lost is not None:
        yield lost

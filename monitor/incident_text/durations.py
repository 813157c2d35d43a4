"""How long components were affected, and in which months that counts: the last text's figures."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Affected, Incident, IncidentEvent
from monitor.domain.time.interval import IntervalSet
from monitor.i18n.formats import duration
from monitor.i18n.forms.incidents import fill
from monitor.incident_text.parts import PartWriter, last_end, public_parts, seen_spans

_FEW = 3


def resolved(writer: PartWriter, incident: Incident) -> list[str]:
    """That everything works, since when, and how long each of a few components was affected. Of
    what is no longer watched nobody knows whether it works."""
    return [*_recovered(writer, incident), *_unseen(writer, incident)]


def left_unseen(writer: PartWriter, part: Affected) -> str:
    """That nobody saw the end of a part, for it was no longer watched."""
    words = writer.words
    template = words.watched_otherwise if writer.is_watched(part.component) else words.unwatched
    at = writer.now if part.end is None else part.end
    return fill(template, c=writer.name(part.component), t=writer.when(at))


def _unseen(writer: PartWriter, incident: Incident) -> list[str]:
    last = {p.component: p for p in public_parts(incident, writer.catalogue)}
    return [left_unseen(writer, p) for p in last.values() if p.is_unwatched][:_FEW]


def _recovered(writer: PartWriter, incident: Incident) -> list[str]:
    seen = replace(incident, affected=incident.watched_parts)
    if not seen.affected:
        return []
    parts = public_parts(seen, writer.catalogue)
    components = list(dict.fromkeys(p.component for p in parts))
    since = writer.when(last_end(parts, writer.now))
    if len(components) == 1:
        is_watched = writer.is_watched(components[0])
        template = writer.words.normal if is_watched else writer.words.back
        normal = fill(template, c=writer.name(components[0]), t=since)
        return [normal, _length(writer, incident, components[0], writer.words.it_was)]
    are_watched = all(writer.is_watched(c) for c in components)
    template = writer.words.all_normal if are_watched else writer.words.all_back
    normal = fill(template, s=writer.all_names(components), t=since)
    if len(components) > _FEW:
        return [normal, _longest(writer, seen)]
    return [normal, *(_named_length(writer, incident, c) for c in components)]


def _named_length(writer: PartWriter, incident: Incident, component: ComponentId) -> str:
    return _length(
        writer, incident, component, fill(writer.words.name_was, c=writer.name(component))
    )


def _length(writer: PartWriter, incident: Incident, component: ComponentId, who: str) -> str:
    """How long a component was affected, and in which month that counts."""
    parts = [p for p in incident.affected if p.component == component]
    spans = seen_spans(writer, component, parts)
    counted = spans - writer.excluded.get(component, IntervalSet())
    excluded = spans.seconds - counted.seconds
    return fill(
        _template(writer, incident, component, parts, excluded, is_all=not counted.seconds),
        s=who,
        d=duration(spans.seconds),
        k=duration(counted.seconds),
        month=writer.months(counted.parts or spans.parts),
    )


def _template(
    writer: PartWriter,
    incident: Incident,
    component: ComponentId,
    parts: list[Affected],
    excluded: int,
    *,
    is_all: bool,
) -> str:
    """The sentence for slowness or faults, an outage, or both; counted, in part, or not at all."""
    words, counts = writer.words, writer.counts(component)
    if all(p.status is not Outcome.DOWN for p in parts):
        return words.was_slow if all(map(writer.is_slowness, parts)) else words.was_faulty
    if _was_slow_too(incident, parts):
        return words.slow_or_out if counts and not excluded else words.slow_or_out_uncounted
    if not counts:
        return words.out_uncounted
    if not excluded:
        return words.out
    return words.out_planned if is_all else words.out_partly


def _was_slow_too(incident: Incident, parts: list[Affected]) -> bool:
    """A part has the worst status that it came to from its first second on: where it began as
    slowness, its length is not that of an outage."""
    has_worsened = any(u.event is IncidentEvent.WORSENED for u in incident.updates)
    return has_worsened or any(p.status is Outcome.DEGRADED for p in parts)


def _longest(writer: PartWriter, incident: Incident) -> str:
    """Of many components: the longest time out, and that each one's counts."""
    lengths = {
        component: seen_spans(writer, component, _down(incident, component))
        for component in incident.components
        if writer.counts(component) and _down(incident, component)
    }
    if not lengths or any(u.event is IncidentEvent.WORSENED for u in incident.updates):
        return ""
    longest = max(lengths, key=lambda component: lengths[component].seconds)
    return fill(
        writer.words.longest,
        c=writer.name(longest),
        d=duration(lengths[longest].seconds),
        month=writer.months(part for spans in lengths.values() for part in spans),
    )


def _down(incident: Incident, component: ComponentId) -> list[Affected]:
    return [p for p in incident.affected if p.component == component and p.status is Outcome.DOWN]

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


def resolved(voice: PartWriter, incident: Incident) -> list[str]:
    """That all works, since when, and what the outage came to for each of a few components. Of what
    is watched no more nobody knows whether it works."""
    return [*_recovered(voice, incident), *_unseen(voice, incident)]


def left_unseen(voice: PartWriter, part: Affected) -> str:
    """That nobody saw the end of a part, for they ceased to look."""
    say = voice.say
    template = say.watched_otherwise if voice.is_watched(part.component) else say.unwatched
    at = voice.now if part.end is None else part.end
    return fill(template, c=voice.name(part.component), t=voice.when(at))


def _unseen(voice: PartWriter, incident: Incident) -> list[str]:
    last = {p.component: p for p in public_parts(incident, voice.catalogue)}
    return [left_unseen(voice, p) for p in last.values() if p.is_unwatched][:_FEW]


def _recovered(voice: PartWriter, incident: Incident) -> list[str]:
    seen = replace(incident, affected=incident.watched_parts)
    if not seen.affected:
        return []
    parts = public_parts(seen, voice.catalogue)
    components = list(dict.fromkeys(p.component for p in parts))
    since = voice.when(last_end(parts, voice.now))
    if len(components) == 1:
        is_watched = voice.is_watched(components[0])
        template = voice.say.normal if is_watched else voice.say.back
        normal = fill(template, c=voice.name(components[0]), t=since)
        return [normal, _length(voice, incident, components[0], voice.say.it_was)]
    are_watched = all(voice.is_watched(c) for c in components)
    template = voice.say.all_normal if are_watched else voice.say.all_back
    normal = fill(template, c=voice.names(components), t=since)
    if len(components) > _FEW:
        return [normal, _longest(voice, seen)]
    return [normal, *(_named_length(voice, incident, c) for c in components)]


def _named_length(voice: PartWriter, incident: Incident, component: ComponentId) -> str:
    return _length(voice, incident, component, fill(voice.say.name_was, c=voice.name(component)))


def _length(voice: PartWriter, incident: Incident, component: ComponentId, who: str) -> str:
    """How long a component was affected, and in which month that counts."""
    parts = [p for p in incident.affected if p.component == component]
    spans = seen_spans(voice, component, parts)
    counted = spans - voice.forgiven.get(component, IntervalSet())
    forgiven = spans.seconds - counted.seconds
    return fill(
        _template(voice, incident, component, parts, forgiven, is_all=not counted.seconds),
        s=who,
        d=duration(spans.seconds),
        k=duration(counted.seconds),
        month=voice.months(counted.parts or spans.parts),
    )


def _template(
    voice: PartWriter,
    incident: Incident,
    component: ComponentId,
    parts: list[Affected],
    forgiven: int,
    *,
    is_all: bool,
) -> str:
    """The sentence for slowness, an outage, or both; counted, in part, or not at all."""
    say, counts = voice.say, voice.counts(component)
    if all(p.status is not Outcome.DOWN for p in parts):
        return say.was_slow
    if _was_slow_too(incident, parts):
        return say.slow_or_out if counts and not forgiven else say.slow_or_out_uncounted
    if not counts:
        return say.out_uncounted
    if not forgiven:
        return say.out
    return say.out_planned if is_all else say.out_partly


def _was_slow_too(incident: Incident, parts: list[Affected]) -> bool:
    """A part keeps the worst that it came to from its first second: where it began as slowness,
    its length is no length of an outage."""
    has_worsened = any(u.happening is IncidentEvent.WORSENED for u in incident.updates)
    return has_worsened or any(p.status is Outcome.DEGRADED for p in parts)


def _longest(voice: PartWriter, incident: Incident) -> str:
    """Of many components: the longest time out, and that each one's counts."""
    lengths = {
        component: seen_spans(voice, component, _down(incident, component))
        for component in incident.components
        if voice.counts(component) and _down(incident, component)
    }
    if not lengths or any(u.happening is IncidentEvent.WORSENED for u in incident.updates):
        return ""
    longest = max(lengths, key=lambda component: lengths[component].seconds)
    return fill(
        voice.say.longest,
        c=voice.name(longest),
        d=duration(lengths[longest].seconds),
        month=voice.months(part for spans in lengths.values() for part in spans),
    )


def _down(incident: Incident, component: ComponentId) -> list[Affected]:
    return [p for p in incident.affected if p.component == component and p.status is Outcome.DOWN]

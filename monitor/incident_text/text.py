"""Automatic texts: what the machine says of an incident, in plain Spanish and English.

Every text says what is known, what it means for the reader, and when the next one comes. Nothing
here blames, guesses or promises; the words of each failure are those of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.incidents.incident import Affected, Incident, IncidentChange, IncidentEvent
from monitor.domain.text import Text
from monitor.domain.time.interval import IntervalSet, Second
from monitor.i18n.formats import Lang, spoken_duration
from monitor.i18n.forms.incidents import fill
from monitor.incident_text.durations import left_unseen, resolved
from monitor.incident_text.parts import PartWriter, last_end, public_parts

_MAY_TELL_ALERT = frozenset(
    {
        IncidentEvent.JOINED,
        IncidentEvent.WORSENED,
        IncidentEvent.RELAPSED,
        IncidentEvent.UNSTABLE,
        IncidentEvent.LASTING,
        IncidentEvent.PARTLY_BACK,
        IncidentEvent.OBSERVING,
    }
)


def machine_title(
    incident: Incident, catalogue: Catalogue, failures: Mapping[str, FailureClass]
) -> Text:
    """`Streaming de radio 2: sin sonido`: the part that explains the others, and how many more."""
    now = incident.created_at
    return _in_each_language(lambda voice: _title(voice, incident), catalogue, failures, now)


def update_text(
    step: IncidentChange,
    *,
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    next_update_at: Second,
    took_ms: Mapping[ComponentId, float] | None = None,
    forgiven: Mapping[ComponentId, IntervalSet] | None = None,
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
    alerted_at: Second | None = None,
) -> Text:
    """What the machine publishes about a step. `next_update_at` lies `alerting.next_update`
    after the moment of speaking; `alerted_at` is when an alert that told of all that had fallen
    before this step was first delivered, None where none was. See `PartWriter` for the rest. Raises
    ValueError for what a person says."""
    if step.happening is IncidentEvent.PERSON:
        raise ValueError("a person's update has a person's words")
    now = Second(next_update_at - catalogue.alerting.next_update)

    def words(voice: PartWriter) -> str:
        alerted = _alerted(voice, step) if _tells_alert(step, alerted_at) else ""
        sentences = _sentences(voice, step, next_update_at, alerted)
        return " ".join(sentence for sentence in sentences if sentence)

    return _in_each_language(words, catalogue, failures, now, took_ms, forgiven, unseen)


def main_part(incident: Incident, catalogue: Catalogue) -> Affected:
    """The part that gives an incident its name: what fell by itself, then the worst, then the
    earliest. Recoveries do not change it, so a title stays what people have read."""
    return min(
        public_parts(incident, catalogue),
        key=lambda p: (p.is_dependent, p.status is not Outcome.DOWN, p.start),
    )


def _in_each_language(
    words: Callable[[PartWriter], str],
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    now: Second,
    took_ms: Mapping[ComponentId, float] | None = None,
    forgiven: Mapping[ComponentId, IntervalSet] | None = None,
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
) -> Text:
    spoken = {}
    for lang in Lang:
        voice = PartWriter(
            lang=lang,
            catalogue=catalogue,
            failures=failures,
            now=now,
            took_ms=took_ms or {},
            forgiven=forgiven or {},
            unseen=unseen or {},
        )
        spoken[str(lang)] = words(voice)
    return Text(spoken)


def _title(voice: PartWriter, incident: Incident) -> str:
    main = main_part(incident, voice.catalogue)
    parts = public_parts(incident, voice.catalogue)
    others = list(dict.fromkeys(p.component for p in parts if p.component != main.component))
    name = voice.names([main.component, *others])
    if len(others) > 1:
        name = fill(voice.say.name_and_more, c=voice.name(main.component), n=str(len(others)))
    return f"{name}: {voice.phrase(main)}"


def _tells_alert(step: IncidentChange, alerted_at: Second | None) -> bool:
    """Said where it is so, and not before: by the first update after an alert was delivered, and
    again where the trouble is a new or a worse one. Of a component that falls for the first time
    nobody has been alerted yet, whatever else the incident holds."""
    if alerted_at is None or step.happening not in _MAY_TELL_ALERT or _is_first_fall(step):
        return False
    if step.happening in (IncidentEvent.RELAPSED, IncidentEvent.WORSENED, IncidentEvent.LASTING):
        return True
    return not any(
        told.at > alerted_at and told.happening in _MAY_TELL_ALERT for told in step.incident.updates
    )


def _is_first_fall(step: IncidentChange) -> bool:
    if step.part is None or step.happening not in (IncidentEvent.JOINED, IncidentEvent.RELAPSED):
        return False
    return not _fell_before(step.incident, step.part)


def _alerted(voice: PartWriter, step: IncidentChange) -> str:
    is_over = step.happening is IncidentEvent.OBSERVING
    return voice.say.alerted_of_failure if is_over else voice.say.alerted


def _sentences(
    voice: PartWriter, step: IncidentChange, next_update_at: Second, alerted: str
) -> list[str]:
    soon = fill(voice.say.next_update, u=voice.when(next_update_at))
    if step.happening is IncidentEvent.RESOLVED:
        return resolved(voice, step.incident)
    if step.happening is IncidentEvent.OBSERVING:
        came_back, watched = _observing(voice, step.incident)
        return [came_back, watched, alerted]
    if step.happening is IncidentEvent.CLOCK_SET:
        return [voice.say.clock_set, _still(voice, step.incident)]
    if step.part is None:
        raise ValueError(f"{step.happening} is about a part")
    if step.happening is IncidentEvent.PARTLY_BACK:
        return [_came_back(voice, [step.part]), _still(voice, step.incident), alerted, soon]
    if step.happening is IncidentEvent.UNWATCHED:
        rest = [_still(voice, step.incident), soon] if step.incident.open_parts else []
        return [left_unseen(voice, step.part), *rest]
    if step.happening is IncidentEvent.UNSTABLE:
        unstable = fill(voice.say.unstable, c=voice.name(step.part.component))
        return [unstable, voice.effect(step.part), alerted]
    return [*_fell(voice, step.incident, step.part, step.happening), alerted, soon]


def _fell(
    voice: PartWriter, incident: Incident, part: Affected, happening: IncidentEvent
) -> list[str]:
    """A component fell, fell again, fell further, or fell earlier than was said."""
    say = voice.say
    template = {
        IncidentEvent.JOINED: say.since_too,
        IncidentEvent.WORSENED: say.worsened,
        IncidentEvent.EASED: say.began_earlier,
        IncidentEvent.RESUMED: say.watched_again,
        IncidentEvent.LASTING: say.fell_again,
        IncidentEvent.RELAPSED: say.fell_again if _fell_before(incident, part) else say.since_again,
    }.get(happening, say.since)
    known = fill(
        template,
        c=voice.name(part.component),
        t=voice.when(part.start),
        phrase=voice.phrase(part),
    )
    if happening is IncidentEvent.EASED:
        return [known]
    return [known, voice.effect(part), _why(voice, incident, part)]


def _fell_before(incident: Incident, part: Affected) -> bool:
    return sum(p.component == part.component for p in incident.affected) > 1


def _why(voice: PartWriter, incident: Incident, part: Affected) -> str:
    """What a dependent hangs on, where that is in the incident and public."""
    component = voice.component(part.component)
    if not part.is_dependent or component is None:
        return ""
    explains = [c for c in component.depends_on if c in incident.components and voice.component(c)]
    return fill(voice.say.hangs_on, c=voice.names(explains)) if explains else ""


def _came_back(voice: PartWriter, parts: Sequence[Affected]) -> str:
    """One component's parts are over."""
    was_down = any(p.status is Outcome.DOWN for p in parts)
    return fill(
        voice.say.back if was_down else voice.say.back_to_normal,
        c=voice.name(parts[0].component),
        t=voice.when(last_end(parts, voice.now)),
    )


def _still(voice: PartWriter, incident: Incident) -> str:
    left = [p for p in incident.open_parts if voice.component(p.component)]
    if not left:
        return ""
    names = voice.names([p.component for p in left])
    if len(left) > 1:
        return fill(voice.say.still_many, c=names)
    return fill(voice.say.still, c=names, phrase=voice.phrase(left[0]))


def _observing(voice: PartWriter, incident: Incident) -> tuple[str, str]:
    """That it is back, and that it is watched."""
    seen = replace(incident, affected=incident.watched_parts)
    parts = public_parts(seen, voice.catalogue)
    length = spoken_duration(voice.catalogue.alerting.observe, voice.lang)
    components = list(dict.fromkeys(p.component for p in parts))
    if len(components) == 1:
        return _came_back(voice, parts), fill(voice.say.watch, d=length)
    back_at = voice.when(last_end(parts, voice.now))
    return (
        fill(voice.say.all_back, c=voice.names(components), t=back_at),
        fill(voice.say.watch_all, d=length),
    )

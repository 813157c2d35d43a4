"""Automatic texts: what the machine says of an incident, in plain words of each language.

Every text says what is known, what it means for the reader, and when the next one comes. Nothing
here blames, guesses or promises; the words of each failure are those of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.incidents.incident import Affected, Incident, IncidentChange, IncidentEvent
from monitor.domain.incidents.promises import is_looked_after
from monitor.domain.text import Text
from monitor.domain.time.interval import IntervalSet, Second
from monitor.i18n.formats import spoken_duration
from monitor.i18n.forms.incidents import fill
from monitor.i18n.languages import written
from monitor.incident_text.durations import left_unseen, resolved
from monitor.incident_text.parts import PartWriter, last_end, public_parts

_MAY_MENTION_ALERT = frozenset(
    {
        IncidentEvent.JOINED,
        IncidentEvent.WORSENED,
        IncidentEvent.RELAPSED,
        IncidentEvent.UNSTABLE,
        IncidentEvent.LASTING,
        IncidentEvent.PARTLY_BACK,
        IncidentEvent.OBSERVING,
        IncidentEvent.DUE,
    }
)


def machine_title(
    incident: Incident, catalogue: Catalogue, failures: Mapping[str, FailureClass]
) -> Text:
    """`Streaming de radio 2: sin sonido`: the part that explains the others, and how many more."""
    now = incident.created_at
    return _in_each_language(lambda writer: _title(writer, incident), catalogue, failures, now)


def update_text(
    step: IncidentChange,
    *,
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    now: Second,
    took_ms: Mapping[ComponentId, float] | None = None,
    excluded: Mapping[ComponentId, IntervalSet] | None = None,
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
    alerted_at: Second | None = None,
) -> Text:
    """What the machine publishes about a step at the moment of writing. `alerted_at` is when an
    alert that reported all that had fallen before this step was first delivered, None where none
    was. See `PartWriter` for the rest. Raises ValueError for what a person says."""
    if step.event is IncidentEvent.PERSON:
        raise ValueError("a person's update has a person's words")

    def compose(writer: PartWriter) -> str:
        alerted = _alerted(writer, step) if _mentions_alert(step, alerted_at) else ""
        sentences = _sentences(writer, step, alerted)
        return " ".join(sentence for sentence in sentences if sentence)

    return _in_each_language(compose, catalogue, failures, now, took_ms, excluded, unseen)


def came_back_text(
    incident: Incident,
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    now: Second,
) -> Text:
    """That all of an incident whose parts were seen to end works again and since when, without a
    figure."""
    return _in_each_language(
        lambda writer: _observing(writer, incident)[0], catalogue, failures, now
    )


def main_part(incident: Incident, catalogue: Catalogue) -> Affected:
    """The part that gives an incident its name: what fell by itself, then the worst, then the
    earliest. Recoveries do not change it, so a title stays what people have read."""
    return min(
        public_parts(incident, catalogue),
        key=lambda p: (p.is_dependent, p.status is not Outcome.DOWN, p.start),
    )


def _in_each_language(
    compose: Callable[[PartWriter], str],
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    now: Second,
    took_ms: Mapping[ComponentId, float] | None = None,
    excluded: Mapping[ComponentId, IntervalSet] | None = None,
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
) -> Text:
    texts = {}
    for lang in written(catalogue.page.locales):
        writer = PartWriter(
            lang=lang,
            catalogue=catalogue,
            failures=failures,
            now=now,
            took_ms=took_ms or {},
            excluded=excluded or {},
            unseen=unseen or {},
        )
        texts[str(lang)] = compose(writer)
    return Text(texts)


def _title(writer: PartWriter, incident: Incident) -> str:
    main = main_part(incident, writer.catalogue)
    parts = public_parts(incident, writer.catalogue)
    others = list(dict.fromkeys(p.component for p in parts if p.component != main.component))
    name = writer.names([main.component, *others])
    if len(others) > 1:
        name = fill(writer.words.name_and_more, c=writer.name(main.component), n=str(len(others)))
    return f"{name}: {writer.phrase(main)}"


def _mentions_alert(step: IncidentChange, alerted_at: Second | None) -> bool:
    """Whether it says that Operations has been alerted: the first update after an alert was
    delivered does, and each one about a new or a worse fault. Of a component that falls for the
    first time nobody has been alerted yet, whatever else the incident holds."""
    if alerted_at is None or step.event not in _MAY_MENTION_ALERT or _is_first_fall(step):
        return False
    if step.event in (IncidentEvent.RELAPSED, IncidentEvent.WORSENED, IncidentEvent.LASTING):
        return True
    return not any(
        update.at > alerted_at and update.event in _MAY_MENTION_ALERT
        for update in step.incident.updates
    )


def _is_first_fall(step: IncidentChange) -> bool:
    if step.part is None or step.event not in (IncidentEvent.JOINED, IncidentEvent.RELAPSED):
        return False
    return not _fell_before(step.incident, step.part)


def _alerted(writer: PartWriter, step: IncidentChange) -> str:
    is_over = step.event is IncidentEvent.OBSERVING
    return writer.words.alerted_of_failure if is_over else writer.words.alerted


def _sentences(writer: PartWriter, step: IncidentChange, alerted: str) -> list[str]:
    if step.event is IncidentEvent.RESOLVED:
        return resolved(writer, step.incident)
    if step.event is IncidentEvent.OBSERVING:
        came_back, watched = _observing(writer, step.incident)
        return [came_back, watched, alerted]
    if step.event is IncidentEvent.CLOCK_SET:
        return [writer.words.clock_set, _still(writer, step.incident)]
    if step.event is IncidentEvent.DUE:
        known = _lasting(writer, step.incident) if step.part else writer.words.no_news
        return [known, _looked_after(writer, step.incident, alerted)]
    if step.part is None:
        raise ValueError(f"{step.event} is about a part")
    if step.event is IncidentEvent.PARTLY_BACK:
        return [_came_back(writer, [step.part]), _still(writer, step.incident), alerted]
    if step.event is IncidentEvent.UNWATCHED:
        rest = [_still(writer, step.incident)] if step.incident.open_parts else []
        return [left_unseen(writer, step.part), *rest]
    if step.event is IncidentEvent.UNSTABLE:
        unstable = fill(writer.words.unstable, c=writer.name(step.part.component))
        return [unstable, writer.effect(step.part), alerted]
    return [*_fell(writer, step.incident, step.part, step.event), alerted]


def _fell(
    writer: PartWriter, incident: Incident, part: Affected, event: IncidentEvent
) -> list[str]:
    """A component fell, fell again, fell further, or fell earlier than was said."""
    words = writer.words
    template = {
        IncidentEvent.JOINED: words.since_too,
        IncidentEvent.WORSENED: words.worsened,
        IncidentEvent.EASED: words.began_earlier,
        IncidentEvent.RESUMED: words.watched_again,
        IncidentEvent.LASTING: words.fell_again,
        IncidentEvent.RELAPSED: words.fell_again
        if _fell_before(incident, part)
        else words.since_again,
    }.get(event, words.since)
    known = fill(
        template,
        c=writer.name(part.component),
        t=writer.when(part.start),
        does=writer.does(part),
    )
    if event is IncidentEvent.EASED:
        return [known]
    return [known, writer.effect(part), _why(writer, incident, part)]


def _fell_before(incident: Incident, part: Affected) -> bool:
    return sum(p.component == part.component for p in incident.affected) > 1


def _why(writer: PartWriter, incident: Incident, part: Affected) -> str:
    """What a dependent depends on, where that is in the incident and public."""
    component = writer.component(part.component)
    if not part.is_dependent or component is None:
        return ""
    explains = [c for c in component.depends_on if c in incident.components and writer.component(c)]
    return fill(writer.words.depends_on, c=writer.names(explains)) if explains else ""


def _came_back(writer: PartWriter, parts: Sequence[Affected]) -> str:
    """One component's parts are over."""
    was_down = any(p.status is Outcome.DOWN for p in parts)
    return fill(
        writer.words.back if was_down else writer.words.back_to_normal,
        c=writer.name(parts[0].component),
        t=writer.when(last_end(parts, writer.now)),
    )


def _still(writer: PartWriter, incident: Incident) -> str:
    left = [p for p in incident.open_parts if writer.component(p.component)]
    if not left:
        return ""
    names = writer.names([p.component for p in left])
    if len(left) > 1:
        return fill(writer.words.still_many, c=names)
    return fill(writer.words.still, c=names, phrase=writer.phrase(left[0]))


def _lasting(writer: PartWriter, incident: Incident) -> str:
    """`El servicio X sigue sin respuesta desde las 03:32.`"""
    left = [p for p in incident.open_parts if writer.component(p.component)]
    if not left:
        return writer.words.no_news
    since = writer.when(min(part.start for part in left))
    names = writer.names([p.component for p in left])
    if len(left) > 1:
        return fill(writer.words.still_many_since, c=names, t=since)
    phrase = writer.phrase(left[0])
    return fill(writer.words.still_since, c=names, phrase=phrase, t=since)


def _looked_after(writer: PartWriter, incident: Incident, alerted: str) -> str:
    return writer.words.looked_after if is_looked_after(incident) else alerted


def _observing(writer: PartWriter, incident: Incident) -> tuple[str, str]:
    """That it is back, and that it is watched."""
    seen = replace(incident, affected=incident.watched_parts)
    parts = public_parts(seen, writer.catalogue)
    length = spoken_duration(writer.catalogue.alerting.observe, writer.lang)
    components = list(dict.fromkeys(p.component for p in parts))
    if len(components) == 1:
        return _came_back(writer, parts), fill(writer.words.watch, d=length)
    back_at = writer.when(last_end(parts, writer.now))
    return (
        fill(writer.words.all_back, s=writer.all_names(components), t=back_at),
        fill(writer.words.watch_all, d=length),
    )

"""Incidents and maintenance in one line each, and how long an incident had an effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.i18n.addresses import incident_path, maintenance_path
from monitor.i18n.formats import capital, duration, weekday_and_day
from monitor.i18n.languages import spelled
from statuspage.parts.context import Context
from statuspage.parts.html import Html, escaped, fill
from statuspage.parts.maintenance_record import span_of
from statuspage.view.model import PublicIncident, PublicMaintenance, PublicView

_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A line of a list: the day it began, what it was called, how it went."""

    start: Second
    day: date
    title: Html
    url: str
    summary: Html


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOut:
    """How long something was out of service; at least so long where it `is_least`."""

    seconds: int
    is_least: bool = False


def incident_episode(incident: PublicIncident, context: Context) -> Episode:
    return Episode(
        start=incident.started_at,
        day=context.day(incident.started_at),
        title=context.marked(incident.title),
        url=incident_path(incident.id, context.lang),
        summary=_how_it_went(incident, context),
    )


def maintenance_episode(window: PublicMaintenance, context: Context) -> Episode:
    start = begun_at(window)
    return Episode(
        start=start,
        day=context.day(start),
        title=context.marked(window.title),
        url=maintenance_path(window.id, context.lang),
        summary=_how_work_went(window, context),
    )


def begun_at(window: PublicMaintenance) -> Second:
    """Where it stands in a history: when it began; one that was cancelled, when it was."""
    return window.updated_at if window.is_cancelled else window.start


def _how_work_went(window: PublicMaintenance, context: Context) -> Html:
    """`Mantenimiento terminado, de 02:00 a 03:10. Terminó antes de lo previsto, ...`"""
    words = context.words
    if window.is_cancelled:
        cancelled = words.maintenance_cancelled
        return fill(words.was_to_be, x=cancelled, p=planned_in_words(window, context))
    is_over = window.phase is MaintenancePhase.COMPLETED
    done = words.maintenance_done if is_over else words.maintenance_running
    span = span_of(window)
    said = Html(escaped(done) + _from_to(span.start, span.end, context))
    near = context.day(window.start)
    if window.is_ended_early:
        when = fill(words.at_time, t=context.dated(window.end, near=near))
        return Html(f"{said}. {fill(words.was_ended_early, t=when)}")
    if window.is_extended:
        when = fill(words.at_time, t=context.dated(window.planned_end, near=near))
        return Html(f"{said}. {fill(words.was_extended, t=when)}")
    return said


def mid_sentence(window: PublicMaintenance, context: Context) -> Html:
    """The window inside a sentence."""
    return Html(spelled(context.lang, window_in_words(window, context)))


def episodes(
    context: Context, *, component: ComponentId | None = None, with_open: bool = True
) -> list[Episode]:
    """Incidents and maintenance that has begun, newest first; of one component if one is given."""
    view = context.view
    incidents = [
        incident_episode(i, context)
        for i in view.incidents
        if (with_open or i.phase is Phase.RESOLVED) and _concerns_incident(i, component)
    ]
    over = (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED)
    begun = (*over, MaintenancePhase.IN_PROGRESS) if with_open else over
    windows = [
        maintenance_episode(w, context)
        for w in view.maintenance
        if w.phase in begun and _concerns_window(w, component)
    ]
    return sorted([*incidents, *windows], key=lambda e: -e.start)


def out_of_service(incident: PublicIncident, view: PublicView) -> IntervalSet:
    """When at least one of its components was down; until now where it still is."""
    return _union(incident, Outcome.DOWN, view)


def time_out(incident: PublicIncident, view: PublicView) -> TimeOut:
    """Where nobody saw all of an outage, the most that was seen of one component's, in all of its
    parts: whether it was down in the rest is not known."""
    down = [p for p in incident.parts if p.status is Outcome.DOWN and not p.is_stated]
    unseen = [0 if p.counted is None else p.counted.unknown for p in down]
    if not any(unseen):
        return TimeOut(seconds=out_of_service(incident, view).seconds)
    seen: Counter[ComponentId] = Counter()
    for part, lost in zip(down, unseen, strict=True):
        seen[part.component] += (view.at if part.end is None else part.end) - part.start - lost
    return TimeOut(seconds=max(seen.values()), is_least=True)


def with_slowness(incident: PublicIncident, view: PublicView) -> IntervalSet:
    return _union(incident, Outcome.DEGRADED, view)


def window_in_words(window: PublicMaintenance, context: Context) -> Html:
    """`Domingo 19 de abril, de 02:00 a 04:00.`"""
    words = context.words
    span = span_of(window)
    first, last = context.day(span.start), context.day(span.end)
    times = {"a": context.time(span.start), "b": context.time(span.end)}
    start = weekday_and_day(first, context.lang)
    if first == last:
        return fill(words.window_same_day, d=capital(start), **times)
    end = weekday_and_day(last, context.lang)
    return fill(words.window_two_days, d=start, e=end, **times)


def planned_in_words(window: PublicMaintenance, context: Context) -> Html:
    """`para el domingo 19 de abril, de 02:00 a 04:00`, to stand behind "previsto"."""
    words, span = context.words, span_of(window)
    first, last = context.day(span.start), context.day(span.end)
    template = words.planned_same_day if first == last else words.planned_two_days
    return fill(
        template,
        d=weekday_and_day(first, context.lang),
        e=weekday_and_day(last, context.lang),
        a=context.time(span.start),
        b=context.time(span.end),
    )


def _concerns_incident(incident: PublicIncident, component: ComponentId | None) -> bool:
    return component is None or any(p.component == component for p in incident.parts)


def _concerns_window(window: PublicMaintenance, component: ComponentId | None) -> bool:
    return component is None or any(id_ == component for id_, _ in window.components)


def _union(incident: PublicIncident, status: Outcome, view: PublicView) -> IntervalSet:
    return IntervalSet.of(
        Interval(p.start, p.end if p.end is not None else view.at)
        for p in incident.parts
        if p.status is status and not p.is_stated
    )


def _how_it_went(incident: PublicIncident, context: Context) -> Html:
    words = context.words
    if incident.is_merged:
        return escaped(words.merged_elsewhere)
    if incident.phase is not Phase.RESOLVED:
        phase = words.phases[incident.phase]
        return fill(words.ongoing_since, x=phase, t=context.at(incident.started_at))
    if incident.is_word_alone and incident.resolved_at is not None:
        return fill(words.resolved_by_person, t=context.at(incident.resolved_at))
    if incident.closed_at is not None:
        return fill(words.closed_at, t=context.at(incident.closed_at))
    outcome = words.unwatched if incident.is_unseen else words.phases[Phase.RESOLVED]
    ending = escaped(outcome + ". ")
    return Html(ending + _effect(incident, context))


def _effect(incident: PublicIncident, context: Context) -> Html:
    """`11 min 30 s sin servicio, de 21:14 a 21:25; lento hasta las 21:40`."""
    words = context.words
    down = out_of_service(incident, context.view)
    slow = with_slowness(incident, context.view)
    if not down.parts:
        return _slow_span(slow.parts, context)
    out = time_out(incident, context.view)
    length = words.out_at_least if out.is_least else words.out_for
    summary = fill(length, d=duration(out.seconds)) + _span(down.parts, context)
    slow_end = slow.parts[-1].end if slow.parts else Second(0)
    if slow_end > down.parts[-1].end:
        near = context.day(incident.started_at)
        summary += fill(words.slow_until, t=context.dated(slow_end, near=near))
    return Html(summary)


def _slow_span(parts: Sequence[Interval], context: Context) -> Html:
    if not parts:
        return Html("")
    words, start, end = context.words, parts[0].start, parts[-1].end
    return _time_span(start, end, context, words.slow_from, within_a_minute=words.slow_at)


def _span(parts: Sequence[Interval], context: Context) -> Html:
    """From when to when; "entre" where the outage itself was interrupted."""
    if len(parts) == 1:
        return _from_to(parts[0].start, parts[0].end, context)
    words, start, end = context.words, parts[0].start, parts[-1].end
    return _time_span(start, end, context, words.between, within_a_minute=words.at_one_time)


def _from_to(start: Second, end: Second, context: Context) -> Html:
    words = context.words
    return _time_span(start, end, context, words.from_time, within_a_minute=words.at_one_time)


def _time_span(
    start: Second, end: Second, context: Context, template: str, *, within_a_minute: str
) -> Html:
    """From when to when; one time where both are the same to the minute."""
    if start // _MINUTE == end // _MINUTE:
        return fill(within_a_minute, a=context.time(start))
    times = {"a": context.time(start), "b": context.dated(end, near=context.day(start))}
    return fill(template, **times)

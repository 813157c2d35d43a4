"""The page of one incident: how it stands, its record, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.catalogue import Role
from monitor.domain.checks.observation import Outcome
from monitor.domain.exclusions.rules import MAINTENANCE_CAUSE
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import component_path, home_path, incident_path
from monitor.i18n.formats import duration, long_date, month_name, rough_duration, weekday_and_day
from monitor.i18n.forms.page import Words
from statuspage.pages.subscription import WhenBack, when_back
from statuspage.parts.age import next_update
from statuspage.parts.context import Context
from statuspage.parts.days import not_counted
from statuspage.parts.episodes import time_out, with_slowness
from statuspage.parts.html import Html, fill, html
from statuspage.parts.state import (
    State,
    closed_state,
    incident_state,
    phase_state,
    state_of,
    unwatched_state,
    worst_part,
)
from statuspage.view.model import (
    PublicIncident,
    PublicPart,
    PublicUpdate,
    Recount,
    RelatedIncident,
)

_OF_STATUS = {Outcome.DOWN: Shown.DOWN, Outcome.DEGRADED: Shown.SLOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One update: paragraphs as they were written, with every former version in view."""

    state: State
    at: Html
    is_automatic: bool
    paragraphs: tuple[Html, ...]
    former: tuple[Html, ...]
    corrected: Html
    """When it was corrected; empty where it was not, or that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One component's share: what it was, what it is, from when to when, whether it counts."""

    name: str
    url: str | None
    was: State
    now: State
    label: str
    span: Html
    counts_label: str
    counts: str
    former: tuple[str, ...] = ()
    """What was said to count before it was counted anew, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another incident that people put beside this one."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """`past_lead` stands instead of the lead once the data is old; empty of what is over."""

    state: State
    title: Html
    lead: Html
    past_lead: Html
    meta: Html
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    has_automatic: bool
    is_over: bool
    """All of it was seen to come back."""
    next_update: Html | None
    still_failing: Html
    is_by_person: bool
    related: tuple[Related, ...]
    when_back: WhenBack | None
    """The form of who wants to be told; None of what is resolved."""


def incident_page(incident: PublicIncident, context: Context) -> IncidentPage:
    started = context.day(incident.started_at)
    entries = tuple(_entry(u, incident, context) for u in incident.updates)
    advice = html(
        '<a href="{url}#guia">{words}</a>',
        url=home_path(context.lang),
        words=context.words.see_what_to_do,
    )
    return IncidentPage(
        state=incident_state(incident, context),
        title=_heading(incident, context),
        lead=incident_lead(incident, context),
        past_lead=_past_lead(incident, context),
        meta=fill(
            context.words.incident_meta,
            x=incident.id,
            d=long_date(started, context.lang),
            z=context.zone_note,
        ),
        entries=entries,
        parts=tuple(_part(p, incident, context) for p in incident.parts),
        has_automatic=any(e.is_automatic for e in entries),
        is_over=incident.is_seen_over,
        next_update=next_update(incident, context),
        still_failing=fill(context.words.still_failing_advice, x=advice),
        is_by_person=incident.is_by_person,
        related=tuple(
            Related(title=_related_title(other, context), url=incident_path(other.id, context.lang))
            for other in incident.related
        ),
        when_back=when_back(incident, context),
    )


def incident_title(incident: PublicIncident, context: Context) -> str:
    """`Resuelto: Streaming de radio 2: sin sonido`: what is over says so first, for a title is all
    that many read."""
    title = context.text(incident.title)
    if incident.phase is not Phase.RESOLVED:
        return title
    return f"{incident_state(incident, context).word}: {title}"


def _heading(incident: PublicIncident, context: Context) -> Html:
    """The title, marked where it is in another language than the page: a screen reader would
    pronounce it as one word of this."""
    title = context.marked(incident.title)
    if incident.phase is not Phase.RESOLVED:
        return title
    return html("{x}: {title}", x=incident_state(incident, context).word, title=title)


def _related_title(other: RelatedIncident, context: Context) -> Html:
    """As on its own page: a fault that is over must not read as one of now."""
    title = context.marked(other.title)
    if not other.is_resolved:
        return title
    return html("{x}: {title}", x=context.words.phases[Phase.RESOLVED], title=title)


def incident_lead(incident: PublicIncident, context: Context) -> Html:
    """`Volvió a funcionar con normalidad a las 14:41. Estuvo sin servicio 32 min 30 s.`"""
    words = context.words
    if incident.is_merged:
        return _merged_lead(incident, context)
    if incident.is_word_alone and incident.resolved_at is not None:
        return fill(words.resolved_by_person, t=context.at(incident.resolved_at))
    if incident.closed_at is not None:
        return fill(words.closed_at, t=context.at(incident.closed_at))
    if incident.is_unseen:
        ends = [part.end for part in incident.parts if part.end is not None]
        return fill(words.unwatched_since, t=context.the(max(ends)))
    recovered = incident.monitoring_at or incident.resolved_at
    if incident.phase is Phase.RESOLVED and recovered is not None:
        # No word of the present: who reads it in a year must not take it for the state of that day.
        back = fill(words.recovered_at, t=context.at(recovered))
        return Html(f"{back} {_cost(incident, context)}".strip())
    if incident.phase is Phase.MONITORING and recovered is not None:
        return fill(words.observed_since, t=context.at(recovered))
    phase = words.phases[incident.phase]
    return fill(words.ongoing_since, x=phase, t=context.at(incident.started_at))


def _past_lead(incident: PublicIncident, context: Context) -> Html:
    if incident.phase is Phase.RESOLVED:
        return Html("")
    return fill(context.words.was_ongoing, t=context.at(incident.started_at))


def _merged_lead(incident: PublicIncident, context: Context) -> Html:
    """Where it goes on, as a link if that may be read."""
    if incident.merged_into is None:
        return fill(context.words.merged_elsewhere)
    other, title = incident.merged_into
    url = incident_path(other, context.lang)
    link = html('<a href="{url}">{title}</a>', url=url, title=context.marked(title))
    return fill(context.words.merged_into, x=link)


def lasting(incident: PublicIncident, context: Context) -> str | None:
    """`Lleva 26 min`; nothing in the stale form and once it is over."""
    if context.is_stale or incident.phase in (Phase.MONITORING, Phase.RESOLVED):
        return None
    seconds = max(0, context.view.at - incident.started_at)
    return context.words.lasts.format(d=rough_duration(seconds))


def _cost(incident: PublicIncident, context: Context) -> Html:
    words, out = context.words, time_out(incident, context.view)
    if out.seconds:
        length = words.was_out_at_least if out.is_least else words.was_out
        return fill(length, d=duration(out.seconds))
    slow = with_slowness(incident, context.view).seconds
    return fill(words.was_slow, d=duration(slow)) if slow else Html("")


def _entry(update: PublicUpdate, incident: PublicIncident, context: Context) -> Entry:
    return Entry(
        state=_entry_state(update, incident, context),
        at=context.dated(update.at, near=context.day(incident.started_at)),
        is_automatic=update.is_automatic_in(context.lang),
        paragraphs=context.paragraphs(update.body),
        former=tuple(
            Html(" ".join(context.paragraphs(text))) for text in update.former_in(context.lang)
        ),
        corrected=_corrected(update, incident, context),
    )


def _corrected(update: PublicUpdate, incident: PublicIncident, context: Context) -> Html:
    at = update.corrected_at
    if at is None or not update.former_in(context.lang):
        return Html("")
    when = context.dated(at, near=context.day(incident.started_at))
    return fill(context.words.corrected, t=fill(context.words.at_time, t=when))


def _entry_state(update: PublicUpdate, incident: PublicIncident, context: Context) -> State:
    if update.is_unwatched:
        return unwatched_state(context)
    if update.is_closing:
        return closed_state(context)
    if update.is_postmortem:
        return state_of(Shown.OPERATIONAL, context, word=context.words.postmortem)
    return phase_state(update.phase, worst_part(incident), context)


def _part(part: PublicPart, incident: PublicIncident, context: Context) -> Part:
    words = context.words
    was = Shown.DOWN if part.status is Outcome.DOWN else Shown.SLOW
    now = _shown_now(part, context)
    month = month_name(context.day(part.start).month, context.lang)
    if part.is_stated:
        return _stated_part(part, incident, context)
    is_out = part.status is Outcome.DOWN
    return Part(
        name=context.text(part.name),
        url=_url(part, context),
        was=state_of(was, context),
        now=_now(part, now or was, context),
        label=_failing(part.status, words),
        span=_span(part, context),
        counts_label=words.counts_in.format(x=month) if is_out else "",
        counts=_counts(part, context),
        former=tuple(_former(r, context) for r in reversed(part.recounts)) if is_out else (),
    )


def _shown_now(part: PublicPart, context: Context) -> Shown | None:
    """None on a page of what is over for good, which knows no present."""
    if context.is_closed:
        return None
    return next((c.shown for c in context.view.components if c.id == part.component), None)


def _url(part: PublicPart, context: Context) -> str | None:
    """A component that the configuration has dropped has no page any more."""
    is_known = part.component in context.known
    return component_path(part.component, context.lang) if is_known else None


def _stated_part(part: PublicPart, incident: PublicIncident, context: Context) -> Part:
    """A person's word: from when to when it holds, to the minute, and no length, for nothing was
    measured. In an incident that was merged, what was in it until then: that did not end there."""
    went_over = incident.is_merged and part.end == incident.resolved_at
    was = _OF_STATUS.get(part.status, Shown.OPERATIONAL)
    shown = was if part.end is None or went_over else Shown.OPERATIONAL
    words, is_measured = context.words, incident.is_merged
    start = context.time(part.start, with_seconds=is_measured)
    span = fill(words.until_now, a=start)
    if part.end is not None and not went_over:
        end = _end_time(part.start, part.end, context, with_seconds=is_measured)
        span = fill(words.from_to_told, a=start, b=end)
    return Part(
        name=context.text(part.name),
        url=_url(part, context),
        was=state_of(was, context),
        now=state_of(shown, context),
        label=_failing(part.status, words) if incident.is_merged else words.stated,
        span=span,
        counts_label="",
        counts="",
    )


def _failing(status: Outcome, words: Words) -> str:
    return words.out_of_service if status is Outcome.DOWN else words.with_slowness


def _end_time(start: Second, end: Second, context: Context, *, with_seconds: bool = True) -> Html:
    """The time, with its day where that is another than the start's."""
    time, day = context.time(end, with_seconds=with_seconds), context.day(end)
    if day == context.day(start):
        return time
    return fill(context.words.time_on_day, t=time, d=weekday_and_day(day, context.lang))


def _counts(part: PublicPart, context: Context) -> str:
    """`Sí.`; where not all of it counts, `31 s de 1 min 16 s. Excluido: 45 s.`"""
    words, seconds = context.words, part.counted
    if part.role is not Role.REQUIRED:
        return words.counts_not
    if part.is_closed or seconds is None or seconds.down == seconds.total:
        return words.counts_fully
    rest = {
        words.excluded: seconds.excluded_by_cause.get(MAINTENANCE_CAUSE, 0),
        words.states[Shown.NO_DATA].one: seconds.unknown + seconds.before_records,
        words.with_slowness: seconds.degraded,
        words.in_service: seconds.up,
    }
    counted = words.counts_partly.format(k=duration(seconds.down), d=duration(seconds.total))
    parts = (f"{what}: {duration(s)}." for what, s in rest.items() if s)
    return " ".join([counted, *parts, *not_counted(seconds, words)])


def _former(said: Recount, context: Context) -> str:
    """`Hasta el jueves 3 de diciembre de 2026 contaban 1 min 16 s.`"""
    until = long_date(context.day(said.at), context.lang)
    return context.words.counted_until.format(t=until, d=duration(said.down))


def _now(part: PublicPart, shown: Shown, context: Context) -> State:
    """Its state now; it is over only where its end was seen."""
    if part.is_unwatched and not part.is_closed:
        return unwatched_state(context)
    is_over = part.end is not None and not part.is_closed
    return state_of(Shown.OPERATIONAL if is_over else shown, context)


def _span(part: PublicPart, context: Context) -> Html:
    """`De 14:08:30 a 14:41:00, 32 min 30 s`; still open, `De 14:08:30 hasta ahora`."""
    words = context.words
    start = context.time(part.start, with_seconds=True)
    if part.end is None:
        return fill(words.until_now, a=start)
    end_time = _end_time(part.start, part.end, context)
    if part.is_closed:
        return fill(words.span_closed, a=start, b=end_time)
    length = duration(Interval(part.start, part.end).seconds)
    return fill(words.span_with_length, a=start, b=end_time, d=length)

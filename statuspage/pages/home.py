"""The home page in its order: answer, what happens now, guide, services, the last 15 days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Impact, Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.i18n.addresses import incident_path, maintenance_path
from monitor.i18n.formats import capital, joined, on_day, weekday_and_day
from statuspage.pages.affected import NameBox, name_box
from statuspage.pages.incident import lasting
from statuspage.parts.age import AS_OF, STALE_SINCE, STALE_TITLE, next_update
from statuspage.parts.answer import Answer, answer, is_general_outage
from statuspage.parts.context import Context
from statuspage.parts.episodes import Episode, episodes, planned_in_words, window_in_words
from statuspage.parts.guide import Step, guide, guide_title
from statuspage.parts.html import Html, escaped, fill, html
from statuspage.parts.services import Group, groups, operational_line
from statuspage.parts.state import (
    State,
    incident_shown,
    incident_state,
    maintenance_state,
    rank,
    state_of,
)
from statuspage.view.model import PublicIncident, PublicMaintenance

RECENT_DAYS = 15
_SEVERITY = {Impact.CRITICAL: 0, Impact.MAJOR: 1, Impact.MINOR: 2, Impact.NONE: 3}
_AHEAD = (MaintenancePhase.SCHEDULED, MaintenancePhase.IN_PROGRESS)
_NEWS_S, _EVE_S = 3 * 86_400, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card about something that happens or is planned. `next_update` is set where one is
    promised."""

    state: State
    aside: Html | None
    title: Html
    url: str
    paragraphs: tuple[Html, ...]
    next_update: Html | None
    foot: Html
    is_automatic: bool
    is_by_person: bool = False
    services: str = ""
    """Of maintenance: whom it concerns."""
    to_do: str = ""
    others: tuple[Card, ...] = ()
    """In a general outage: those that are told with it, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """`day` is capitalised, because it begins its line."""

    day: str
    episode: Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    state: State
    title: str
    lead: Html
    meta: Html
    now: tuple[Card, ...]
    guide_title: str
    steps: tuple[Step, ...]
    box: NameBox | None
    count: str
    groups: tuple[Group, ...]
    planned: tuple[Card, ...]
    recent: tuple[Recent, ...]
    quiet_days: str


def home_page(context: Context) -> HomePage:
    page_answer = answer(context.view, context.lang, is_stale=context.is_stale)
    now, planned = _cards(context)
    recent, steps = _recent(context), guide(context)
    return HomePage(
        state=state_of(page_answer.shown, context),
        title=STALE_SINCE if context.is_stale else page_answer.title,
        lead=_lead(page_answer, has_guide=bool(steps)),
        meta=AS_OF,
        now=now,
        guide_title=guide_title(context, is_disrupted=bool(now)),
        steps=steps,
        box=name_box(context),
        count=operational_line(context.view, context),
        groups=groups(context),
        planned=planned,
        recent=recent,
        quiet_days=_quiet_days(recent, context),
    )


def home_title(context: Context) -> str:
    """The answer again, as a title: without its full stop."""
    if context.is_stale:
        return STALE_TITLE
    return answer(context.view, context.lang).title.rstrip(".")


def _lead(page_answer: Answer, *, has_guide: bool) -> Html:
    if not has_guide:
        return Html(escaped(page_answer.lead))
    before, link, after = (
        page_answer.lead.partition(page_answer.link)
        if page_answer.link
        else (page_answer.lead, "", "")
    )
    anchor = html('<a href="#guia">{link}</a>', link=link) if link else Html("")
    return Html(escaped(before) + anchor + escaped(after))


def _cards(context: Context) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """What happens now, worst first, and what is planned; the former has both if not empty. In a
    general outage incidents are joined in one card, and what is planned waits below the
    services: nobody looks for it then."""
    unresolved = [i for i in context.view.incidents if i.phase is not Phase.RESOLVED]
    unresolved.sort(key=lambda i: _worst_first(i, context))
    windows = [w for w in context.view.maintenance if _is_on_home(w, context)]
    windows.sort(key=lambda w: w.start)
    active = [w for w in windows if w.phase is MaintenancePhase.IN_PROGRESS]
    ahead = tuple(_window(w, context) for w in windows if w not in active)
    is_general = is_general_outage(context.view.components)
    incidents = tuple(_incident(i, context) for i in unresolved)
    if is_general:
        incidents = _joined(incidents)
    now = (*incidents, *(_window(w, context) for w in active))
    return (now + ahead, ()) if now and not is_general else (now, ahead)


def _joined(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The worst one, with the others as lines of it."""
    return tuple(replace(first, others=cards[1:]) for first in cards[:1])


def cards_of(component: ComponentId, context: Context) -> tuple[Card, ...]:
    """What happens to one component now, worst first, and work on it that runs."""
    unresolved = [
        i
        for i in context.view.incidents
        if i.phase is not Phase.RESOLVED and any(p.component == component for p in i.parts)
    ]
    unresolved.sort(key=lambda i: _worst_first(i, context))
    active = (
        w
        for w in context.view.maintenance
        if w.phase is MaintenancePhase.IN_PROGRESS and any(c == component for c, _ in w.components)
    )
    # Without how long it lasts, which would change the page with each minute, and without the
    # promise, for the page has one model however old its data is.
    cards = (replace(_incident(i, context), aside=None, next_update=None) for i in unresolved)
    return (*cards, *(_window(w, context) for w in active))


def _is_on_home(window: PublicMaintenance, context: Context) -> bool:
    """Whether it runs or is to come. A cancelled one while that is news, and from the day before
    it until its end, for whoever has noted its date alone."""
    if not window.is_cancelled:
        return window.phase in _AHEAD
    now = context.view.at
    is_news = now < window.updated_at + _NEWS_S
    return now < window.end and (is_news or window.start - _EVE_S <= now)


def _worst_first(incident: PublicIncident, context: Context) -> tuple[int, int, int]:
    shown = rank(incident_shown(incident, context))
    return (shown, _SEVERITY[incident.impact], -incident.started_at)


def _incident(incident: PublicIncident, context: Context) -> Card:
    last = incident.updates[0] if incident.updates else None
    is_automatic = last is None or last.is_automatic_in(context.lang)
    words = context.words
    foot = fill(words.began, t=context.at(incident.started_at))
    if last is not None and not is_automatic:
        foot = Html(foot + " " + fill(words.operations_wrote, t=context.at(last.at)))
    since = lasting(incident, context)
    return Card(
        state=incident_state(incident, context),
        aside=escaped(since) if since else None,
        title=context.marked(incident.title),
        url=incident_path(incident.id, context.lang),
        paragraphs=context.paragraphs(last.body) if last else (),
        next_update=next_update(incident, context),
        foot=foot,
        is_automatic=is_automatic,
        is_by_person=incident.is_by_person,
    )


def _window(window: PublicMaintenance, context: Context) -> Card:
    words = context.words
    is_active = window.phase is MaintenancePhase.IN_PROGRESS
    published = context.day(window.published_at)
    foot = fill(
        words.published,
        d=on_day(published, context.lang),
        t=fill(words.at_time, t=context.time(window.published_at)),
    )
    return Card(
        state=maintenance_state(window, context),
        aside=_aside(window, context, is_active=is_active),
        title=context.marked(window.title),
        url=maintenance_path(window.id, context.lang),
        paragraphs=_of_work(window, context),
        next_update=None,
        foot=foot,
        is_automatic=False,
        services=joined([context.text(name) for _, name in window.components], context.lang),
        to_do="" if window.is_cancelled else words.to_do_meaning,
    )


def _of_work(window: PublicMaintenance, context: Context) -> tuple[Html, ...]:
    """When it is and what it means; that it is cancelled or takes longer is said first."""
    words, when = context.words, window_in_words(window, context)
    if window.is_cancelled:
        planned = planned_in_words(window, context)
        return (fill(words.maintenance_lead[MaintenancePhase.CANCELLED.value], p=planned),)
    if window.is_extended:
        when = Html(f"{when} {fill(words.was_extended, t=context.at(window.planned_end))}")
    return (Html(" ".join([when, *context.paragraphs(window.impact)])),)


def _aside(window: PublicMaintenance, context: Context, *, is_active: bool) -> Html | None:
    """`Termina a las 04:00`, `En 3 días`; what is relative is left out of the stale form."""
    if is_active:
        words = context.words
        return fill(words.was_to_end if context.is_stale else words.ends, t=context.at(window.end))
    if context.is_stale or window.is_cancelled:
        return None
    ahead = (context.day(window.start) - context.today).days
    return escaped(context.words.in_days[min(ahead, 2)].format(n=ahead))


def _recent(context: Context) -> tuple[Recent, ...]:
    first = context.today - timedelta(days=RECENT_DAYS - 1)
    return tuple(
        Recent(day=capital(weekday_and_day(e.day, context.lang)), episode=e)
        for e in episodes(context, with_open=False)
        if e.day >= first
    )


def _quiet_days(recent: tuple[Recent, ...], context: Context) -> str:
    """`Los otros 11 días`; empty where all are listed, or none is."""
    listed = {r.episode.day for r in recent}
    first = context.today - timedelta(days=RECENT_DAYS - 1)
    for incident in context.view.incidents:
        if incident.phase is not Phase.RESOLVED:
            start = max(first, context.day(incident.started_at))
            listed |= {start + timedelta(days=n) for n in range((context.today - start).days + 1)}
    left = RECENT_DAYS - len(listed)
    if not recent or left <= 0:
        return ""
    return context.words.other_days[left > 1].format(n=left)

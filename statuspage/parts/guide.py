"""The guide: which support level a visitor needs, and whether it is open now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from monitor.domain.catalogue import SupportLevel
from monitor.domain.time.calendar import Hours
from monitor.i18n.addresses import problem_path
from monitor.i18n.formats import NBSP, day_name, joined, on_weekday
from monitor.i18n.words import PROBLEMS
from statuspage.parts.context import Context
from statuspage.parts.html import Html, fill
from statuspage.parts.state import State

_ORDER = ("sla-3", "sla-1", "sla-4")
_THE_PAGE_ITSELF = "sla-2"
_REPORTS = "sla-3"
_MONDAY_TO_SUNDAY = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One level. `pill` and `live` say whether it is open now; the stale form has neither."""

    tag: str
    heading: str
    purpose: Html
    hours: Html
    pill: State | None
    live: Html | None
    url: str | None
    link: str
    here: Here | None = None
    """Where it can be said on this very page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    url: str
    link: str


def guide(context: Context) -> tuple[Step, ...]:
    """Report, question, design, then whatever else is configured. SLA 2 is the page itself."""
    levels = [level for level in context.view.support if level.id != _THE_PAGE_ITSELF]
    levels.sort(key=lambda level: _ORDER.index(level.id) if level.id in _ORDER else len(_ORDER))
    return tuple(step_of(level, context) for level in levels)


def step_of(level: SupportLevel, context: Context) -> Step:
    words = context.words.levels.get(level.id)
    name = context.text(level.name)
    is_here = level.id == _REPORTS and context.view.page.problem_form
    pill, live = _live(level.hours, context)
    return Step(
        tag=_tag(level.id) if words else "",
        heading=words.heading if words else name,
        purpose=context.marked(level.purpose),
        hours=_attends(name, level, context),
        pill=pill,
        live=live,
        url=level.url or _fallback_url(level, context),
        link=words.link if words else context.words.more,
        here=_here(context) if is_here else None,
    )


def _here(context: Context) -> Here:
    return Here(url=problem_path(context.lang), link=PROBLEMS[context.lang].link)


def _tag(level: str) -> str:
    """`sla-3` is written `SLA 3`, on one line."""
    return level.upper().replace("-", NBSP)


def _fallback_url(level: SupportLevel, context: Context) -> str | None:
    page = context.view.page
    return page.report_url if level.id == _REPORTS else page.support_url


def _attends(name: str, level: SupportLevel, context: Context) -> Html:
    words = context.words
    hours, channels = hours_in_words(level.hours, context), context.marked(level.channels)
    if not channels:
        return fill(words.attends, x=name, h=hours)
    return fill(words.attends_by, x=name, h=hours, c=channels)


def hours_in_words(hours: Hours, context: Context) -> str:
    """`de lunes a viernes de 10 a 17`."""
    if hours.is_always:
        return context.words.always
    closes = "24" if hours.closes is None else _short(hours.closes)
    days = _days_in_words(sorted(hours.days), context)
    return context.words.from_to.format(d=days, a=_short(hours.opens), b=closes)


def _short(at: time) -> str:
    return f"{at:%H:%M}" if at.minute else str(at.hour)


def _days_in_words(days: list[int], context: Context) -> str:
    if days == list(_MONDAY_TO_SUNDAY):
        return context.words.every_day
    # Any Monday: only the weekday's name is taken.
    monday = context.today - timedelta(days=context.today.weekday())
    names = [day_name(monday + timedelta(days=day), context.lang) for day in days]
    is_run = bool(days) and days == list(range(days[0], days[0] + len(days)))
    if is_run and len(days) > 2:
        return context.words.day_span.format(a=names[0], b=names[-1])
    return joined(names, context.lang)


def _live(hours: Hours, context: Context) -> tuple[State | None, Html | None]:
    """`Abierto ahora` and until when; nothing for what never closes, nothing when stale."""
    if context.is_stale or hours.is_always:
        return None, None
    words, now = context.words, context.view.at
    closes = hours.closes_at(now)
    if closes is not None:
        pill = State(css="is-ok", icon="", word=words.open_now)
        return pill, fill(words.until, t=context.time(closes))
    return State(css="is-nd", icon="", word=words.closed_now), _opens(hours, context)


def _opens(hours: Hours, context: Context) -> Html | None:
    opens = hours.opens_next(context.view.at)
    if opens is None:
        return None
    day = context.day(opens)
    ahead = (day - context.today).days
    words = context.words
    sentence = {0: words.opens_today, 1: words.opens_tomorrow}.get(ahead, words.opens_on)
    return fill(sentence, t=context.time(opens), d=on_weekday(day, context.lang))


def guide_title(context: Context, *, is_disrupted: bool) -> str:
    return context.words.guide_other if is_disrupted else context.words.guide_none

"""The page of one component: how it stands, its bars, and the tables behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.domain.availability import Seconds, has_coverage
from monitor.domain.catalogue import Role
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import breakdown_path
from monitor.i18n.formats import (
    capital,
    duration,
    month_and_year,
    percent,
    weekday_and_day,
)
from statuspage.pages.home import Card, Recent, cards_of
from statuspage.parts.answer import does
from statuspage.parts.charts.latency import LatencyChart, latency_charts
from statuspage.parts.context import Context
from statuspage.parts.days import SHOWN, Day, Kind, figure, not_counted
from statuspage.parts.episodes import episodes
from statuspage.parts.html import Html, escaped, fill
from statuspage.parts.months import Month, MonthVerdict, allowed_hundredths, guarantee_of
from statuspage.parts.services import share, share_since, share_withheld, with_coverage
from statuspage.parts.state import State, component_state, state_of
from statuspage.view.model import PublicComponent


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A day on which something happened: each thing with its state and its length."""

    day: str
    figures: tuple[State, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Where a share is taken apart, and what that link is called out of its table."""

    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    month: str
    share: str
    out: str
    allowed: str
    verdict: State | None
    note: str
    """Shown instead of a verdict."""
    breakdown: Opened | None = None
    """What its share is made of, once the month is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentPage:
    """`past_lead` stands instead of the lead once the data is old."""

    state: State
    title: str
    is_courtesy: bool
    lead: Html
    past_lead: str
    now: tuple[Card, ...]
    """What is wrong with it, and work on it that runs."""
    bars: Html
    share: str
    days: tuple[DayRow, ...]
    months: tuple[MonthRow, ...]
    latency: tuple[LatencyChart, ...]
    episodes: tuple[Recent, ...]


def component_page(component: PublicComponent, context: Context) -> ComponentPage:
    days = context.history.days[component.id]
    name = context.text(component.name)
    return ComponentPage(
        state=component_state(component, context),
        title=name,
        is_courtesy=component.role is Role.COURTESY,
        lead=_lead(component, context),
        past_lead=context.words.component_leads_past[component.shown],
        now=cards_of(component.id, context),
        bars=context.history.bars(component.id, context.lang, name),
        share=share(component, context),
        days=_days(component, days, context),
        months=tuple(
            replace(
                month_row(m, context), breakdown=archived_breakdown(component, m.first, context)
            )
            for m in context.history.months[component.id]
        ),
        latency=_latency(component, context),
        episodes=tuple(
            Recent(day=capital(weekday_and_day(e.day, context.lang)), episode=e)
            for e in episodes(context, component=component.id)
        ),
    )


def archived_breakdown(component: PublicComponent, first: date, context: Context) -> Opened | None:
    """Where the archive takes a component's month apart; None where it has no such page."""
    path = breakdown_path(first, component.id, context.lang)
    is_there = path in context.view.archive.addresses
    return opened_link(component, first, context) if is_there else None


def opened_link(component: PublicComponent, first: date, context: Context) -> Opened:
    words, lang = context.words.breakdown, context.lang
    return Opened(
        url=breakdown_path(first, component.id, lang),
        name=words.open_.format(x=context.text(component.name), t=month_and_year(first, lang)),
    )


def _latency(component: PublicComponent, context: Context) -> tuple[LatencyChart, ...]:
    """Drawn once a day: until then its source is the same object."""
    if not component.latency:
        return ()
    lang = context.lang
    return context.history.kept(
        ("latency", component.id, lang),
        (component.latency,),
        lambda: latency_charts(component.latency, lang),
    )


def month_row(month: Month, context: Context) -> MonthRow:
    """Components to which nothing happened have equal months."""
    return context.history.once((month, context.lang), lambda: _month(month, context))


def verdict_state(verdict: MonthVerdict, context: Context) -> State | None:
    """None where there is no verdict: see `MonthRow.note`."""
    words = context.words
    match verdict:
        case MonthVerdict.KEPT:
            return state_of(Shown.OPERATIONAL, context, word=words.kept)
        case MonthVerdict.BROKEN:
            return state_of(Shown.DOWN, context, word=words.broken)
        case MonthVerdict.REVIEW:
            return state_of(Shown.NO_DATA, context, word=words.review)
        case MonthVerdict.NONE | MonthVerdict.OPEN:
            return None


def verdict_note(month: Month, context: Context) -> str:
    if month.verdict is MonthVerdict.NONE:
        return context.words.no_guarantee
    is_current = month.window.start <= context.view.at < month.window.end
    return context.words.so_far if is_current else "—"


def _lead(component: PublicComponent, context: Context) -> Html:
    lead = _lead_of_shown(component, context)
    if not component.is_by_word:
        return lead
    return Html(f"{lead} {escaped(context.words.by_person_meaning)}")


def _lead_of_shown(component: PublicComponent, context: Context) -> Html:
    since = _since(component)
    words = context.words
    noticed = does(component, context.lang) if component.shown in (Shown.DOWN, Shown.SLOW) else ""
    if component.shown is Shown.OPERATIONAL and since is not None and not component.seen_to_begin:
        return fill(words.component_watched, t=context.the(since))
    if noticed and since is not None:
        lead = words.component_does[component.shown]
        if component.symptom is Symptom.UNNOTICED:
            lead = words.component_unnoticed
        return fill(lead, t=context.the(since), does=noticed)
    if since is None:
        return fill(words.component_lead_plain[component.shown])
    return fill(words.component_leads[component.shown], t=context.the(since))


def _since(component: PublicComponent) -> Second | None:
    """The time in the lead: the end of maintenance, else the start of what is shown."""
    match component.shown:
        case Shown.MAINTENANCE:
            return component.maintenance_until
        case Shown.NO_DATA:
            return component.no_data_since
        case _:
            return component.since


def _days(component: PublicComponent, days: Sequence[Day], context: Context) -> tuple[DayRow, ...]:
    """The days on which something happened, newest first."""
    seconds = {day.day: day.seconds for day in component.days}
    return tuple(_day(d, seconds[d.day], context) for d in reversed(days) if d.happened)


def _day(day: Day, seconds: Seconds, context: Context) -> DayRow:
    return DayRow(
        day=capital(weekday_and_day(day.day, context.lang)),
        figures=tuple(
            state_of(SHOWN[kind], context, word=word)
            for kind, length in day.happened
            for word in _figures(kind, length, seconds, context)
        ),
    )


def _figures(kind: Kind, length: int, seconds: Seconds, context: Context) -> Iterable[str]:
    """How long; of what two people took out, by its plain cause."""
    if kind is not Kind.EXCLUDED:
        return [figure(kind, length, context.lang)]
    return (said.removesuffix(".") for said in not_counted(seconds, context.words))


def _month(month: Month, context: Context) -> MonthRow:
    guarantee = guarantee_of(context.view)
    allowed = allowed_hundredths(month.window.seconds, guarantee) if guarantee else 0
    has_allowance = guarantee is not None and month.verdict is not MonthVerdict.NONE
    return MonthRow(
        month=capital(month_and_year(month.first, context.lang)),
        share=_share(month, context),
        out=duration(month.down),
        allowed=allowance(allowed) if has_allowance else "—",
        verdict=verdict_state(month.verdict, context),
        note=verdict_note(month, context),
    )


def _share(month: Month, context: Context) -> str:
    """`99,98 %`; of a part of the month, with its first day."""
    if not month.watched:
        return "—"
    if not has_coverage(month.watched, month.total, context.view.page.min_coverage):
        return share_withheld(month.watched, month.total, context)
    figure = percent(month.good, month.total, context.lang)
    share_text = figure if month.since is None else share_since(figure, month.since, context)
    return with_coverage(share_text, month.watched, month.total, context)


def allowance(in_hundredths: int) -> str:
    """`47 min 31 s`: truncated to the second, as all figures for reading are."""
    return duration(in_hundredths // 100)

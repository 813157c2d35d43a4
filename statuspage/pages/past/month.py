"""The page of one month that is over: what each component lost, what happened, what was said of it
before it was counted anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from monitor.domain.availability import has_coverage
from monitor.domain.catalogue import Role
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import breakdown_data_path, component_path, history_path
from monitor.i18n.formats import (
    capital,
    day_name,
    duration,
    joined,
    long_date,
    month_and_year,
    percent,
)
from statuspage.pages.component import MonthRow, Opened, month_row, opened_link
from statuspage.pages.history import MonthLink, guarantee_sentence, month_link
from statuspage.parts.charts.bars import month_bars
from statuspage.parts.charts.latency import LatencyRow, latency_rows
from statuspage.parts.context import Context
from statuspage.parts.days import Day, Kind
from statuspage.parts.episodes import Episode, incident_episode, maintenance_episode
from statuspage.parts.html import Html
from statuspage.view.closed_month import ClosedMonth, after, before
from statuspage.view.model import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    Recount,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRow:
    """One component's month; `url` None where it has no page any more."""

    name: str
    url: str | None
    is_courtesy: bool
    bars: Html
    figures: MonthRow
    former: tuple[str, ...]
    """What was said of it before, newest first."""
    breakdown: Opened | None
    """What its figure is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Components to which nothing happened: `is_perfect` where each was watched all the time."""

    count: int
    names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    day: str
    episode: Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    title: str
    guarantee: str
    earlier: MonthLink | None
    later: MonthLink
    history: MonthLink
    unwatched: str
    """Why days are grey; empty where none is."""
    rows: tuple[ComponentRow, ...]
    quiet: Quiet | None
    quiet_share: str
    latency: tuple[LatencyRow, ...]
    lines: tuple[Line, ...]
    data: MonthLink
    """What all figures are made of, for programs."""


def month_title(month: ClosedMonth, context: Context) -> str:
    return capital(month_and_year(month.first, context.lang))


def month_page(month: ClosedMonth, context: Context) -> MonthPage:
    days = context.history.days
    eventful = [c for c in context.view.components if _is_told(c, days[c.id], month)]
    opened = {breakdown.component.id for breakdown in month.opened}
    quiet = [c for c in context.view.components if c not in eventful]
    return MonthPage(
        title=month_title(month, context),
        guarantee=guarantee_sentence(context),
        earlier=month_link(before(month.first), context.lang) if month.has_earlier else None,
        later=month_link(after(month.first), context.lang),
        history=MonthLink(name=context.words.history, url=history_path(context.lang)),
        unwatched=_unwatched(context),
        rows=tuple(_row(c, month, opened, context) for c in eventful),
        quiet=_quiet(quiet, context),
        quiet_share=_quiet_share(len(eventful), len(quiet), context),
        latency=tuple(
            row
            for c in context.view.components
            for row in latency_rows(context.text(c.name), c.latency, context.lang)
        ),
        lines=tuple(_lines(month, context)),
        data=MonthLink(
            name=context.words.breakdown.data.format(x=month_and_year(month.first, context.lang)),
            url=breakdown_data_path(month.first),
        ),
    )


def _is_told(component: PublicComponent, days: Iterable[Day], month: ClosedMonth) -> bool:
    """Whether it has a row of its own: something happened to it, it was not watched all the time,
    or something else was said of it once."""
    is_recounted = any(said.component == component.id for said in month.recounts)
    seconds = component.total
    return (
        is_recounted
        or bool(seconds.down or seconds.unknown)
        or any(day.kind is not Kind.QUIET for day in days)
    )


def _row(
    component: PublicComponent,
    month: ClosedMonth,
    opened: Collection[ComponentId],
    context: Context,
) -> ComponentRow:
    name = context.text(component.name)
    days = context.history.days[component.id]
    said = [r for r in month.recounts if r.component == component.id]
    (figures,) = context.history.months[component.id] or (None,)
    return ComponentRow(
        name=name,
        url=component_path(component.id, context.lang) if component.id in context.known else None,
        is_courtesy=component.role is Role.COURTESY,
        bars=month_bars(days, context.lang, name=name),
        figures=_unborn_row(month, context) if figures is None else month_row(figures, context),
        former=tuple(former_figure(r, context) for r in reversed(said)),
        breakdown=opened_link(component, month.first, context) if component.id in opened else None,
    )


def _unborn_row(month: ClosedMonth, context: Context) -> MonthRow:
    """Of one that the configuration had before it was first watched."""
    return MonthRow(
        month=month_title(month, context), share="—", out="—", allowed="—", verdict=None, note="—"
    )


def former_figure(said: Recount, context: Context) -> str:
    """`Hasta el 3 de diciembre de 2026 decía: 1 h 2 min sin servicio, 99,86 %.`"""
    words = context.words
    out = words.out_for.format(d=duration(said.down))
    unseen = words.without_data.format(d=duration(said.unknown))
    return words.said_until.format(
        t=long_date(context.day(said.at), context.lang),
        d=f"{out}, {unseen}" if said.unknown else out,
        p=_former_share(said, context),
    )


def _former_share(said: Recount, context: Context) -> str:
    """As it stood in the table: a dash where too little was watched."""
    if not has_coverage(said.total - said.unknown, said.total, context.view.page.min_coverage):
        return "—"
    return percent(said.total - said.down, max(1, said.total), context.lang)


def _quiet(components: Iterable[PublicComponent], context: Context) -> Quiet | None:
    names = [context.text(c.name) for c in components]
    return Quiet(count=len(names), names=joined(names, context.lang)) if names else None


def _quiet_share(told: int, quiet: int, context: Context) -> str:
    """`Los otros 15 servicios: 100 %`; of all, that none had interruptions."""
    words = context.words
    if not told:
        return words.all_perfect
    return words.others_perfect[quiet > 1].format(n=quiet) if quiet else ""


def _unwatched(context: Context) -> str:
    """`Los días en gris son de antes de que empezáramos a controlar cada servicio.`"""
    drawn = context.history.days.values()
    is_grey = any(day.kind is Kind.UNBORN for days in drawn for day in days)
    return context.words.grey_days if is_grey else ""


def _lines(month: ClosedMonth, context: Context) -> Iterable[Line]:
    """Newest first, each with its day."""
    told = (_episode(one, context) for one in month.told)
    for episode in sorted(told, key=lambda e: Second(-e.start)):
        name = capital(day_name(episode.day, context.lang))
        yield Line(day=f"{name} {episode.day.day}", episode=episode)


def _episode(told: PublicIncident | PublicMaintenance, context: Context) -> Episode:
    if isinstance(told, PublicIncident):
        return incident_episode(told, context)
    return maintenance_episode(told, context)

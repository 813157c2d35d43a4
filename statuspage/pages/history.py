"""The history: month by month, what each service lost and what happened, over 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from monitor.domain.availability import has_coverage
from monitor.domain.catalogue import Role
from monitor.i18n.addresses import component_path, month_path
from monitor.i18n.formats import (
    Lang,
    capital,
    day_name,
    duration,
    joined,
    month_and_year,
    month_name,
    percent,
    rough_duration,
)
from statuspage.pages.component import (
    Opened,
    allowance,
    archived_breakdown,
    verdict_note,
    verdict_state,
)
from statuspage.parts.context import Context
from statuspage.parts.episodes import Episode, episodes
from statuspage.parts.months import (
    Month,
    MonthVerdict,
    allowed_hundredths,
    guarantee_of,
    is_whole,
    month_window,
)
from statuspage.parts.state import State
from statuspage.view.model import ArchiveLinks, PublicComponent

_HALF = Fraction(1, 2)
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What a service has lost of what it may lose; `filled` is of 100, and at most 100."""

    name: str
    css: str
    out: str
    of: str
    filled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One line of a past month's table; only services that lost something have one."""

    name: str
    url: str
    is_courtesy: bool
    share: str
    out: str
    verdict: State | None
    note: str
    breakdown: Opened | None
    """What its share is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEpisode:
    day: str
    episode: Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLink:
    """`Octubre de 2026`, with its own page."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSection:
    """A whole month has `losses` and `others`, the one in progress `meters` and `unseen`. A month
    of which only a part is in the 90 days has its episodes alone. `page` is its own, once it has
    one."""

    anchor: str
    name: str
    pill: State | None
    is_current: bool
    is_whole: bool
    page: MonthLink | None
    each_may: str
    caption: str
    meters: tuple[Meter, ...]
    losses: tuple[Loss, ...]
    unseen: str
    others: str
    other_names: str
    episodes: tuple[MonthEpisode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """`earlier` are the months that have a page of their own and no section here."""

    guarantee: str
    months: tuple[MonthSection, ...]
    earlier: tuple[MonthLink, ...]


def history_page(context: Context) -> HistoryPage:
    firsts = _firsts(context)
    archive = context.view.archive
    return HistoryPage(
        guarantee=guarantee_sentence(context),
        months=tuple(_section(first, context) for first in firsts),
        earlier=_earlier(archive, firsts[-1], context.lang) if archive.months else (),
    )


@lru_cache(maxsize=8)
def _earlier(archive: ArchiveLinks, oldest: date, lang: Lang) -> tuple[MonthLink, ...]:
    """Newest first."""
    return tuple(month_link(first, lang) for first in archive.months if first < oldest)


def month_link(first: date, lang: Lang) -> MonthLink:
    return MonthLink(name=capital(month_and_year(first, lang)), url=month_path(first, lang))


def guarantee_sentence(context: Context) -> str:
    figure = guarantee_figure(context)
    return context.words.guarantee_is.format(p=figure) if figure else ""


def guarantee_figure(context: Context) -> str:
    """`99,89 %`; empty where nothing is promised."""
    guarantee = guarantee_of(context.view)
    if guarantee is None:
        return ""
    return percent(guarantee.numerator, guarantee.denominator, context.lang)


def _firsts(context: Context) -> list[date]:
    """The first day of each month that was watched or has episodes, newest first. The page
    knows nothing of a month before all components, so it does not call such a month quiet."""
    found = {context.today.replace(day=1)}
    found |= {
        month.first for c in context.view.components for month in context.history.months[c.id]
    }
    found |= {e.day.replace(day=1) for e in episodes(context)}
    return sorted(found, reverse=True)


def _section(first: date, context: Context) -> MonthSection:
    view = context.view
    window = month_window(first, view.zone)
    lost = [
        (c, m) for c in view.components for m in context.history.months[c.id] if m.first == first
    ]
    whole = [(c, m) for c, m in lost if is_whole(m, view)]
    is_current = view.at in window
    guarantee = guarantee_of(view)
    allowed = allowed_hundredths(window.seconds, guarantee) if guarantee is not None else None
    said = lost if is_current else whole
    unseen = [(c, m) for c, m in said if m.is_unseen]
    # A table has a share for each; of the month in progress a line of its own names the unseen.
    out = [(c, m) for c, m in said if m.down or (m.is_unseen and not is_current)]
    out.sort(key=lambda pair: -pair[1].down)
    quiet = [c for c, m in said if not m.down and not m.is_unseen]
    name = month_and_year(first, context.lang)
    return MonthSection(
        anchor=f"m{first:%Y-%m}",
        name=capital(name),
        pill=_pill(context, is_current=is_current, is_whole=bool(whole)),
        is_current=is_current,
        is_whole=bool(whole),
        page=_page(first, name, context) if first in view.archive.months else None,
        each_may=_each_may(first, allowed, context),
        caption=_caption(first, allowed, context),
        meters=tuple(_meter(c, m, allowed, context) for c, m in out) if is_current else (),
        losses=() if is_current else tuple(_loss(c, m, context) for c, m in out),
        others=_others(len(out) or len(unseen), len(quiet), context, is_current=is_current),
        unseen=_unseen(unseen, context) if is_current else "",
        other_names=joined([context.text(c.name) for c in quiet], context.lang) if out else "",
        episodes=_episodes(first, context),
    )


def _page(first: date, name: str, context: Context) -> MonthLink:
    words = context.words.whole_month.format(x=name)
    return MonthLink(name=words, url=month_path(first, context.lang))


def _pill(context: Context, *, is_current: bool, is_whole: bool) -> State | None:
    if is_current:
        return State(css="is-maint", icon="", word=context.words.current_month)
    return State(css="is-nd", icon="", word=context.words.past_month) if is_whole else None


def _each_may(first: date, allowed: int | None, context: Context) -> str:
    if allowed is None:
        return ""
    month = month_name(first.month, context.lang)
    return context.words.each_may.format(d=allowance(allowed), x=month)


def _caption(first: date, allowed: int | None, context: Context) -> str:
    month = month_name(first.month, context.lang)
    if allowed is None:
        return context.words.table_caption_plain.format(x=month)
    return context.words.table_caption.format(x=month, d=allowance(allowed))


def _meter(
    component: PublicComponent, month: Month, allowed: int | None, context: Context
) -> Meter:
    name, out, words = context.text(component.name), duration(month.down), context.words
    if allowed is None or component.role is Role.COURTESY:
        promise = words.no_guarantee.lower()
        return Meter(name=name, css="is-nd", out=out, of=promise, filled="")
    used = Fraction(month.down * 100, max(1, allowed))
    css = "is-down" if used > 1 else "is-fix" if used > _HALF else "is-ok"
    return Meter(
        name=name,
        css=css,
        out=out,
        of=words.of_allowed.format(d=allowance(allowed)),
        filled=f"{float(min(used, Fraction(1)) * 100):.1f}",
    )


def _loss(component: PublicComponent, month: Month, context: Context) -> Loss:
    return Loss(
        name=context.text(component.name),
        url=component_path(component.id, context.lang),
        is_courtesy=month.verdict is MonthVerdict.NONE,
        share=_share(month, context),
        out=duration(month.down),
        verdict=verdict_state(month.verdict, context),
        note=verdict_note(month, context),
        breakdown=archived_breakdown(component, month.first, context),
    )


def _share(month: Month, context: Context) -> str:
    """Beside the time out, which is exact; a dash where too little of the month was watched."""
    least = context.view.page.min_coverage
    if not has_coverage(month.watched, month.total, least):
        return "—"
    return percent(month.good, month.total, context.lang)


def _others(out: int, quiet: int, context: Context, *, is_current: bool) -> str:
    """`Los otros 15 servicios: 100 %`; of all, that none had interruptions."""
    words = context.words
    if not out:
        return words.all_perfect if quiet else ""
    if not quiet:
        return ""
    forms = words.others_quiet if is_current else words.others_perfect
    return forms[quiet > 1].format(n=quiet)


def _unseen(unseen: Sequence[tuple[PublicComponent, Month]], context: Context) -> str:
    """`Sin datos: Sitios (1 h) y Correo. Ese tiempo no lo pudimos comprobar.` One of which
    nothing was seen stands without a length, which would be another with each minute."""
    if not unseen:
        return ""
    words = context.words
    if len(unseen) > _MOST_NAMED:
        longest = rough_duration(max(month.unknown for _, month in unseen))
        return words.unseen_many.format(n=len(unseen), d=longest)
    named = [
        f"{context.text(c.name)} ({rough_duration(m.unknown)})"
        if m.watched > 0
        else context.text(c.name)
        for c, m in unseen
    ]
    return words.unseen.format(x=joined(named, context.lang))


def _episodes(first: date, context: Context) -> tuple[MonthEpisode, ...]:
    found: Sequence[Episode] = [e for e in episodes(context) if e.day.replace(day=1) == first]
    return tuple(
        MonthEpisode(day=f"{capital(day_name(e.day, context.lang))} {e.day.day}", episode=e)
        for e in found
    )

"""The list of services: groups, their components, and 90 days of bars for each."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from monitor.domain.availability import has_coverage
from monitor.domain.catalogue import Role
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import component_path
from monitor.i18n.formats import day_of_month, percent
from statuspage.parts.charts.bars import bars
from statuspage.parts.context import Context
from statuspage.parts.days import Day, worst_days
from statuspage.parts.html import Html
from statuspage.parts.state import State, component_state, group_state
from statuspage.view.model import PublicComponent, PublicService, PublicView

UNNOTICED_S = 120
"""A new component waits so long for its first result. Its first half hour would state another
share of watched time in every minute, and each page of each component be rendered anew for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    url: str
    is_courtesy: bool
    state: State
    bars: Html
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Open where a member is not operational, so that its state is seen without a click. One that
    `is_single` is shown as its only member: there is nothing to open."""

    name: str
    size: str
    state: State
    is_open: bool
    is_single: bool
    bars: Html
    rows: tuple[Row, ...]


def groups(context: Context) -> tuple[Group, ...]:
    """They look the same however old the data is."""
    return context.history.once(
        ("groups", context.lang),
        lambda: tuple(_group(service, context) for service in context.view.services),
    )


def operational_line(view: PublicView, context: Context) -> str:
    """`16 de 18 operativos.`"""
    found = sum(c.shown is Shown.OPERATIONAL for c in view.components)
    return context.words.operational_of.format(n=found, m=len(view.components))


def share(component: PublicComponent, context: Context) -> str:
    """`99,98 % en 90 días`; of a younger component, `99,93 % desde el 12 de noviembre`. A first day
    has no share: minutes that were all good are no availability."""
    born = component.created_at
    first = bisect_right(component.days, born, key=lambda day: day.window.end)
    watched, seconds = len(component.days) - first, component.total
    if not watched or not seconds.watched:
        return context.words.no_share
    if watched == 1:
        return context.words.share_today
    unwatched = max(0, component.created_at - component.days[0].window.start)
    total = seconds.total - unwatched
    if not has_coverage(seconds.watched, total, context.view.page.min_coverage):
        return share_withheld(seconds.watched, total, context)
    figure = percent(total - seconds.down, total, context.lang)
    if unwatched:
        text = share_since(figure, component.created_at, context)
    else:
        text = context.words.share_in_days.format(p=figure, n=watched)
    return with_coverage(text, seconds.watched, total, context)


def share_withheld(watched_s: int, total_s: int, context: Context) -> str:
    """In place of a share that would be of too little of its time."""
    return context.words.share_withheld.format(c=_coverage(watched_s, total_s))


def _coverage(watched_s: int, total_s: int) -> str:
    """In whole per cent, so that a page does not change from minute to minute."""
    return str(watched_s * 100 // total_s) if watched_s * 100 >= total_s else "<1"


def with_coverage(text: str, watched_s: int, total_s: int, context: Context) -> str:
    """A share, with how much of its time was watched where that is noticeably less than all."""
    if watched_s * 100 > total_s * 99 or total_s - watched_s <= UNNOTICED_S:
        return text
    return context.words.share_of_watched.format(s=text, c=_coverage(watched_s, total_s))


def share_since(figure: str, since: Second, context: Context) -> str:
    """A share that is of less than the time it stands beside."""
    day = day_of_month(context.day(since), context.lang)
    return context.words.share_since.format(p=figure, day=day)


def _group(service: PublicService, context: Context) -> Group:
    words = context.words
    members = service.components
    size = words.services_count[len(members) > 1].format(n=len(members))
    return Group(
        name=context.text(service.name),
        size=size,
        state=group_state(members, context),
        is_open=any(c.shown is not Shown.OPERATIONAL for c in members),
        is_single=len(members) == 1,
        bars=bars(_worst_days(service, context), context.lang, name=None),
        rows=tuple(_row(c, context) for c in members),
    )


def _worst_days(service: PublicService, context: Context) -> tuple[Day, ...]:
    members = tuple(context.history.days[c.id] for c in service.components)
    return context.history.kept(("worst", service.id), members, lambda: worst_days(members))


def _row(component: PublicComponent, context: Context) -> Row:
    name = context.text(component.name)
    return Row(
        name=name,
        url=component_path(component.id, context.lang),
        is_courtesy=component.role is Role.COURTESY,
        state=component_state(component, context),
        bars=context.history.bars(component.id, context.lang, name),
        share=share(component, context),
    )

"""How availability is calculated, with the figures of the month in progress."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.catalogue import Role
from monitor.domain.rollup import Shown
from monitor.domain.time.calendar import at_zone
from monitor.i18n.addresses import history_path
from monitor.i18n.formats import count, day_of_month, hundredths, joined, month_and_year, percent
from statuspage.pages.history import MonthLink, guarantee_figure, month_link
from statuspage.parts.context import Context
from statuspage.parts.months import allowed_hundredths, guarantee_of, month_window
from statuspage.parts.state import State, state_of

_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityPage:
    """`parts` are the four that a second may fall into, each with what it means; `sums` are
    (label, line) pairs."""

    title: str
    lead: str
    parts: tuple[tuple[State, str], ...]
    sum_title: str
    sums: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    has_guarantee: bool
    ticket_url: str | None
    months: tuple[MonthLink, ...]
    """The newest that are over: there each figure is taken apart."""
    history_url: str


def availability_page(context: Context) -> AvailabilityPage:
    words = context.words
    promised = guarantee_figure(context)
    month = month_and_year(context.today.replace(day=1), context.lang)
    return AvailabilityPage(
        title=words.calc_title,
        lead=words.calc_lead.format(p=promised) if promised else words.calc_lead_plain,
        parts=_parts(context),
        sum_title=words.sum_title.format(x=month),
        sums=_sums(context, month),
        rules=_rules(context),
        has_guarantee=bool(promised),
        ticket_url=context.view.page.support_url,
        months=tuple(
            month_link(first, context.lang) for first in context.view.archive.months[:_MONTHS]
        ),
        history_url=history_path(context.lang),
    )


def _parts(context: Context) -> tuple[tuple[State, str], ...]:
    words = context.words
    return (
        (state_of(Shown.OPERATIONAL, context, word=words.in_service), words.in_service_note),
        (state_of(Shown.DOWN, context, word=words.out_of_service), words.out_note),
        (state_of(Shown.MAINTENANCE, context, word=words.excluded), words.excluded_note),
        (state_of(Shown.NO_DATA, context), words.no_data_note),
    )


def _sums(context: Context, month: str) -> tuple[tuple[str, str], ...]:
    words, lang = context.words, context.lang
    window = month_window(context.today.replace(day=1), context.view.zone)
    last = at_zone(window.end, context.view.zone).date()
    sums = [
        (
            words.sum_month.format(x=month),
            words.sum_month_value.format(
                a=day_of_month(context.today.replace(day=1), lang),
                b=day_of_month(last, lang),
                n=count(window.seconds, lang),
            ),
        )
    ]
    guarantee = guarantee_of(context.view)
    if guarantee is not None:
        missing = 1 - guarantee
        part = percent(missing.numerator, missing.denominator, lang)
        allowed = hundredths(allowed_hundredths(window.seconds, guarantee), lang)
        sum_ = f"{count(window.seconds, lang)} × {part} = {allowed}"
        sums.append((words.sum_allowed.format(p=part), sum_))
        sums.append((words.sum_compare, words.sum_compare_value.format(n=allowed)))
    sums.append((words.sum_share, words.sum_share_value))
    return tuple(sums)


def _rules(context: Context) -> tuple[str, ...]:
    courtesy = [context.text(c.name) for c in context.view.components if c.role is Role.COURTESY]
    if not courtesy:
        return context.words.rules
    names = joined(courtesy, context.lang)
    return (*context.words.rules, context.words.rule_courtesy.format(x=names))

"""The pages of a month that is over: its own, what each component's figure is made of, and those of
what began in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from monitor.domain.time.interval import Second
from monitor.i18n.addresses import breakdown_path, month_path
from statuspage.pages.index import Page, page_of_incident, page_of_window
from statuspage.pages.past.breakdown import breakdown_page, breakdown_title
from statuspage.pages.past.month import month_page, month_title
from statuspage.view.breakdown import Breakdown
from statuspage.view.closed_month import ClosedMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPage:
    """`at` is the end of what it tells: the zone's offset is that of then."""

    page: Page
    at: Second


def closed_pages(month: ClosedMonth) -> Iterator[ClosedPage]:
    if month.is_over:
        yield ClosedPage(page=_month(month), at=month.view.at)
        for breakdown in month.opened:
            yield ClosedPage(page=_breakdown(breakdown, month), at=month.view.at)
    for incident in month.incidents:
        yield ClosedPage(
            page=page_of_incident(incident), at=incident.resolved_at or incident.updated_at
        )
    for window in month.windows:
        yield ClosedPage(page=page_of_window(window), at=window.updated_at)


def _month(month: ClosedMonth) -> Page:
    return Page(
        template="month.html",
        address=partial(month_path, month.first),
        section="history",
        model=partial(month_page, month),
        title=lambda context: context.words.history_of.format(x=month_title(month, context)),
    )


def _breakdown(breakdown: Breakdown, month: ClosedMonth) -> Page:
    return Page(
        template="breakdown.html",
        address=partial(breakdown_path, month.first, breakdown.component.id),
        section="history",
        model=partial(breakdown_page, breakdown, month),
        title=partial(breakdown_title, breakdown, month),
    )

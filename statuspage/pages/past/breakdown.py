"""What one component's month is made of: the sum, then every stretch that was not plain service."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from monitor.domain.availability import Bucket, has_coverage
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import (
    breakdown_data_path,
    component_path,
    incident_path,
    maintenance_path,
)
from monitor.i18n.formats import (
    capital,
    clock_time,
    count,
    duration,
    hundredths,
    month_and_year,
    percent,
    weekday_and_day,
)
from monitor.i18n.forms.page import BreakdownWords
from monitor.i18n.words import SYMPTOMS
from statuspage.pages.component import verdict_note, verdict_state
from statuspage.pages.history import MonthLink, month_link
from statuspage.pages.past.document import component_document, exclusion_words
from statuspage.pages.past.month import former_figure
from statuspage.parts.context import Context
from statuspage.parts.html import Html, escaped, fill, html
from statuspage.parts.maintenance_record import span_in_words
from statuspage.parts.months import Month, MonthVerdict, allowed_hundredths, guarantee_of
from statuspage.parts.services import share_withheld
from statuspage.parts.state import State, state_of
from statuspage.view.breakdown import Breakdown, Stretch
from statuspage.view.closed_month import ClosedMonth
from statuspage.view.model import PublicMaintenance

_SHOWN = {
    Bucket.DOWN: Shown.DOWN,
    Bucket.DEGRADED: Shown.SLOW,
    Bucket.EXCLUDED: Shown.MAINTENANCE,
    Bucket.UNKNOWN: Shown.NO_DATA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchRow:
    """`counts` says what it is in the sum; `notes` why, and how exactly its beginning is known."""

    start: Html
    end: Html
    length: str
    counts: State
    notes: tuple[Html, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    url: str
    title: Html
    notes: tuple[Html, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownPage:
    """`sums` are (label, line) pairs; `sha256` is that of the component's part of the data."""

    title: str
    lead: str
    month: MonthLink
    component_url: str | None
    name: str
    sums: tuple[tuple[str, str], ...]
    verdict: State | None
    verdict_note: str
    rows: tuple[StretchRow, ...]
    rest: str
    works: tuple[WorkRow, ...]
    former: tuple[str, ...]
    data_url: str
    download: str
    sha256: str


def breakdown_title(breakdown: Breakdown, month: ClosedMonth, context: Context) -> str:
    """`Servidor web 1 en octubre de 2026`."""
    return _words(context).title.format(
        x=context.text(breakdown.component.name), t=month_and_year(month.first, context.lang)
    )


def breakdown_page(breakdown: Breakdown, month: ClosedMonth, context: Context) -> BreakdownPage:
    component, words = breakdown.component, _words(context)
    (figures,) = context.history.months[component.id]
    share = _share(breakdown, context)
    said = [r for r in month.recounts if r.component == component.id]
    return BreakdownPage(
        title=breakdown_title(breakdown, month, context),
        lead=words.lead.format(p=share),
        month=month_link(month.first, context.lang),
        component_url=component_path(component.id, context.lang)
        if component.id in context.known
        else None,
        name=context.text(component.name),
        sums=tuple(_sums(breakdown, figures, share, context)),
        verdict=verdict_state(figures.verdict, context),
        verdict_note=verdict_note(figures, context),
        rows=tuple(_row(s, context) for s in breakdown.stretches if s.bucket is not Bucket.UP),
        rest=_rest(breakdown, context),
        works=tuple(_work(window, context) for window in breakdown.maintenance),
        former=tuple(former_figure(r, context) for r in reversed(said)),
        data_url=breakdown_data_path(month.first),
        download=words.download.format(x=month_and_year(month.first, context.lang)),
        sha256=str(component_document(breakdown, month)["sha256"]),
    )


def _words(context: Context) -> BreakdownWords:
    return context.words.breakdown


def _share(breakdown: Breakdown, context: Context) -> str:
    seconds = breakdown.seconds
    if not has_coverage(seconds.watched, seconds.total, context.view.page.min_coverage):
        return share_withheld(seconds.watched, seconds.total, context)
    return percent(seconds.total - seconds.down, seconds.total, context.lang)


def _sums(
    breakdown: Breakdown, figures: Month, share: str, context: Context
) -> list[tuple[str, str]]:
    words, lang, seconds = _words(context), context.lang, breakdown.seconds
    total, down = count(seconds.total, lang), count(seconds.down, lang)
    window = breakdown.window
    sums = [
        (
            words.sum_month,
            words.sum_month_value.format(
                a=_plain_moment(window.start, context),
                b=_plain_moment(window.end, context),
                n=total,
            ),
        ),
        (words.sum_down, words.seconds.format(n=down)),
    ]
    if seconds.excluded:
        sums.append((words.sum_excluded, words.seconds.format(n=count(seconds.excluded, lang))))
    if seconds.unknown:
        sums.append((words.sum_unknown, words.seconds.format(n=count(seconds.unknown, lang))))
    sums.append((words.sum_share, f"({total} − {down}) ÷ {total} = {share}"))
    guarantee = guarantee_of(context.view)
    if guarantee is not None and figures.verdict not in (MonthVerdict.NONE, MonthVerdict.OPEN):
        sums.append((words.sum_allowed, _allowed(window, guarantee, context)))
    return sums


def _allowed(window: Interval, guarantee: Fraction, context: Context) -> str:
    missing, lang = 1 - guarantee, context.lang
    allowed = hundredths(allowed_hundredths(window.seconds, guarantee), lang)
    part = percent(missing.numerator, missing.denominator, lang)
    total, unit = count(window.seconds, lang), _words(context).seconds
    return f"{unit.format(n=total)} × {part} = {unit.format(n=allowed)}"


def _row(stretch: Stretch, context: Context) -> StretchRow:
    return StretchRow(
        start=_moment(stretch.start, context),
        end=_moment(stretch.end, context),
        length=duration(stretch.seconds),
        counts=state_of(
            _SHOWN[stretch.bucket], context, word=_words(context).counts[stretch.bucket.value]
        ),
        notes=tuple(_notes(stretch, context)),
    )


def _notes(stretch: Stretch, context: Context) -> list[Html]:
    words, notes = _words(context), []
    if stretch.exclusion:
        notes.append(fill(words.because, x=exclusion_words(stretch.exclusion, context.lang)))
    if stretch.symptom is not None:
        phrase = SYMPTOMS[context.lang][stretch.symptom].phrase
        notes.append(escaped(capital(phrase) + "."))
    unexplained = words.unexplained.get(stretch.bucket.value)
    if unexplained and not notes:
        notes.append(escaped(unexplained))
    if stretch.is_inferred:
        notes.append(escaped(words.inferred))
    if stretch.not_before is not None:
        notes.append(fill(words.not_before, t=_moment(stretch.not_before, context)))
    if stretch.incident is not None:
        id_, title = stretch.incident
        url = incident_path(id_, context.lang)
        notes.append(html('<a href="{url}">{title}</a>', url=url, title=context.marked(title)))
    return notes


def _rest(breakdown: Breakdown, context: Context) -> str:
    """What is in no row: the time in which it worked."""
    words, up = _words(context), breakdown.seconds.up
    said = words.all_worked if up == breakdown.seconds.total else words.rest
    return said.format(d=duration(up), n=count(up, context.lang)) if up else ""


def _work(window: PublicMaintenance, context: Context) -> WorkRow:
    words = _words(context)
    planned = Interval(window.start, window.end)
    notes = [
        escaped(span_in_words(planned, context.lang, context.view.zone)),
        fill(words.published, t=_moment(window.published_at, context)),
    ]
    if window.is_cancelled:
        notes.append(escaped(words.cancelled))
    return WorkRow(
        url=maintenance_path(window.id, context.lang),
        title=context.marked(window.title),
        notes=tuple(notes),
    )


def _moment(at: Second, context: Context) -> Html:
    """`14:07:00 del jueves 15 de octubre`."""
    day = weekday_and_day(context.day(at), context.lang)
    time = context.time(at, with_seconds=True)
    return fill(context.words.time_on_day, t=time, d=day)


def _plain_moment(at: Second, context: Context) -> str:
    day = weekday_and_day(context.day(at), context.lang)
    shown = clock_time(at, context.view.zone, with_seconds=True)
    return context.words.time_on_day.format(t=shown, d=day)

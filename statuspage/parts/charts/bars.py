"""The 90 bars as an SVG, or those of a month: one path for every quiet day, one for all days before
the component was watched, one more for each other day.

The stylesheet dashes a path's run of days into days and gives each class its height and colour;
one unit of height is one pixel, one unit of width one day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from monitor.i18n.formats import Lang, day_of_month
from monitor.i18n.words import PAGE
from statuspage.parts.days import Day, Kind, figure
from statuspage.parts.html import Html, html

_SPAN = 90
# The middle of each stroke above the ground line, which lies at 28.
_MIDDLES = {
    Kind.QUIET: (23.0,),
    Kind.SLOW: (20.5,),
    Kind.MAINTENANCE: (16.25, 24.75),
    Kind.EXCLUDED: (16.25, 24.75),
    Kind.NO_DATA: (14.5, 20.5, 26.5),
    Kind.DOWN_SHORT: (19.0,),
    Kind.DOWN: (16.5,),
    Kind.DOWN_LONG: (14.0,),
}


def bars(days: Sequence[Day], lang: Lang, *, name: str | None) -> Html:
    """The SVG. With a name, its label says everything; without one, it is mere decoration."""
    label = (
        html('role="img" aria-label="{label}"', label=bars_label(days, lang, name))
        if name
        else Html('aria-hidden="true"')
    )
    return _svg(days, lang, label, css="bars", span=_SPAN)


def month_bars(days: Sequence[Day], lang: Lang, *, name: str) -> Html:
    """The SVG of one month, whose days are as many as it has."""
    label = html(
        'role="img" aria-label="{label}"',
        label=bars_label(days, lang, name, head=PAGE[lang].bars_month_head),
    )
    return _svg(days, lang, label, css="bars month", span=len(days))


def _svg(days: Sequence[Day], lang: Lang, label: Html, *, css: str, span: int) -> Html:
    offset = span - len(days)
    drawn = [_quiet(days, offset), *_others(days, lang, offset)]
    if days and days[0].kind is Kind.UNBORN:
        drawn.insert(0, _unborn(days, lang, offset))
    return html(
        '<svg class="{css}" viewBox="0 0 {span} 28" preserveAspectRatio="none" {label}>'
        "{paths}</svg>",
        css=css,
        span=span,
        label=label,
        paths=Html("".join(drawn)),
    )


def bars_label(days: Sequence[Day], lang: Lang, name: str, *, head: str = "") -> str:
    """Every day on which something happened, newest first."""
    words = PAGE[lang]
    eventful = [
        f"{day_of_month(d.day, lang)}: {figure(d.kind, d.seconds, lang)}"
        for d in reversed(days)
        if d.is_eventful
    ]
    watched = [d.day for d in days if d.kind is not Kind.UNBORN]
    parts = [
        (head or words.bars_head).format(name=name, n=len(days)),
        *(["; ".join(eventful) + "."] if eventful else []),
    ]
    if any(d.kind is Kind.QUIET for d in days):
        parts.append(words.bars_others_quiet if eventful else words.bars_all_quiet)
    if watched and len(watched) < len(days):
        parts.append(words.bars_before.format(day=day_of_month(watched[0], lang)))
    return " ".join(parts)


def _unborn(days: Sequence[Day], lang: Lang, offset: int) -> Html:
    """One path for the days before the component was watched, which are the first."""
    count = 0
    for day in days:
        if day.kind is not Kind.UNBORN:
            break
        count += 1
    return _grey(offset, count, days[count].day if count < len(days) else None, lang)


@lru_cache(maxsize=256)
def _grey(offset: int, count: int, watched_from: date | None, lang: Lang) -> Html:
    """The same for all components that began to be watched on a day."""
    words = PAGE[lang]
    began = "" if watched_from is None else day_of_month(watched_from, lang)
    return html(
        '<path class="b-un" d="M{offset} 27h{count}"><title>{title}</title></path>',
        offset=offset,
        count=count,
        title=words.bars_before.format(day=began) if began else words.bars_unborn,
    )


def _quiet(days: Sequence[Day], offset: int) -> Html:
    """One path: `M0 23h22` is twenty-two quiet days from the first."""
    runs: list[list[int]] = []
    for place, day in enumerate(days, start=offset):
        if day.kind is not Kind.QUIET:
            continue
        if runs and runs[-1][0] + runs[-1][1] == place:
            runs[-1][1] += 1
        else:
            runs.append([place, 1])
    if not runs:
        return Html("")
    drawn = "".join(f"M{start} 23h{length}" for start, length in runs)
    return html('<path class="b-ok" d="{drawn}"/>', drawn=drawn)


def _others(days: Sequence[Day], lang: Lang, offset: int) -> Iterator[Html]:
    for place, day in enumerate(days, start=offset):
        if day.is_eventful:
            drawn = "".join(f"M{place} {middle:g}h1" for middle in _MIDDLES[day.kind])
            title = f"{day_of_month(day.day, lang)}: {figure(day.kind, day.seconds, lang)}"
            yield html(
                '<path class="{css}" d="{drawn}"><title>{title}</title></path>',
                css=day.kind.partition(" ")[0],
                drawn=drawn,
                title=title,
            )

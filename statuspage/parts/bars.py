"""The 90 bars as an SVG: one path for every quiet day, one more for each other day.

The stylesheet dashes a path's run of days into days and gives each class its height and colour;
one unit of height is one pixel, one unit of width one day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    paths = Html("".join([_quiet(days), *_others(days, lang)]))
    return html(
        '<svg class="bars" viewBox="0 0 {span} 28" preserveAspectRatio="none" {label}>'
        "{paths}</svg>",
        span=_SPAN,
        label=label,
        paths=paths,
    )


def bars_label(days: Sequence[Day], lang: Lang, name: str) -> str:
    """Every day on which something happened, newest first."""
    words = PAGE[lang]
    eventful = [
        f"{day_of_month(d.day, lang)}: {figure(d.kind, d.seconds, lang)}"
        for d in reversed(days)
        if d.is_eventful
    ]
    watched = [d.day for d in days if d.kind is not Kind.UNBORN]
    parts = [
        words.bars_head.format(name=name, n=len(days)),
        *(["; ".join(eventful) + "."] if eventful else []),
    ]
    if any(d.kind is Kind.QUIET for d in days):
        parts.append(words.bars_others_quiet if eventful else words.bars_all_quiet)
    if watched and len(watched) < len(days):
        parts.append(words.bars_before.format(day=day_of_month(watched[0], lang)))
    return " ".join(parts)


def _quiet(days: Sequence[Day]) -> Html:
    """One path: `M0 23h22` is twenty-two quiet days from the first."""
    offset = _SPAN - len(days)
    runs: list[list[int]] = []
    for place, day in enumerate(days, start=offset):
        if day.kind is not Kind.QUIET:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1][1] += 1
        else:
            runs.append([place, 1])
    if not runs:
        return Html("")
    drawn = "".join(f"M{start} 23h{length}" for start, length in runs)
    return html('<path class="b-ok" d="{drawn}"/>', drawn=drawn)


def _others(days: Sequence[Day], lang: Lang) -> Iterator[Html]:
    offset = _SPAN - len(days)
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

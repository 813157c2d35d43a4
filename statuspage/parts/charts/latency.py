"""How long answers took, day by day: two lines in an SVG, and a table with the same figures.

A day far beyond all others would flatten the lines of these: it is drawn at the upper edge, with a
dot, and named below. One unit of width is a quarter of a day, one of height a hundredth of the
scale: all coordinates are integers, and ninety days are a path of one kilobyte. A day without a
figure breaks the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

from monitor.i18n.formats import (
    Lang,
    capital,
    day_of_month,
    milliseconds,
    seconds_figure,
    weekday_and_day,
)
from monitor.i18n.forms.page import Words
from monitor.i18n.words import PAGE
from statuspage.parts.html import Html, escaped, fill, html
from statuspage.view.latency import KindLatency, LatencyDay

_STEP = 4
_HEIGHT = 100
_SCALES = (1, 2, 5)
_FAR = 3
"""How many times the highest figure of the other days is too much for one scale."""
_ONE_IN = 30
"""Of so many days one may be beyond the scale: more of them are what is usual."""
_ENOUGH = 10
"""Of fewer days nobody knows what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyChart:
    """`drawn` is told apart by its `mark`: a page's model is compared in each minute, and the
    drawing changes once a day."""

    kind: str
    mark: str
    drawn: Html = field(repr=False)


def latency_charts(latency: Sequence[KindLatency], lang: Lang) -> tuple[LatencyChart, ...]:
    """One for each kind of check."""
    return tuple(latency_chart(one, lang) for one in latency)


def latency_chart(latency: KindLatency, lang: Lang) -> LatencyChart:
    words = PAGE[lang]
    kind = words.latency_kinds[latency.kind]
    drawn = Html("".join((_figure(latency, kind, words, lang), _table(latency, words, lang))))
    mark = blake2b(drawn.encode(), digest_size=8).hexdigest()
    return LatencyChart(kind=kind, mark=mark, drawn=drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """One kind of check of a component over some days: from the lowest figure of a day to the
    highest, and all of them as a small drawing."""

    name: str
    drawn: Html
    half: str
    most: str


def latency_rows(name: str, latency: Sequence[KindLatency], lang: Lang) -> tuple[LatencyRow, ...]:
    """Kinds are named where there are several."""
    return tuple(_latency_row(name, one, lang, is_one=len(latency) == 1) for one in latency)


def _latency_row(name: str, latency: KindLatency, lang: Lang, *, is_one: bool) -> LatencyRow:
    kind = PAGE[lang].latency_kinds[latency.kind]
    return LatencyRow(
        name=name if is_one else f"{name}: {kind}",
        drawn=_svg(latency, _scale(latency), "aria-hidden=true"),
        half=_range([day.p50_us for day in latency.days], lang),
        most=_range([day.p95_us for day in latency.days], lang),
    )


def _range(figures_us: Sequence[int], lang: Lang) -> str:
    """`110 ms – 180 ms`; one figure where both look the same."""
    ends = [_length(end, lang) for end in (min(figures_us), max(figures_us))]
    return " – ".join(dict.fromkeys(ends))


def scale_of(most_us: int) -> int:
    """The next of 1, 2, 5, 10, … milliseconds, in microseconds.

    >>> scale_of(180_000), scale_of(200_000), scale_of(201_000), scale_of(40)
    (200000, 200000, 500000, 1000)
    """
    power = 1_000
    while True:
        for factor in _SCALES:
            if most_us <= factor * power:
                return factor * power
        power *= 10


def usual_top(figures_us: Sequence[int]) -> int:
    """What the scale has to reach: the highest figure, or the highest but a few that are far beyond
    it.

    >>> usual_top([180, 200, 190] * 10), usual_top([180, 200, 190] * 10 + [9_000])
    (200, 200)
    >>> usual_top([180, 200, 190] * 10 + [590]), usual_top([180, 9_000])
    (590, 9000)
    """
    ordered = sorted(figures_us)
    spared = -(-len(ordered) // _ONE_IN)
    if len(ordered) < _ENOUGH or ordered[-1] <= _FAR * ordered[-1 - spared]:
        return ordered[-1]
    return ordered[-1 - spared]


def _scale(latency: KindLatency) -> int:
    return scale_of(usual_top([day.p95_us for day in latency.days]))


def _figure(latency: KindLatency, kind: str, words: Words, lang: Lang) -> Html:
    scale = _scale(latency)
    last = latency.days[-1]
    said = _said(last, words, lang)
    label = html('role="img" aria-label="{label}"', label=f"{kind}. {said}")
    return html(
        '<p>{said}</p><div class="lat"><p class="axis">{top}</p>{svg}'
        '<p class="axis"><span>{first}</span><span>{until}</span></p>{beyond}</div>',
        said=said,
        top=_length(scale, lang),
        svg=_svg(latency, scale, label),
        first=day_of_month(latency.first, lang),
        until=day_of_month(latency.last, lang),
        beyond=_beyond(latency, scale, words, lang),
    )


def _beyond(latency: KindLatency, scale: int, words: Words, lang: Lang) -> Html:
    """The days whose figure has no room in the drawing, with it."""
    named = [
        words.latency_beyond_day.format(
            d=weekday_and_day(day.day, lang), y=_length(day.p95_us, lang)
        )
        for day in latency.days
        if day.p95_us > scale
    ]
    if not named:
        return Html("")
    return html(
        '<p class="small muted"><svg viewBox="0 0 9 9" aria-hidden="true"><circle cx="4.5" '
        'cy="4.5" r="3.5"/></svg> {said}</p>',
        said=fill(words.latency_beyond, x="; ".join(named)),
    )


def _length(taken_us: int, lang: Lang) -> str:
    """As people say it: in seconds from one on."""
    taken = taken_us / 1000
    return milliseconds(taken, lang) if taken < 1_000 else seconds_figure(taken, lang)


def _svg(latency: KindLatency, scale: int, label: str) -> Html:
    return html(
        '<svg viewBox="0 -1 {width} 102" preserveAspectRatio="none" {label}>'
        '<path class="l-ax" d="M0 100h{width}"/>'
        '<path class="l-95" d="{p95}"/><path class="l-50" d="{p50}"/>{far}</svg>',
        width=_STEP * (latency.last - latency.first).days,
        label=Html(label),
        p95=_path(latency, lambda day: day.p95_us, scale),
        p50=_path(latency, lambda day: day.p50_us, scale),
        far=_far(latency, scale),
    )


def _far(latency: KindLatency, scale: int) -> Html:
    """A dot at the upper edge for each day beyond it."""
    dots = [f"M{_x(d.day, latency.first)} 0h0" for d in latency.days if d.p95_us > scale]
    return html('<path class="l-far" d="{d}"/>', d="".join(dots)) if dots else Html("")


def _said(day: LatencyDay, words: Words, lang: Lang) -> Html:
    """The last day in words, for those who read no chart."""
    return fill(
        words.latency_said,
        d=weekday_and_day(day.day, lang),
        x=_length(day.p50_us, lang),
        y=_length(day.p95_us, lang),
    )


def _path(latency: KindLatency, figure: Callable[[LatencyDay], int], scale: int) -> str:
    """`M0 80l4 -2 4 1M16 70h0`: absolute where a line begins, then from day to day; a day alone is
    a dot, which a round end of the stroke makes."""
    parts: list[str] = []
    for run in _runs(latency.days):
        points = [
            (_x(day.day, latency.first), max(0, _HEIGHT - round(figure(day) * _HEIGHT / scale)))
            for day in run
        ]
        (x, y), *rest = points
        steps: list[str] = []
        for next_x, next_y in rest:
            steps.append(f"{next_x - x} {next_y - y}")
            x, y = next_x, next_y
        drawn = f"l{' '.join(steps)}" if steps else "h0"
        parts.append(f"M{points[0][0]} {points[0][1]}{drawn}")
    return "".join(parts)


def _x(day: date, first: date) -> int:
    return _STEP * (day - first).days


def _runs(days: Iterable[LatencyDay]) -> list[list[LatencyDay]]:
    """Days that follow each other."""
    runs: list[list[LatencyDay]] = []
    for day in days:
        if runs and (day.day - runs[-1][-1].day).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _table(latency: KindLatency, words: Words, lang: Lang) -> Html:
    rows = Html("".join(_row(day, lang) for day in reversed(latency.days)))
    return html(
        '<details><summary>{title}</summary><table><thead><tr><th scope="col">{day}</th>'
        '<th scope="col" class="n">{half}</th><th scope="col" class="n">{most}</th></tr></thead>'
        "<tbody>{rows}</tbody></table></details>",
        title=words.latency_table,
        day=words.day,
        half=words.latency_half,
        most=words.latency_most,
        rows=rows,
    )


def _row(day: LatencyDay, lang: Lang) -> Html:
    return html(
        '<tr><th scope="row">{day}</th><td class="n">{p50}</td><td class="n">{p95}</td></tr>',
        day=escaped(capital(weekday_and_day(day.day, lang))),
        p50=milliseconds(day.p50_us / 1000, lang),
        p95=milliseconds(day.p95_us / 1000, lang),
    )

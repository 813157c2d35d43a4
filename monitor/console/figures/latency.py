"""How long runs took, as lines over time, phases behind one another, and the figures themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.console.speech import Speech
from monitor.domain.time.interval import Interval, Second
from monitor.history.phases import PhaseDay
from monitor.history.queries import Latency
from monitor.history.recent import CheckLatency, RecentLatency
from monitor.i18n.formats import clock_time, day_name
from monitor.results.rollups.sketch import Sketch

QUANTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
HEIGHT = 100
STEP = 20
"""Units of a chart between two pieces."""
_BAR = 1_000
_COLOURS = 6
Label = Callable[[Second], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One percentile; a piece without runs breaks it. `dots` stand alone: x and y."""

    css: str
    parts: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """`figures` in the order of `QUANTILES`."""

    when: str
    runs: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`whole` are the percentiles of all pieces together; None where there is no run at all."""

    title: str
    width: int
    lines: tuple[Line, ...]
    top: str
    first: str
    last: str
    whole: FigureRow | None
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasePart:
    x: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRow:
    """`figures` by the order of `Phases.names`."""

    when: str
    runs: str
    parts: tuple[PhasePart, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    names: tuple[tuple[str, int], ...]
    """With the number of each one's colour."""
    rows: tuple[PhaseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLatency:
    location: str
    charts: tuple[Chart, ...]
    phases: Phases
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """The p95 of one of a component's checks."""

    id: str
    url: str
    day: str
    week: str
    runs: str


def place_latency(found: RecentLatency, speech: Speech) -> PlaceLatency:
    words = speech.words.latency

    def hour(at: Second) -> str:
        return clock_time(at, speech.zone)

    def day(at: Second) -> str:
        local = speech.day(at)
        return f"{day_name(local, speech.lang)[:3]}\u00a0{local.day}"

    return PlaceLatency(
        location=found.location,
        charts=(
            _chart(words.last_day, found.hours, found.all_hours, hour, speech),
            _chart(words.last_week, found.days, found.all_days, day, speech),
        ),
        phases=_phases(found.phases, day, speech),
        is_empty=not found.hours.pieces and not found.days.pieces,
    )


def check_row(found: CheckLatency, speech: Speech) -> CheckRow:
    return CheckRow(
        id=found.check,
        url=f"/checks/{found.check}",
        day=_p95(found.hours.whole, speech),
        week=_p95(found.days.whole, speech),
        runs=speech.count(found.days.whole.runs),
    )


def _p95(sketch: Sketch, speech: Speech) -> str:
    return speech.milliseconds(sketch.quantile_us(0.95) / 1000) if sketch.runs else "–"


def _chart(
    title: str, found: Latency, intervals: Sequence[Interval], label: Label, speech: Speech
) -> Chart:
    sketches = {piece.interval.start: piece.sketch for piece in found.pieces}
    in_order = [sketches.get(interval.start) for interval in intervals]
    top = max((s.quantile_us(QUANTILES[-1][1]) for s in in_order if s), default=0.0)
    return Chart(
        title=title,
        width=STEP * max(1, len(intervals) - 1),
        lines=tuple(_line(name, share, in_order, top) for name, share in QUANTILES),
        top=speech.milliseconds(top / 1000),
        first=label(intervals[0].start),
        last=label(intervals[-1].start),
        whole=_figures(title, found.whole, speech) if found.pieces else None,
        rows=tuple(
            _figures(label(piece.interval.start), piece.sketch, speech) for piece in found.pieces
        ),
    )


def _figures(when: str, sketch: Sketch, speech: Speech) -> FigureRow:
    return FigureRow(
        when=when,
        runs=speech.count(sketch.runs),
        figures=tuple(
            speech.milliseconds(sketch.quantile_us(share) / 1000) for _, share in QUANTILES
        ),
    )


def _line(name: str, share: float, sketches: Sequence[Sketch | None], top: float) -> Line:
    runs = list(_unbroken(share, sketches, top))
    return Line(
        css=f"l-{name}",
        parts=tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1),
        dots=tuple(run[0] for run in runs if len(run) == 1),
    )


def _unbroken(
    share: float, sketches: Sequence[Sketch | None], top: float
) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for number, sketch in enumerate(sketches):
        if sketch is not None and sketch.runs:
            height = sketch.quantile_us(share) / top if top else 0.0
            run.append((STEP * number, round(HEIGHT * (1 - height), 1)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _phases(days: Sequence[PhaseDay], label: Label, speech: Speech) -> Phases:
    names = dict.fromkeys(phase for day in days for phase in day.medians_ms)
    colours = {name: number % _COLOURS for number, name in enumerate(names)}
    longest = max((sum(day.medians_ms.values()) for day in days), default=0.0)
    return Phases(
        names=tuple(colours.items()),
        rows=tuple(
            PhaseRow(
                when=label(day.interval.start),
                runs=speech.count(day.runs),
                parts=tuple(_parts(day.medians_ms, colours, longest)),
                figures=tuple(
                    speech.milliseconds(day.medians_ms[name]) if name in day.medians_ms else "–"
                    for name in names
                ),
            )
            for day in days
        ),
    )


def _parts(
    medians: Mapping[str, float], colours: Mapping[str, int], longest: float
) -> Iterator[PhasePart]:
    """Behind one another, as wide as its share of the longest day."""
    x = 0.0
    for name, taken in medians.items():
        width = taken / longest * _BAR if longest > 0 else 0.0
        yield PhasePart(x=round(x), width=max(1, round(width)), colour=colours[name])
        x += width

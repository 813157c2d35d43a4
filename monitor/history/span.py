"""Which span of the past a request is about, and into which pieces its answer is cut."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.domain.time.calendar import local_days, midnight, second_of
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.latency import HOUR, Width, hour_of

WANTED = (
    "RFC 3339 with an offset, a day of the catalogue's zone, unix seconds, "
    "a time back from now (-90s, -30m, -24h, -7d, -2w), or now"
)
EXAMPLE = "2026-11-01T00:00:00-03:00"
MOST_POINTS = 10_000
"""Check runs or pieces in one answer."""
LONGEST_RAW_S = 400 * 24 * HOUR
USUAL_S = 24 * HOUR
_RAW_S, _HOUR_S = 2 * HOUR, 8 * 24 * HOUR
_DAY = 86_400
_UNITS = {"s": 1, "m": 60, "h": HOUR, "d": _DAY, "w": 7 * _DAY}
_BACK = re.compile(r"-(\d{1,9})([smhdw])", re.ASCII)
# Eight digits would be a day such as 20261101.
_UNIX = re.compile(r"\d{9,12}", re.ASCII)
_LOCAL_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+ -]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_LATEST = Second(int(datetime(9999, 1, 1, tzinfo=UTC).timestamp()))


class BadTime(ValueError):
    """`name` is the parameter, `got` its text; the message is the whole sentence."""

    def __init__(self, name: str, got: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name
        self.got = got


class TooLong(ValueError):
    """A span that would give more than `MOST_POINTS`; the message says what to choose."""


class Resolution(StrEnum):
    RAW = "raw"
    HOUR = "hour"
    DAY = "day"
    """Local days of the catalogue's zone."""

    @property
    def width(self) -> Width:
        """The width of its latency buckets. Raises ValueError for raw check runs."""
        return Width(self.value)


def moment(name: str, text: str, now: Second, zone: ZoneInfo) -> Second:
    """The time that a parameter's text means. Raises BadTime.

    >>> moment("from", "-2h", Second(10_000), ZoneInfo("UTC"))
    2800
    """
    try:
        found = _moment(text, now, zone)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 0 <= found <= _LATEST:
        raise BadTime(name, text, f"{name} is no time; wanted {WANTED}, such as {EXAMPLE}")
    return found


def _moment(text: str, now: Second, zone: ZoneInfo) -> Second | None:
    upper = text.upper()
    if text == "now":
        return now
    if back := _BACK.fullmatch(text):
        return Second(now - int(back[1]) * _UNITS[back[2]])
    if _UNIX.fullmatch(upper):
        return Second(int(upper))
    if _LOCAL_DAY.fullmatch(upper):
        return midnight(date.fromisoformat(upper), zone)
    if _RFC_3339.fullmatch(upper):
        # A plus sign that nobody escaped arrives as a space.
        return second_of(datetime.fromisoformat(upper[:-6] + upper[-6:].replace(" ", "+")))
    return None


def span_of(start: str | None, end: str | None, now: Second, zone: ZoneInfo) -> Interval:
    """`[start, end)`; the last 24 hours where neither is given, and never past now.

    Raises BadTime.
    """
    until = min(now, moment("to", end, now, zone) if end is not None else now)
    usual = Second(max(0, until - USUAL_S))
    since = moment("from", start, now, zone) if start is not None else usual
    if since >= until:
        raise BadTime(
            "from", start or "", "from has to lie before to, and before now; to is exclusive"
        )
    return Interval(since, until)


def usual_resolution(span: Interval, *, has_raw: bool) -> Resolution:
    """Raw runs up to two hours (where an answer has them), hours up to eight days, else days."""
    if has_raw and span.seconds <= _RAW_S:
        return Resolution.RAW
    return Resolution.HOUR if span.seconds <= _HOUR_S else Resolution.DAY


def require_few_points(span: Interval, resolution: Resolution, each_s: int) -> None:
    """`each_s` seconds lie between two raw check runs. Raises TooLong."""
    step = {Resolution.RAW: each_s, Resolution.HOUR: HOUR, Resolution.DAY: _DAY}[resolution]
    points = -(-span.seconds // step)
    if points > MOST_POINTS:
        coarser = {Resolution.RAW: ", or resolution=hour", Resolution.HOUR: ", or resolution=day"}
        raise TooLong(
            f"{points} points of resolution {resolution} are too many; at most {MOST_POINTS}. "
            f"Choose a span of {_length(MOST_POINTS * step)} or less{coarser.get(resolution, '')}"
        )


def require_stored(span: Interval) -> None:
    """Raw results: no store keeps them for longer. Raises TooLong."""
    if span.seconds > LONGEST_RAW_S:
        raise TooLong(
            f"{_length(span.seconds)} of raw results are too many; choose a span of "
            f"{_length(LONGEST_RAW_S)} or less"
        )


def pieces(span: Interval, resolution: Resolution, zone: ZoneInfo) -> list[Interval]:
    """The whole hours or local days that a span touches, in order."""
    if resolution is Resolution.DAY:
        return [day for _, day in local_days(span, zone)]
    return [
        Interval(Second(at), Second(at + HOUR)) for at in range(hour_of(span.start), span.end, HOUR)
    ]


def _length(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds >= 2 * _DAY else f"{seconds // HOUR} hours"

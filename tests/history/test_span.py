"""Times as operators type them, and what a span is cut into."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from monitor.domain.time.interval import Interval, Second
from monitor.history.span import (
    BadTime,
    Resolution,
    TooLong,
    moment,
    pieces,
    require_few_points,
    span_of,
)
from tests.support.clock import second

ZONE = ZoneInfo("America/Santiago")
NOW = second("2026-11-25T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-11-25T12:00:00Z"),
        ("-90s", "2026-11-25T11:58:30Z"),
        ("-30m", "2026-11-25T11:30:00Z"),
        ("-24h", "2026-11-24T12:00:00Z"),
        ("-7d", "2026-11-18T12:00:00Z"),
        ("-2w", "2026-11-11T12:00:00Z"),
        ("100000000", "1973-03-03T09:46:40Z"),
        ("1795607940", "2026-11-25T11:59:00Z"),
        ("2026-11-01", "2026-11-01T03:00:00Z"),
        ("2026-07-01", "2026-07-01T04:00:00Z"),
        # Its midnight was skipped: the day began an hour later.
        ("2026-09-06", "2026-09-06T04:00:00Z"),
        ("2026-11-01T00:00:00-03:00", "2026-11-01T03:00:00Z"),
        ("2026-11-01t00:00:00z", "2026-11-01T00:00:00Z"),
        ("2026-11-01 05:30:00+05:30", "2026-11-01T00:00:00Z"),
        ("2026-11-01T05:30:00 05:30", "2026-11-01T00:00:00Z"),
        ("2026-11-01T00:00:00.999Z", "2026-11-01T00:00:00Z"),
    ],
)
def test_it_reads_a_time(text: str, instant: str) -> None:
    assert moment("from", text, NOW, ZONE) == second(instant)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "24h", "+24h", "-h", "-1y", "-1.5h", "1e9", "-5", "2026-11", "2026-13-01",
        "2026-11-01T00:00:00", "2026-11-01T25:00:00Z", "2026-11-01T00:00:60Z", "20261101",
        "2026-11-01T00:00:00-03", "1969-12-31", "9999-12-31", "\u0662026-11-01", "now\n",
        "NaN",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(BadTime) as refused:
        moment("to", text, NOW, ZONE)
    assert (refused.value.name, refused.value.got) == ("to", text)


def test_the_last_day_is_meant_where_nothing_is_said() -> None:
    assert span_of(None, None, NOW, ZONE) == Interval(Second(NOW - 86_400), NOW)
    until = second("2026-11-01T03:00:00Z")
    assert span_of(None, "2026-11-01", NOW, ZONE) == Interval(Second(until - 86_400), until)


def test_nothing_is_asked_of_the_future() -> None:
    assert span_of("-1h", "2026-12-01", NOW, ZONE).end == NOW
    with pytest.raises(BadTime, match="before now"):
        span_of("2026-12-01", "2026-12-02", NOW, ZONE)


@pytest.mark.parametrize(
    ("start", "end"), [("-1h", "-1h"), ("now", None), (None, "1970-01-01T00:00:00Z")]
)
def test_a_span_is_never_empty(start: str | None, end: str | None) -> None:
    with pytest.raises(BadTime, match="from has to lie before to"):
        span_of(start, end, NOW, ZONE)


def test_days_are_local_and_hours_whole() -> None:
    span = Interval(second("2026-09-05T12:30:00Z"), second("2026-09-07T12:00:00Z"))
    days = pieces(span, Resolution.DAY, ZONE)
    assert [day.seconds // 3600 for day in days] == [24, 23, 24]
    hours = pieces(span, Resolution.HOUR, ZONE)
    assert (hours[0].start, hours[-1].end) == (second("2026-09-05T12:00:00Z"), span.end)


def test_ten_thousand_points_are_enough() -> None:
    span = Interval(Second(0), Second(200_000))
    require_few_points(span, Resolution.RAW, 20)
    with pytest.raises(TooLong, match="10001 points"):
        require_few_points(Interval(Second(0), Second(200_001)), Resolution.RAW, 20)

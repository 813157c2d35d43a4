"""Looks belong to one hour and one local day, whatever the clocks of the zone do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.latency import Width, day_of, duration_us, starts_in
from tests.results.samples import a_result

ZONES = [
    "America/Argentina/Buenos_Aires", "America/Santiago", "Asia/Kolkata", "Europe/Madrid", "UTC",
]  # fmt: skip


@given(st.sampled_from(ZONES), st.integers(min_value=1_500_000_000, max_value=1_900_000_000))
def test_a_slot_lies_in_the_day_that_begins_before_it(name: str, at: int) -> None:
    zone, slot = ZoneInfo(name), Second(at)
    start = day_of(slot, zone)
    days = starts_in(Interval(start, Second(start + 1)), Width.DAY, zone)
    assert start <= slot < start + 25 * 3600 + 1
    assert days == [start]


@pytest.mark.parametrize("name", ZONES)
def test_days_follow_each_other_without_holes(name: str) -> None:
    zone = ZoneInfo(name)
    year = Interval(Second(1_767_225_600), Second(1_798_761_600))
    starts = starts_in(year, Width.DAY, zone)
    assert {b - a for a, b in pairwise(starts)} <= {23 * 3600, 24 * 3600, 25 * 3600}
    assert len(starts) in (365, 366)


def test_hours_begin_on_the_hour() -> None:
    at = int(datetime(2026, 3, 1, 10, 30, tzinfo=UTC).timestamp())
    span = Interval(Second(at), Second(at + 3600))
    assert starts_in(span, Width.HOUR, ZoneInfo("Asia/Kolkata")) == [at - 1800, at + 1800]


def test_only_looks_that_succeeded_have_a_duration() -> None:
    assert duration_us(a_result(0)) == 1250
    assert duration_us(a_result(0, outcome=Outcome.DEGRADED)) == 1250
    assert duration_us(a_result(0, outcome=Outcome.DOWN)) is None
    assert duration_us(a_result(0, outcome=Outcome.UNKNOWN)) is None


@pytest.mark.parametrize("ms", [float("nan"), float("inf"), float("-inf"), 1e308, 86_400_001.0])
def test_what_is_no_duration_is_none(ms: float) -> None:
    assert duration_us(replace(a_result(0), phases_ms={"connect": ms, "reply": 1.0})) is None

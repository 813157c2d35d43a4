"""How the page writes numbers, durations, days and times: as alerts and automatic texts do."""

from __future__ import annotations

from monitor.domain.formats import (
    NBSP,
    Lang,
    capital,
    clock_time,
    count,
    day_name,
    day_of_month,
    duration,
    hundredths,
    iso,
    joined,
    long_date,
    month_and_year,
    month_name,
    offset_name,
    percent,
    rough_duration,
    utc_iso,
    weekday_and_day,
)

__all__ = [
    "NBSP",
    "Lang",
    "capital",
    "clock_time",
    "count",
    "day_name",
    "day_of_month",
    "duration",
    "hundredths",
    "iso",
    "joined",
    "long_date",
    "month_and_year",
    "month_name",
    "offset_name",
    "percent",
    "rough_duration",
    "utc_iso",
    "weekday_and_day",
]

"""Figures are cut, never rounded, and read as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.domain.time.interval import Second
from monitor.i18n.formats import (
    NBSP,
    Lang,
    count,
    duration,
    joined,
    long_date,
    offset_name,
    percent,
    rough_duration,
)
from tests.statuspage.builders import THURSDAY, ZONE


@pytest.mark.parametrize(
    ("down", "total", "shown"),
    [
        (0, 2_678_400, "100 %"),
        (1, 2_678_400, "99,99 %"),
        (2_852, 2_592_000, "99,88 %"),
        (2_970, 2_678_400, "99,88 %"),
        (2_592, 2_592_000, "99,90 %"),
        (2_592_000, 2_592_000, "0,00 %"),
    ],
)
def test_it_cuts_shares_to_two_decimals(down: int, total: int, shown: str) -> None:
    assert percent(total - down, total, Lang.ES) == shown.replace(" ", NBSP)


def test_it_writes_english_shares_with_a_point() -> None:
    assert percent(9_989, 10_000, Lang.EN) == "99.89%"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (1_950, "32 min 30 s"),
        (9_000, "2 h 30 min"),
        (2_673_510, "30 d 22 h 38 min 30 s"),
    ],
)
def test_it_names_every_unit_of_a_duration(seconds: int, shown: str) -> None:
    assert duration(seconds).replace(NBSP, " ") == shown


def test_it_never_breaks_a_line_before_a_unit() -> None:
    assert duration(1_950) == f"32{NBSP}min 30{NBSP}s"


def test_it_counts_what_still_lasts_in_whole_minutes() -> None:
    assert rough_duration(1_599).replace(NBSP, " ") == "26 min"


def test_it_parts_thousands() -> None:
    assert (count(2_678_400, Lang.ES), count(2_678_400, Lang.EN)) == ("2.678.400", "2,678,400")


def test_it_writes_dates_out() -> None:
    day = date(2026, 4, 16)
    assert long_date(day, Lang.ES) == "jueves 16 de abril de 2026"
    assert long_date(day, Lang.EN) == "Thursday 16 April 2026"


def test_it_joins_names_as_people_do() -> None:
    assert joined(["A", "B", "C"], Lang.ES) == "A, B y C"


def test_it_names_the_offset_with_a_true_minus() -> None:
    assert offset_name(Second(THURSDAY), ZONE) == "UTC\u22123"

"""Lengths of time as people type them."""

from __future__ import annotations

import pytest
import typer

from monitor.cli.times import read_length


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90s", 90), ("45m", 2_700), ("1h30m", 5_400), (" 2h ", 7_200), ("1d6h", 108_000)],
)
def test_a_length_is_read_as_people_type_it(typed: str, seconds: int) -> None:
    assert read_length(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["", " ", "45", "m", "30m1h", "1h1h", "-5m", "1.5h", "1h 30m", "٣m"]
)
def test_what_is_no_length_is_refused_with_the_way_out(typed: str) -> None:
    with pytest.raises(typer.BadParameter, match="want 45m, 1h30m or 1d"):
        read_length(typed)

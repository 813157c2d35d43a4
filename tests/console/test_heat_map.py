"""What a cell of the week says of an hour of which little is known."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.console.figures.heat_map import heat_map
from monitor.console.speech import Speech
from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Interval, Second
from monitor.history.week import Day, Hour
from monitor.i18n.formats import Lang
from tests.support.worlds import T0, ZONE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (Seconds(unknown=60), "still to come"),
        (Seconds(unknown=60, before_records=3_540), "not watched yet"),
        (Seconds(up=60, unknown=60), "works"),
        (Seconds(unknown=180), "no data 3\u00a0min"),
    ],
)
def test_an_hour_without_a_result_is_not_said_to_work(seconds: Seconds, words: str) -> None:
    hour = Hour(interval=Interval(T0, Second(T0 + 3_600)), seconds=seconds)
    day = Day(day=date(2026, 9, 21), hours={11: hour}, skipped=frozenset())
    (row,) = heat_map([day], Speech(lang=Lang.EN, zone=ZONE, now=T0)).rows
    assert row.cells[11].words == words

"""Ninety days in a drawing: one path for the quiet ones, one for each other, told in a label."""

from __future__ import annotations

import pytest

from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP, Lang
from statuspage.parts.charts.bars import bars, bars_label, month_bars
from statuspage.parts.days import Day, Kind, days_of, worst_days
from tests.statuspage.builders import THURSDAY, at, component, service, view, window


def days(**happened: Seconds) -> tuple[Day, ...]:
    """Of a component; `d04_09=Seconds(…)` is what the ninth of April had."""
    named = {f"2026-{k[1:].replace('_', '-')}": v for k, v in happened.items()}
    a = component("a", "A", happened=named)
    return days_of(a, view(service("s", "S", a)))


def kind(seconds: Seconds) -> Kind:
    return days(d04_09=seconds)[-8].kind


def test_it_draws_ninety_days_with_today_last() -> None:
    found = days()
    assert len(found) == 90
    assert found[-1].day.isoformat() == "2026-04-16"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (Seconds(), Kind.QUIET),
        (Seconds(down=1), Kind.DOWN_SHORT),
        (Seconds(down=300), Kind.DOWN_SHORT),
        (Seconds(down=301), Kind.DOWN),
        (Seconds(down=1800), Kind.DOWN),
        (Seconds(down=1801), Kind.DOWN_LONG),
        (Seconds(degraded=599), Kind.QUIET),
        (Seconds(degraded=600), Kind.SLOW),
        (Seconds(unknown=599), Kind.QUIET),
        (Seconds(unknown=600), Kind.NO_DATA),
        (Seconds(excluded=60, excluded_by_cause={"maintenance": 60}), Kind.MAINTENANCE),
        (Seconds(excluded=60, excluded_by_cause={"force_majeure": 60}), Kind.EXCLUDED),
        (Seconds(degraded=900, unknown=900), Kind.SLOW),
        (Seconds(down=1, degraded=9000, unknown=9000), Kind.DOWN_SHORT),
    ],
)
def test_it_names_a_day_by_the_worst_that_happened(seconds: Seconds, expected: Kind) -> None:
    assert kind(seconds) is expected


def test_it_shows_planned_maintenance_also_where_nothing_failed() -> None:
    a = component("a", "A")
    night = window("w", "W", at("04:00", day="2026-04-06"), at("04:30", day="2026-04-06"), a)
    found = days_of(a, view(service("s", "S", a), maintenance=[night]))
    assert (found[-11].kind, found[-11].seconds) == (Kind.MAINTENANCE, 1800)


def test_it_draws_all_quiet_days_as_one_path() -> None:
    drawn = bars(days(d02_08=Seconds(unknown=9000), d04_09=Seconds(down=690)), Lang.ES, name="A")
    assert drawn.count("<path") == 3
    assert '<path class="b-ok" d="M0 23h22M23 23h59M83 23h7"/>' in drawn
    assert f"<title>9 de abril: 11{NBSP}min 30{NBSP}s sin servicio</title>" in drawn


def test_it_tells_each_eventful_day_newest_first() -> None:
    found = days(d02_08=Seconds(unknown=9000), d04_09=Seconds(down=690))
    assert bars_label(found, Lang.ES, "Radio").replace(NBSP, " ") == (
        "Radio, últimos 90 días. 9 de abril: 11 min 30 s sin servicio; "
        "8 de febrero: 2 h 30 min sin datos. Los demás días, sin interrupciones."
    )


def test_it_tells_nothing_of_a_group_to_screen_readers() -> None:
    drawn = bars(days(d04_09=Seconds(down=690)), Lang.ES, name=None)
    assert 'aria-hidden="true"' in drawn
    assert "aria-label" not in drawn


def test_it_takes_a_groups_worst_member_each_day() -> None:
    mild, bad = days(d04_09=Seconds(down=60)), days(d04_09=Seconds(down=690))
    group = worst_days([mild, bad, days(d04_02=Seconds(degraded=3600))])
    assert (group[-8].kind, group[-8].seconds) == (Kind.DOWN, 690)
    assert group[-15].kind is Kind.SLOW


def test_it_draws_nothing_before_a_component_was_watched() -> None:
    born = Second(THURSDAY - 5 * 86_400)
    a = component("a", "A", created_at=born)
    found = days_of(a, view(service("s", "S", a)))
    assert [d.kind for d in found].count(Kind.UNBORN) == 84
    # The hours before it was born are no gap of that day either.
    assert {d.kind for d in found[-6:]} == {Kind.QUIET}
    assert bars_label(found, Lang.ES, "A").endswith("Sin control antes del 11 de abril.")


def test_days_before_it_was_watched_are_one_grey_line_that_says_so() -> None:
    born = at("12:00", day="2026-04-11")
    a = component("a", "A", created_at=born)
    drawn = bars(days_of(a, view(service("s", "S", a))), Lang.ES, name="A")
    assert (
        '<path class="b-un" d="M0 27h84"><title>Sin control antes del 11 de abril.</title></path>'
        in drawn.replace(NBSP, " ")
    )
    grown_up = component("b", "B")
    assert "b-un" not in bars(
        days_of(grown_up, view(service("s", "S", grown_up))), Lang.ES, name="B"
    )


def test_a_month_is_as_wide_as_its_days() -> None:
    drawn = month_bars(days()[:31], Lang.EN, name="A")
    assert 'class="bars month" viewBox="0 0 31 28"' in drawn
    assert 'aria-label="A, the month&#x27;s 31 days.' in drawn


def first_day(watched_for: int, unknown: int) -> tuple[Day, ...]:
    """Of a component that has been watched for so long, and was not seen for so much of it."""
    seconds = Seconds(unknown=unknown)
    born = Second(THURSDAY - watched_for)
    a = component("a", "A", created_at=born, happened={"2026-04-16": seconds})
    return days_of(a, view(service("s", "S", a)))


def test_a_first_day_that_nobody_has_seen_yet_is_not_called_free_of_interruptions() -> None:
    found = first_day(watched_for=120, unknown=120)
    assert (found[-1].kind, found[-1].seconds) == (Kind.NO_DATA, 120)
    assert "b-ok" not in bars(found, Lang.EN, name="A")
    assert bars_label(found, Lang.EN, "A").replace(NBSP, " ") == (
        "A, last 90 days. 16 April: 2 min without data. Not watched before 16 April."
    )


def test_the_second_in_which_watching_begins_draws_no_day_yet() -> None:
    found = first_day(watched_for=0, unknown=0)
    assert {d.kind for d in found} == {Kind.UNBORN}
    assert bars_label(found, Lang.EN, "A") == "A, last 90 days."


def test_a_short_gap_leaves_a_first_day_quiet_that_somebody_has_seen() -> None:
    assert first_day(watched_for=120, unknown=119)[-1].kind is Kind.QUIET


def test_it_escapes_names_in_the_label() -> None:
    assert 'aria-label="&lt;b&gt;&quot;' in bars(days(), Lang.ES, name='<b>"')

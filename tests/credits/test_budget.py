"""What is used up of a month's allowance, by hand: 30 days allow 2851.2 s."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from credits.budget import Budget, budget_of
from credits.terms import Denominator, Terms, terms_of
from credits.verdict import Verdict, judge
from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Interval, Second

MONTH = Interval(Second(0), Second(30 * 86_400))
TERMS = terms_of({"guarantee": "0.9989"})


def budget(
    seconds: Seconds, terms: Terms = TERMS, *, until: int | None = None, is_going_on: bool = False
) -> Budget:
    at = Second(seconds.total if until is None else until)
    return budget_of(seconds, MONTH, at, terms, is_going_on=is_going_on)


def test_in_the_first_second_the_whole_months_allowance_is_there() -> None:
    """And not that of the time so far, of which one second down would be a catastrophe."""
    found = budget(Seconds(down=1))
    assert found.allowed == Fraction("2851.2")
    assert found.used == 1
    assert not found.is_used_up


def test_the_share_is_exact() -> None:
    assert budget(Seconds(up=1000, down=1426)).share == Fraction(1426 * 5, 14_256)


@pytest.mark.parametrize(("down", "is_used_up"), [(2851, False), (2852, True)])
def test_it_is_used_up_where_the_verdict_will_be_a_breach(down: int, *, is_used_up: bool) -> None:
    found = budget(Seconds(up=100_000, down=down))
    whole = Seconds(up=MONTH.seconds - down, down=down)
    assert found.is_used_up is is_used_up
    assert (judge(whole, TERMS).verdict is Verdict.BREACH) is is_used_up


@pytest.mark.parametrize("used", [0, 1, 851, 2850, 2851])
def test_the_second_that_breaks_it_is_the_first_whose_verdict_is_a_breach(used: int) -> None:
    at = budget(Seconds(up=9_000 - used, down=used), is_going_on=True).used_up_at
    assert at is not None
    for end, is_breach in ((at - 1, False), (at, True)):
        down = used + end - 9_000
        whole = Seconds(up=MONTH.seconds - down, down=down)
        assert (judge(whole, TERMS).verdict is Verdict.BREACH) is is_breach


def test_without_an_outage_nothing_is_used_up_some_day() -> None:
    assert budget(Seconds(up=9_000, down=2_000)).used_up_at is None


def test_an_outage_at_the_end_of_a_month_does_not_use_up_the_next_ones_budget() -> None:
    seconds = Seconds(up=MONTH.seconds - 120, down=60)
    assert budget(seconds, until=MONTH.end - 60, is_going_on=True).used_up_at is None


def test_excluded_time_takes_nothing() -> None:
    found = budget(Seconds(up=10_000, excluded=50_000, down=10))
    assert found.used == 10
    assert found.possible == 0
    assert found.allowed == Fraction("2851.2")


def test_unknown_time_is_possible_and_never_certain() -> None:
    found = budget(Seconds(up=10_000, unknown=5_000, down=10))
    assert found.used == 10
    assert found.possible == 5_000
    assert not found.is_used_up
    assert found.possible_share is not None
    assert found.possible_share > 1


def test_before_the_first_result_nothing_is_possible() -> None:
    assert budget(Seconds(up=100, before_records=900_000)).possible == 0


def test_a_guarantee_on_measured_time_shrinks_with_what_was_not_measured() -> None:
    measured = replace(TERMS, denominator=Denominator.MEASURED)
    found = budget(Seconds(up=10_000, unknown=86_400, excluded=86_400), measured)
    assert found.allowed == Fraction("0.0011") * 28 * 86_400
    assert found.possible == 0


def test_slowness_takes_what_the_terms_say() -> None:
    weighed = terms_of({"guarantee": "0.9989", "degraded_weight": "0.25"})
    seconds = Seconds(up=10_000, degraded=401)
    assert budget(seconds).used == 0
    assert budget(seconds, weighed).used == Fraction("100.25")


def test_a_guarantee_of_everything_has_no_share() -> None:
    found = budget(Seconds(up=10, down=1), terms_of({"guarantee": "1"}))
    assert (found.share, found.is_used_up) == (None, True)

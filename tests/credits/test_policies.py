"""Every registered policy, now and later: never above the cap, never negative, never less for
more downtime."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credits.assess import Assessment, assess
from credits.contract import PriceSegment
from credits.money import Money
from credits.policies import POLICIES, policy_versions, problems_of_terms
from credits.policies._policy import name_of
from credits.terms import Basis, Denominator, Terms, Tier, terms_fields
from credits.verdict import Verdict
from monitor.domain.availability import Bucket, Span
from monitor.domain.time.interval import Interval, Second

DAY = 86_400
LENGTH = 40 * DAY
SHARES = st.decimals(min_value=0, max_value=1, places=3)
AMOUNTS = st.decimals(min_value=0, max_value=5000, places=2)
GUARANTEES = st.sampled_from([Decimal(g) for g in ("1", "0.9989", "0.99", "0.9")]) | SHARES
OUTAGES = st.builds(lambda day, second: day * DAY + second, st.integers(0, 39), st.integers(0, DAY))
FIRST = st.just(0) | st.integers(0, LENGTH - 1)
TIERS = st.lists(st.builds(Tier, below=SHARES, credit=SHARES), min_size=1, max_size=4)


@st.composite
def promises(draw: st.DrawFn, policy: tuple[str, int]) -> Terms:
    terms = Terms(
        guarantee=draw(GUARANTEES),
        policy=policy[0],
        policy_version=policy[1],
        basis=draw(st.sampled_from(Basis)),
        multiplier=draw(st.decimals(min_value=0, max_value=60, places=1)),
        cap_fraction=draw(st.just(Decimal(1)) | SHARES),
        denominator=draw(st.sampled_from(Denominator)),
        degraded_weight=draw(SHARES),
        tiers=tuple(draw(TIERS)),
        settings=tuple(
            (name, draw(st.fractions(0, 1, max_denominator=400)))
            for name in sorted(POLICIES[name_of(*policy)].settings)
            if draw(st.booleans())
        ),
    )
    assume(not problems_of_terms(terms_fields(terms)))
    return terms


@st.composite
def lines(draw: st.DrawFn) -> PriceSegment:
    start = draw(st.just(0) | st.integers(-LENGTH // 2, LENGTH // 2))
    return PriceSegment(
        invoice_id="F",
        line_id="L",
        period=Interval(
            Second(start), Second(start + draw(st.just(LENGTH) | st.integers(1, 2 * LENGTH)))
        ),
        net=Money(draw(AMOUNTS), "USD"),
        weight=draw(st.just(Decimal(1)) | SHARES),
        already_credited=draw(st.just(Decimal(0)) | AMOUNTS),
    )


def lost(first: int, seconds: int) -> list[Span]:
    """A window with one outage in it."""
    edges = (0, first, min(LENGTH, first + seconds), LENGTH)
    kinds = (Bucket.UP, Bucket.DOWN, Bucket.UP)
    return [
        Span(start=Second(a), end=Second(b), bucket=kind)
        for a, b, kind in zip(edges, edges[1:], kinds, strict=False)
        if b > a
    ]


@pytest.mark.parametrize("policy", policy_versions(), ids=lambda key: f"{key[0]}-{key[1]}")
class TestEveryPolicy:
    @given(data=st.data())
    def test_it_owes_something_between_nothing_and_the_cap(
        self, policy: tuple[str, int], data: st.DataObject
    ) -> None:
        terms, segment = data.draw(promises(policy)), data.draw(lines())
        spans = lost(data.draw(FIRST), data.draw(OUTAGES))
        (line,) = assess(spans, [segment], terms).lines
        price = Fraction(segment.net.amount) * Fraction(segment.weight)
        cap = price * Fraction(terms.cap_fraction) - Fraction(segment.already_credited)
        assert 0 <= line.exact <= max(cap, Fraction(0))
        assert line.amount.amount >= 0

    @given(data=st.data())
    def test_it_owes_nothing_while_the_guarantee_holds(
        self, policy: tuple[str, int], data: st.DataObject
    ) -> None:
        terms, segment = data.draw(promises(policy)), data.draw(lines())
        found = assess(lost(0, data.draw(st.integers(0, 3600) | OUTAGES)), [segment], terms)
        assume(found.verdict is not Verdict.BREACH)
        assert found.totals[0].amount == 0

    @settings(max_examples=200)
    @given(data=st.data())
    def test_it_never_owes_less_for_more_downtime(
        self, policy: tuple[str, int], data: st.DataObject
    ) -> None:
        terms, segment = data.draw(promises(policy)), data.draw(lines())
        first = data.draw(FIRST)
        less, more = sorted(data.draw(st.tuples(OUTAGES, OUTAGES)))
        owed = [_exact(assess(lost(first, n), [segment], terms)) for n in (less, more)]
        assert owed[0] <= owed[1]


def _exact(found: Assessment) -> Fraction:
    return sum((line.exact for line in found.lines), Fraction(0))


def month(days: int, down: int, **terms: Any) -> Assessment:
    end = days * 86_400
    spans = [
        Span(start=Second(0), end=Second(down), bucket=Bucket.DOWN),
        Span(start=Second(down), end=Second(end), bucket=Bucket.UP),
    ]
    return assess(spans, [], Terms(guarantee=Decimal("0.9989"), **terms))


@pytest.mark.parametrize(
    ("days", "last_that_passes"),
    [(28, 2661), (29, 2756), (30, 2851), (31, 2946), (365, 34689), (25, 2376)],
)
def test_one_second_more_than_the_allowance_is_a_breach(days: int, last_that_passes: int) -> None:
    assert month(days, last_that_passes).verdict is Verdict.NO_BREACH
    assert month(days, last_that_passes + 1).verdict is Verdict.BREACH


def test_currencies_are_never_added_to_one_another() -> None:
    segments = [
        PriceSegment(
            invoice_id=f"F{i}", line_id="L", period=Interval(Second(0), Second(LENGTH)),
            net=Money(Decimal(net), currency),
        )
        for i, (net, currency) in enumerate((("100", "USD"), ("1000", "ARS"), ("50", "USD")))
    ]  # fmt: skip
    found = assess(lost(0, LENGTH // 2), segments, Terms(guarantee=Decimal("0.9989")))
    assert [str(money) for money in found.totals] == ["500.00 ARS", "75.00 USD"]

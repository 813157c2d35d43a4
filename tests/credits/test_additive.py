"""What may be added up: seconds over parts of a window, and exact amounts over an invoice line's
parts where lost time is paid pro rata. And what may not: tiers, caps and rounded sums."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credits.assess import Assessment, assess, cut
from credits.contract import PriceSegment
from credits.money import Money
from credits.terms import Basis, Terms, Tier
from credits.verdict import Verdict
from monitor.domain.availability import Bucket, Seconds, Span, count_seconds
from monitor.domain.time.interval import Interval, Second

DAY = 86_400
LENGTH = 30 * DAY
NO_CAP = Decimal(1_000_000)


@st.composite
def windows(draw: st.DrawFn) -> list[Span]:
    """A window in which every bucket may lie anywhere."""
    edges = sorted(draw(st.sets(st.integers(1, LENGTH - 1), max_size=8)))
    kinds = draw(st.lists(st.sampled_from(Bucket), min_size=9, max_size=9))
    return [
        Span(start=Second(a), end=Second(b), bucket=kind, is_inferred=draw(st.booleans()))
        if kind is Bucket.DOWN
        else Span(start=Second(a), end=Second(b), bucket=kind)
        for a, b, kind in zip((0, *edges), (*edges, LENGTH), kinds, strict=False)
    ]


def line(start: int, end: int, *, cents_a_second: int = 1, name: str = "L1") -> PriceSegment:
    """Priced by the second, so that its parts cost what the whole does."""
    net = Decimal((end - start) * cents_a_second).scaleb(-2)
    return PriceSegment(
        invoice_id="F-1", line_id=name, period=Interval(Second(start), Second(end)),
        net=Money(net, "USD"),
    )  # fmt: skip


def down(start: int, end: int, *, length: int = LENGTH) -> list[Span]:
    edges = ((0, start, Bucket.UP), (start, end, Bucket.DOWN), (end, length, Bucket.UP))
    return [Span(start=Second(a), end=Second(b), bucket=kind) for a, b, kind in edges if b > a]


def exact(found: Assessment) -> Fraction:
    return sum((one.exact for one in found.lines), Fraction(0))


def amounts(found: Assessment) -> list[str]:
    return [str(one.amount) for one in found.lines]


def terms(**fields: Any) -> Terms:
    return Terms(guarantee=Decimal("0.9989"), **fields)


@settings(max_examples=40, deadline=None)
@given(spans=windows(), at=st.integers(1, LENGTH - 1))
def test_seconds_of_the_parts_of_a_window_are_those_of_the_whole(
    spans: list[Span], at: int
) -> None:
    first = count_seconds(cut(spans, Interval(Second(0), Second(at))))
    second = count_seconds(cut(spans, Interval(Second(at), Second(LENGTH))))
    whole = count_seconds(spans)
    assert first.total + second.total == whole.total == LENGTH
    for name in set(asdict(Seconds())) - {"excluded_by_cause"}:
        assert getattr(first, name) + getattr(second, name) == getattr(whole, name)


@settings(max_examples=40, deadline=None)
@given(
    spans=windows(),
    cuts=st.sets(st.integers(1, LENGTH - 1), max_size=3),
    basis=st.sampled_from(Basis),
    multiplier=st.sampled_from(("1", "2.5", "50")),
)
def test_pro_rata_the_exact_amounts_of_a_lines_parts_are_that_of_the_whole(
    spans: list[Span], cuts: set[int], basis: Basis, multiplier: str
) -> None:
    promised = terms(cap_fraction=NO_CAP, basis=basis, multiplier=Decimal(multiplier))
    whole = assess(spans, [line(0, LENGTH)], promised)
    assume(whole.verdict is Verdict.BREACH)
    edges = sorted({0, *cuts, LENGTH})
    parts = [line(a, b, name=str(a)) for a, b in pairwise(edges)]
    assert exact(assess(spans, parts, promised)) == exact(whole)


@settings(max_examples=40, deadline=None)
@given(spans=windows(), order=st.permutations(range(4)))
def test_the_order_of_spans_and_lines_changes_no_amount(
    spans: list[Span], order: list[int]
) -> None:
    lines = [line(n * 7 * DAY, (n + 1) * 7 * DAY, name=str(n)) for n in range(4)]
    first = assess(spans, lines, terms())
    again = assess(spans[::-1], [lines[n] for n in order], terms())
    assert (again.verdict, again.totals) == (first.verdict, first.totals)


def test_by_tiers_the_parts_of_a_window_are_not_the_whole() -> None:
    """Each part reaches its own tier: 25 % of the whole month, or 25 % of the half that had the
    outage."""
    tiers = (Tier(below=Decimal("0.99"), credit=Decimal("0.10")),
             Tier(below=Decimal("0.9"), credit=Decimal("0.25")))  # fmt: skip
    promised, half = terms(policy="tiers", tiers=tiers), LENGTH // 2
    spans, price = down(DAY, 5 * DAY), [line(0, LENGTH)]
    halves = (Interval(Second(0), Second(half)), Interval(Second(half), Second(LENGTH)))
    parts = [exact(assess(cut(spans, part), price, promised)) for part in halves]
    whole = exact(assess(spans, price, promised))
    net = Fraction(price[0].net.amount)
    assert (whole, sum(parts)) == (net / 4, net / 8)


def test_under_a_cap_the_parts_of_a_line_are_not_the_whole() -> None:
    """The outage lies in the first half, whose cap is half of the line's."""
    promised, half = terms(multiplier=Decimal(50)), LENGTH // 2
    spans = down(0, DAY)
    whole = assess(spans, [line(0, LENGTH)], promised)
    parts = assess(spans, [line(0, half), line(half, LENGTH, name="L2")], promised)
    assert exact(parts) == exact(whole) / 2
    assert [one.is_capped for one in parts.lines] == [True, False]


def test_rounded_parts_are_not_the_rounded_whole() -> None:
    """One cent and a half, twice: each part rounds up."""
    promised = terms(cap_fraction=NO_CAP)
    spans = down(0, 3, length=4)
    lines = [
        PriceSegment(
            invoice_id="F-1", line_id=name, period=Interval(Second(0), Second(4)),
            net=Money(Decimal("0.02"), "USD"),
        )
        for name in ("L1", "L2")
    ]  # fmt: skip
    whole = PriceSegment(
        invoice_id="F-1", line_id="L1", period=Interval(Second(0), Second(4)),
        net=Money(Decimal("0.04"), "USD"),
    )  # fmt: skip
    assert amounts(assess(spans, lines, promised)) == ["0.02 USD", "0.02 USD"]
    assert amounts(assess(spans, [whole], promised)) == ["0.03 USD"]

"""A line's cap holds for all parts of a month together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from credits.classification.over_contracts import Sides, _Judge
from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.money import Money
from credits.period.assessed import assessed_parts
from credits.terms import Terms
from monitor.domain.availability import Bucket, Span
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, IntervalSet, Second

MONTH, MIDDLE = Interval(Second(0), Second(2_592_000)), Second(1_296_000)
TERMS = Terms(guarantee=Decimal("0.9989"), multiplier=Decimal(10))


class Days:
    """Each part of the month begins with so long an outage."""

    window = MONTH

    def __init__(self, down_s: int) -> None:
        self._down_s = down_s

    def required(self, _: Terms) -> frozenset[str]:
        return frozenset({"web-1"})

    def product(self, _: Terms, contracted: IntervalSet) -> tuple[Span, ...]:
        (part,) = contracted
        end = Second(part.start + self._down_s)
        return (
            Span(start=part.start, end=end, bucket=Bucket.DOWN),
            Span(start=end, end=part.end, bucket=Bucket.UP),
        )


def contract() -> Contract:
    """A line of USD 100 for a month in whose middle the terms change."""
    halves = ((MONTH.start, MIDDLE, "0.9989"), (MIDDLE, MONTH.end, "0.999"))
    line = PriceSegment(
        invoice_id="F-1", line_id="L1", period=MONTH, net=Money(Decimal(100), "USD")
    )
    return Contract(
        id=ContractId("C-1"),
        client_id="77",
        service_id="501",
        product="Hosting",
        active=(MONTH,),
        terms=tuple(
            TermsPeriod(
                period=Interval(start, end),
                label="standard",
                terms=replace(TERMS, guarantee=Decimal(guarantee)),
            )
            for start, end, guarantee in halves
        ),
        segments=(line,),
    )


def due(down_s: int) -> list[str]:
    parts = assessed_parts(contract(), cast("Any", Days(down_s)))
    return [str(money) for part in parts for money in part.assessment.totals]


def test_two_parts_of_a_month_do_not_give_more_than_a_line_has() -> None:
    assert due(129_600) == ["50.00 USD", "50.00 USD"]
    assert due(181_440) == ["70.00 USD", "30.00 USD"]
    assert due(259_200) == ["100.00 USD", "0.00 USD"]


def test_an_effect_has_the_same_figures() -> None:
    sides = Sides(
        component=ComponentId("web-1"),
        before=cast("Any", Days(181_440)),
        after=cast("Any", Days(129_600)),
    )
    parts = list(_Judge(sides).effects(contract(), {}))
    assert [str(m) for one in parts for m in one.before.amounts] == due(181_440)
    assert [str(m) for one in parts for m in one.after.amounts] == due(129_600)

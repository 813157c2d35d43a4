"""One contract in what happened: its credit, judged under the terms of each part of the window."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from credits.assess import Assessment, assess
from credits.contract import Contract, PriceSegment, TermsPeriod
from credits.life.credit import LineKey
from credits.life.ledger import money_of
from credits.money import Money
from credits.period.period_data import PeriodData
from monitor.domain.availability import Span
from monitor.domain.time.interval import Interval, IntervalSet

_NOTHING: Mapping[LineKey, int] = MappingProxyType({})


class PaidLine(NamedTuple):
    """What was paid in an invoice line, whoever paid it: a policy reads of a line nothing else."""

    period: Interval
    net: Money
    weight: Decimal
    already_credited: Decimal

    @classmethod
    def of(cls, segment: PriceSegment) -> PaidLine:
        return cls(segment.period, segment.net, segment.weight, segment.already_credited)

    @property
    def segment(self) -> PriceSegment:
        """A line of nobody's with these numbers."""
        return PriceSegment(invoice_id="", line_id="", **self._asdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """One contract in one part of the window, under one set of terms."""

    contract: Contract
    window: Interval
    contracted: IntervalSet
    terms_period: TermsPeriod
    spans: tuple[Span, ...]
    assessment: Assessment

    @property
    def key(self) -> str:
        """Unique: contract, window and terms."""
        parts = (self.contract.id, self.window.start, self.window.end, self.terms_period.terms.hash)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def assessed_parts(
    contract: Contract, period_data: PeriodData, credited: Mapping[LineKey, int] = _NOTHING
) -> Iterator[Assessed]:
    """A change of terms inside the window cuts it; each part is judged alone, and takes of a line's
    cap what the parts before it have left. `credited` is what the ledger has given, or may still
    give, for each invoice line in other windows, in minor units."""
    given = Given()
    for part, terms_period, contracted in contracted_parts(contract, period_data.window):
        spans = period_data.product(terms_period.terms, contracted)
        segments = given.leaves(paid_for(contract, part, credited))
        assessment = assess(spans, segments, terms_period.terms, is_suspended=contract.is_suspended)
        given.take(segments, [line.amount.amount for line in assessment.lines])
        yield Assessed(
            contract=contract,
            window=part,
            contracted=contracted,
            terms_period=terms_period,
            spans=spans,
            assessment=assessment,
        )


class Given:
    """What the parts of one window have given for each invoice line so far."""

    def __init__(self) -> None:
        self._lines: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def leaves(self, segments: Sequence[PriceSegment]) -> Sequence[PriceSegment]:
        """The lines for the part that comes next."""
        if not any(self._lines.values()):
            return segments
        return [
            replace(s, already_credited=s.already_credited + self._lines[s.key]) for s in segments
        ]

    def take(self, segments: Sequence[PriceSegment], amounts: Sequence[Decimal]) -> None:
        for segment, amount in zip(segments, amounts, strict=True):
            self._lines[segment.key] += amount


def contracted_parts(
    contract: Contract, window: Interval
) -> Iterator[tuple[Interval, TermsPeriod, IntervalSet]]:
    """The parts of the window that are judged, and the contracted time of each: never none."""
    active = contract.active_time
    for part, terms_period in contract.parts(window):
        contracted = IntervalSet.of([part]) & active
        if contracted.seconds:
            yield part, terms_period, contracted


def paid_for(
    contract: Contract, window: Interval, credited: Mapping[LineKey, int]
) -> list[PriceSegment]:
    """The invoice lines that price any of the window. What was credited for one is the ledger's to
    say; of a line that it does not know the contract's word counts."""
    return [
        _with_credited(segment, credited.get(LineKey(contract.id, *segment.key)))
        for segment in contract.segments
        if segment.period.overlaps(window)
    ]


def _with_credited(segment: PriceSegment, minor: int | None) -> PriceSegment:
    if minor is None:
        return segment
    return replace(segment, already_credited=money_of(minor, segment.net.currency).amount)

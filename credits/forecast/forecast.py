"""How much of each contract's allowance is used up, when the outage under way breaks it, and what
that costs then and an hour later.

The figures are the report's own: the same timelines, exclusions, verdict and policy, over a month
whose rest is taken to work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from credits.assess import assess, total
from credits.budget import Budget
from credits.contract import Contract, PriceSegment, TermsPeriod
from credits.journal import BillingTransaction
from credits.life.credit import LineKey
from credits.money import Money
from credits.period.assessed import contracted_parts, paid_for
from credits.period.month import Month
from credits.period.period_data import PeriodData
from credits.terms import Denominator
from credits.verdict import judge
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Bucket, Span, count_seconds
from monitor.domain.time.interval import Interval, IntervalSet, Second

HOUR = 3_600
TENTHS = (5, 8, 10)
"""Of an allowance: what people are told of."""
_BEHIND_S = 120
"""So old may the last result be of what goes on: the journal is some seconds behind the checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastData:
    """What the journal holds of the month under way, read in one short transaction."""

    month: Interval
    now: Second
    period_data: PeriodData
    contracts: tuple[Contract, ...]
    credited: Mapping[LineKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What would be due if the outage ended at a second; one sum a currency, none where it is no
    breach yet."""

    at: Second
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractForecast:
    """One contract under the terms of now. `breaks_at` is the end of the first second that breaks
    the guarantee if the outage under way goes on; None without one, where it is broken already, or
    where the month ends before. `then` is the cost in that second, or now where it is broken;
    `later` an hour after, where an outage goes on. None where nothing is due by the month's end."""

    contract: Contract
    terms: TermsPeriod
    budget: Budget
    breaks_at: Second | None
    then: Cost | None = None
    later: Cost | None = None

    @property
    def share(self) -> Fraction:
        """Used of allowed; where nothing is allowed, all of it with the first second."""
        share = self.budget.share
        return share if share is not None else Fraction(2 if self.budget.used else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The worst first: broken, then what goes on by when it breaks, then by what is used.
    `reached` counts contracts by the tenths of their allowance that are gone (`TENTHS`)."""

    at: Second
    month: Interval
    contracts: tuple[ContractForecast, ...]
    reached: Mapping[int, int]
    then: tuple[Money, ...]
    later: tuple[Money, ...]

    @property
    def going_on(self) -> int:
        return sum(one.budget.is_going_on for one in self.contracts)


def read_forecast(tx: BillingTransaction, catalogues: Catalogues, now: Second) -> ForecastData:
    zone = catalogues.present(now).catalogue.zone
    month = Month.of(now, zone).window(zone)
    # Of a month that begins in this second nothing has passed, and no window is empty.
    window = Interval(month.start, max(now, Second(month.start + 1)))
    return ForecastData(
        month=month,
        now=now,
        period_data=PeriodData(tx, catalogues, window),
        contracts=tuple(tx.contracts.active_in(window)),
        credited=tx.credits.credited(besides=month),
    )


def forecast(read: ForecastData) -> Forecast:
    """Compute it from what was read; no transaction makes the core wait meanwhile."""
    found = sorted(_forecasts(read), key=_worst_first)
    return Forecast(
        at=read.now,
        month=read.month,
        contracts=tuple(found),
        reached=Counter(t for one in found for t in TENTHS if _has_reached(one, t)),
        then=total(money for one in found if one.then for money in one.then.totals),
        later=total(
            money for one in found if (last := one.later or one.then) for money in last.totals
        ),
    )


def _forecasts(read: ForecastData) -> Iterator[ContractForecast]:
    for contract in read.contracts:
        for part, terms, contracted in contracted_parts(contract, read.month):
            if part.start <= read.now < part.end:
                yield _Part(read, contract, part, terms, contracted).forecast()


class _Part:
    """A contract in the part of the month that is under way: terms cut it, as in the report."""

    def __init__(
        self,
        read: ForecastData,
        contract: Contract,
        part: Interval,
        terms: TermsPeriod,
        contracted: IntervalSet,
    ) -> None:
        self.contract, self.part, self.terms, self.contracted = contract, part, terms, contracted
        self.now = read.now
        elapsed = IntervalSet.of([Interval(part.start, read.now)]) & contracted
        spans = read.period_data.product(terms.terms, elapsed)
        self.until, self.is_going_on = _last_known(spans, read.now)
        self.spans = [span for span in spans if span.start < self.until]
        self._segments: Sequence[PriceSegment] | None = None
        self._credited = read.credited

    def forecast(self) -> ContractForecast:
        budget = self._budget()
        broken = budget.is_used_up
        breaks_at = budget.used_up_at
        first = self.until if broken else breaks_at
        goes_on = self.is_going_on and first is not None
        return ContractForecast(
            contract=self.contract,
            terms=self.terms,
            budget=budget,
            breaks_at=breaks_at,
            then=None if first is None else self._cost(first),
            later=self._cost(Second(first + HOUR)) if goes_on and first is not None else None,
        )

    def _budget(self) -> Budget:
        """Of the whole part: what has not come yet is taken to work."""
        terms = self.terms.terms
        seconds = count_seconds(self.spans)
        rest = max(0, self.contracted.seconds - seconds.total)
        judged = judge(replace(seconds, up=seconds.up + rest), terms)
        counts = terms.denominator is not Denominator.MEASURED
        return Budget(
            month=self.part,
            until=self.until,
            allowed=judged.allowed,
            used=judged.downtime,
            possible=Fraction(judged.unknown_s if counts else 0),
            is_going_on=self.is_going_on,
        )

    def _cost(self, at: Second) -> Cost:
        """What is due if the outage under way ends at a second; at the end of the part at last."""
        end = min(at, self.part.end)
        ahead = [
            Span(start=piece.start, end=piece.end, bucket=bucket)
            for bucket, span in (
                (Bucket.DOWN if self.is_going_on else Bucket.UP, Interval(self.until, end)),
                (Bucket.UP, Interval(max(end, self.until), self.part.end)),
            )
            for piece in IntervalSet.of([span]) & self.contracted
        ]
        if self._segments is None:
            self._segments = paid_for(self.contract, self.part, self._credited)
        found = assess(
            [*self.spans, *ahead], self._segments, self.terms.terms,
            is_suspended=self.contract.is_suspended,
        )  # fmt: skip
        return Cost(at=end, totals=found.totals)


def _last_known(spans: Sequence[Span], now: Second) -> tuple[Second, bool]:
    """Up to when something is known, and whether that was downtime which goes on: by a fresh
    result, and not excluded."""
    known = list(spans)
    if known and known[-1].bucket is Bucket.UNKNOWN and known[-1].end == now:
        dark = known.pop()
        if dark.interval.seconds > _BEHIND_S:
            return now, False
    last = known[-1] if known else None
    if last is None or last.bucket is not Bucket.DOWN or now - last.end > _BEHIND_S:
        return now, False
    return last.end, True


def _has_reached(one: ContractForecast, tenths: int) -> bool:
    """All of it is gone only where the guarantee is broken: strictly more than is allowed."""
    return one.budget.is_used_up if tenths == 10 else one.share * 10 >= tenths


def _worst_first(one: ContractForecast) -> tuple[bool, int, Fraction, str]:
    breaks_at = one.breaks_at or Second(1 << 40)
    return (not one.budget.is_used_up, breaks_at, -one.share, one.contract.id)

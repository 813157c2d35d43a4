"""How much of each contract's allowance is used up, when the outage under way breaks it, and what
that costs then and an hour later.

The figures are the report's own: the same timelines, exclusions, verdict and policy, over a month
whose rest is taken to work. Contracts that are alike are judged once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from credits.assess import assess, total
from credits.budget import Budget
from credits.contract import ContractId
from credits.forecast.alike import MOST_LISTED, Alike, Contracts, read_contracts
from credits.journal import BillingJournal, BillingTransaction
from credits.money import Money
from credits.period.month import Month
from credits.period.period_data import PeriodData
from credits.terms import Denominator, Terms
from credits.verdict import judge
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Bucket, Span, count_seconds
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.timelines.outages import seconds_of

HOUR = 3_600
PERCENTS = (50, 80, 100)
"""Of an allowance: what people are told of."""
_BEHIND_S = 120
"""So old may the last result be of what goes on: the journal is some seconds behind the checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastData:
    """What happened in the month under way, read in one short transaction."""

    now: Second
    period_data: PeriodData


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What would be due to one contract if the outage ended at a second; one sum a currency, none
    where it is no breach yet."""

    at: Second
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeForecast:
    """Of `count` contracts that are alike, each. `breaks_at` is the end of the first second that
    breaks the guarantee if the outage under way goes on; None without one, where it is broken
    already, or where the month ends before. `then` is the cost in that second, or now where it is
    broken; `later` an hour after, where an outage goes on. None where nothing is due by the month's
    end. `first` are the ids of some of them."""

    alike: Alike
    count: int
    first: tuple[ContractId, ...]
    budget: Budget
    breaks_at: Second | None
    then: Cost | None = None
    later: Cost | None = None

    @property
    def share(self) -> Fraction:
        """Used of allowed; where nothing is allowed, all of it with the first second."""
        share = self.budget.share
        return share if share is not None else Fraction(2 if self.budget.used else 0)

    @property
    def is_touched(self) -> bool:
        return bool(self.budget.used or self.budget.possible)

    def has_reached(self, percent: int) -> bool:
        """All of it is gone only where the guarantee is broken: strictly more than is allowed."""
        return self.budget.is_used_up if percent == 100 else self.share * 100 >= percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """Of a component that some terms require, what of the month they count against it."""

    component: ComponentId
    seconds: int
    is_going_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsForecast:
    """The contracts of the same terms that have not ended, together. `usual` is the forecast of the
    most of them; `reached` counts contracts by percent. `breaks_at` is when the next of them is
    broken. `components` are those that were down, the longest first."""

    terms_hash: str
    label: str
    name: str
    """What people read: the label, and the hash's beginning where others have the same label."""
    contracts: int
    going_on: int
    reached: Mapping[int, int]
    usual: AlikeForecast
    breaks_at: Second | None
    then: tuple[Money, ...]
    later: tuple[Money, ...]
    components: tuple[Downtime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The worst first: broken, then what goes on by when it breaks, then by what is used.
    `reached` counts contracts by the percent of their allowance that is gone (`PERCENTS`)."""

    at: Second
    month: Interval
    alike: tuple[AlikeForecast, ...]
    by_terms: tuple[TermsForecast, ...]
    reached: Mapping[int, int]
    then: tuple[Money, ...]
    later: tuple[Money, ...]

    @property
    def contracts(self) -> int:
        return sum(one.count for one in self.alike)

    @property
    def touched(self) -> int:
        return sum(one.count for one in self.alike if one.is_touched)

    @property
    def going_on(self) -> int:
        return sum(one.count for one in self.alike if one.budget.is_going_on)

    @property
    def breaks_at(self) -> Second | None:
        """When the next contract is broken."""
        return _earliest(self.alike)


def read_forecast(tx: BillingTransaction, catalogues: Catalogues, now: Second) -> ForecastData:
    zone = catalogues.present(now).catalogue.zone
    month = Month.of(now, zone).window(zone)
    # Of a month that begins in this second nothing has passed, and no window is empty.
    window = Interval(month.start, max(now, Second(month.start + 1)))
    return ForecastData(now=now, period_data=PeriodData(tx, catalogues, window))


def present_forecast(
    journal: BillingJournal,
    catalogues: Catalogues,
    now: Second,
    known: Contracts | None = None,
    step: Callable[[], None] = lambda: None,
    listed: int = MOST_LISTED,
) -> tuple[Forecast, Contracts]:
    """The forecast, and the contracts that it rests on: those that are known where they are still
    good. `listed` of those that are alike are remembered by name. No transaction lasts longer than
    to read a month or some hundred contracts. Raises JournalError."""
    with journal.transaction() as tx:
        is_good = known is not None and known.are_good(tx, now)
    contracts = (
        known if is_good and known else read_contracts(journal, catalogues, now, step, listed)
    )
    if not contracts.members:
        # Who sells nothing does not read a month each minute.
        return _of_nothing(contracts.month, now), contracts
    with journal.transaction() as tx:
        read = read_forecast(tx, catalogues, now)
    return forecast(contracts, read, step), contracts


def _of_nothing(month: Interval, now: Second) -> Forecast:
    return Forecast(at=now, month=month, alike=(), by_terms=(), reached={}, then=(), later=())


def forecast(
    contracts: Contracts, read: ForecastData, step: Callable[[], None] = lambda: None
) -> Forecast:
    """Compute it from what was read; no transaction makes the core wait meanwhile."""
    judge_each = _Judge(contracts, read)
    found = []
    for place, alike in enumerate(contracts.members):
        if alike.contracted.parts[0].start <= read.now:
            found.append(judge_each.forecast(alike))
        if place % 100 == 99:
            step()
    found.sort(key=_worst_first)
    return Forecast(
        at=read.now,
        month=contracts.month,
        alike=tuple(found),
        by_terms=tuple(_by_terms(found, read, contracts.terms)),
        reached=_reached(found),
        then=_due(found, lambda one: one.then),
        later=_due(found, lambda one: one.later or one.then),
    )


def _due(
    found: Iterable[AlikeForecast], cost_of: Callable[[AlikeForecast], Cost | None]
) -> tuple[Money, ...]:
    """Each contract's sum is rounded by itself, so that many are that sum times so many."""
    return total(
        Money(money.amount * one.count, money.currency)
        for one in found
        if (cost := cost_of(one))
        for money in cost.totals
    )


def _reached(found: Iterable[AlikeForecast]) -> Mapping[int, int]:
    reached: Counter[int] = Counter()
    for one in found:
        reached.update({p: one.count for p in PERCENTS if one.has_reached(p)})
    return reached


def _earliest(found: Iterable[AlikeForecast]) -> Second | None:
    return min((one.breaks_at for one in found if one.breaks_at is not None), default=None)


def _by_terms(
    found: Sequence[AlikeForecast], read: ForecastData, terms: Mapping[str, Terms]
) -> Iterator[TermsForecast]:
    grouped: defaultdict[str, list[AlikeForecast]] = defaultdict(list)
    for one in found:
        if one.alike.contracted.parts[-1].end > read.now:
            grouped[one.alike.terms_hash].append(one)
    labels = Counter(own[0].alike.label for own in grouped.values())
    for hash_, own in sorted(grouped.items()):
        label = own[0].alike.label
        yield TermsForecast(
            terms_hash=hash_,
            label=label,
            name=label if labels[label] == 1 else f"{label} ({hash_[:12]})",
            contracts=sum(one.count for one in own),
            going_on=sum(one.count for one in own if one.budget.is_going_on),
            reached=_reached(own),
            usual=_usual(own),
            breaks_at=_earliest(own),
            then=_due(own, lambda one: one.then),
            later=_due(own, lambda one: one.later or one.then),
            components=tuple(_downtimes(terms[hash_], read)) if _is_used(own) else (),
        )


def _is_used(found: Iterable[AlikeForecast]) -> bool:
    return any(one.budget.used for one in found)


def _usual(found: Sequence[AlikeForecast]) -> AlikeForecast:
    """Of the time that most contracts have: prices do not touch what is used."""
    counts: Counter[tuple[Interval, IntervalSet]] = Counter()
    for one in found:
        counts[one.alike.part, one.alike.contracted] += one.count
    most = max(counts.values())
    return next(o for o in found if counts[o.alike.part, o.alike.contracted] == most)


def _downtimes(terms: Terms, read: ForecastData) -> list[Downtime]:
    """What of each component the terms count, whether or not another one stood in for it."""
    past = read.period_data
    exclusions, whole = past.exclusions(terms), IntervalSet.of([past.window])
    found = []
    for component in past.required(terms):
        timeline = past.timeline(component)
        down = seconds_of(
            component, timeline, exclusions, whole, past.records_from(component)
        ).down  # fmt: skip
        if down:
            last = timeline[-1] if timeline else None
            is_on = (
                last is not None
                and read.now - last.end <= _BEHIND_S
                and last.status is Outcome.DOWN
            )
            found.append(Downtime(component=component, seconds=down, is_going_on=is_on))
    return sorted(found, key=lambda one: (-one.seconds, one.component))


class _Judge:
    """Contracts of the same terms and time have the same past, and those of the same price the same
    cost: each is computed once."""

    def __init__(self, contracts: Contracts, read: ForecastData) -> None:
        self._contracts = contracts
        self._read = read
        self._pasts: dict[tuple[str, Interval, IntervalSet], _Past] = {}

    def forecast(self, alike: Alike) -> AlikeForecast:
        terms = self._contracts.terms[alike.terms_hash]
        key = (alike.terms_hash, alike.part, alike.contracted)
        past = self._pasts.get(key)
        if past is None:
            past = self._pasts[key] = _Past(self._read, terms, alike.part, alike.contracted)
        members = self._contracts.members[alike]
        return past.forecast(alike, members.count, tuple(members.first))


class _Past:
    """One set of terms in the part of the month that is under way."""

    def __init__(
        self, read: ForecastData, terms: Terms, part: Interval, contracted: IntervalSet
    ) -> None:
        self.part, self.terms, self.contracted = part, terms, contracted
        elapsed = IntervalSet.of([Interval(part.start, read.now)]) & contracted
        spans = read.period_data.product(terms, elapsed)
        self.until, self.is_going_on = _last_known(spans, read.now)
        self.spans = [span for span in spans if span.start < self.until]
        self.budget = self._budget()
        self.breaks_at = self.budget.used_up_at
        self._first = self.until if self.budget.is_used_up else self.breaks_at
        self._then = self._ended(self._first) if self._first is not None else ()
        self._later = (
            self._ended(Second(self._first + HOUR))
            if self.is_going_on and self._first is not None
            else ()
        )

    def forecast(self, alike: Alike, count: int, first: tuple[ContractId, ...]) -> AlikeForecast:
        at = self._first
        goes_on = self.is_going_on and at is not None
        return AlikeForecast(
            alike=alike,
            count=count,
            first=first,
            budget=self.budget,
            breaks_at=self.breaks_at,
            then=None if at is None else self._cost(alike, at, self._then),
            later=self._cost(alike, Second(at + HOUR), self._later)
            if goes_on and at is not None
            else None,
        )

    def _budget(self) -> Budget:
        """Of the whole part: what has not come yet is taken to work."""
        seconds = count_seconds(self.spans)
        rest = max(0, self.contracted.seconds - seconds.total)
        judged = judge(replace(seconds, up=seconds.up + rest), self.terms)
        counts = self.terms.denominator is not Denominator.MEASURED
        return Budget(
            month=self.part,
            until=self.until,
            allowed=judged.allowed,
            used=judged.downtime,
            possible=Fraction(judged.unknown_s if counts else 0),
            is_going_on=self.is_going_on,
        )

    def _ended(self, at: Second) -> Sequence[Span]:
        """The whole part if the outage under way ends at a second; at its end at last."""
        end = min(at, self.part.end)
        ahead = [
            Span(start=piece.start, end=piece.end, bucket=bucket)
            for bucket, span in (
                (Bucket.DOWN if self.is_going_on else Bucket.UP, Interval(self.until, end)),
                (Bucket.UP, Interval(max(end, self.until), self.part.end)),
            )
            for piece in IntervalSet.of([span]) & self.contracted
        ]
        return [*self.spans, *ahead]

    def _cost(self, alike: Alike, at: Second, spans: Sequence[Span]) -> Cost:
        found = assess(
            spans, (line.segment for line in alike.lines), self.terms,
            is_suspended=alike.is_suspended,
        )  # fmt: skip
        return Cost(at=min(at, self.part.end), totals=found.totals)


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


def _worst_first(one: AlikeForecast) -> tuple[bool, int, Fraction, Sequence[ContractId]]:
    breaks_at = one.breaks_at or Second(1 << 40)
    return (not one.budget.is_used_up, breaks_at, -one.share, one.first)

"""What a classification changes for contracts, summed over however many there are.

Contracts are read some hundreds at a time, each in a transaction of its own: nobody waits for the
whole. What an import changes meanwhile is read and counted again, a stretch of contracts at a time,
so that the sums are those of the contracts as they are at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from credits.assess import Status, assess, total
from credits.contract import Contract, ContractId, TermsPeriod
from credits.journal import IMPORTED, BillingJournal
from credits.life.credit import LineKey
from credits.money import Money
from credits.period.assessed import Given, PaidLine, contracted_parts, paid_for
from credits.period.period_data import PeriodData
from credits.terms import Terms
from monitor.domain.availability import Span
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, IntervalSet

MOST_LISTED = 100
"""Parts of contracts that change and are listed by name; all are counted."""
_PAGE = 500
_MOST_DUES = 4_096
_DueKey = tuple[str, IntervalSet, bool, tuple[PaidLine, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one contract is owed for one part of a month."""

    downtime: Fraction
    status: Status
    amounts: tuple[Money, ...]
    by_line: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEffect:
    contract: Contract
    window: Interval
    before: Due
    after: Due

    @property
    def is_change(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsEffect:
    """Of the contracts that require a component at some time of a month: how many they are, how
    many are `changed`, what is owed before and after by currency (currencies are never added
    together), and the first parts that change."""

    contracts: int = 0
    changed: int = 0
    totals_before: tuple[Money, ...] = ()
    totals_after: tuple[Money, ...] = ()
    listed: tuple[ContractEffect, ...] = ()

    @classmethod
    def of(cls, parts: Sequence[ContractEffect]) -> ContractsEffect:
        changed = [one for one in parts if one.is_change]
        return cls(
            contracts=len({one.contract.id for one in parts}),
            changed=len({one.contract.id for one in changed}),
            totals_before=total(money for one in parts for money in one.before.amounts),
            totals_after=total(money for one in parts for money in one.after.amounts),
            listed=tuple(changed[:MOST_LISTED]),
        )

    def __add__(self, behind: ContractsEffect) -> ContractsEffect:
        """With that of other contracts, whose ids come after all of these."""
        return ContractsEffect(
            contracts=self.contracts + behind.contracts,
            changed=self.changed + behind.changed,
            totals_before=total((*self.totals_before, *behind.totals_before)),
            totals_after=total((*self.totals_after, *behind.totals_after)),
            listed=(*self.listed, *behind.listed)[:MOST_LISTED],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The same month before and after a decision about a component."""

    component: ComponentId
    before: PeriodData
    after: PeriodData


def over_contracts(
    sides: Sides, journal: BillingJournal, seen: int, step: Callable[[], None]
) -> ContractsEffect:
    """`seen` is the newest change when the month was read; `step` is called between transactions.
    Raises JournalError."""
    every = _Stretch(after=ContractId(""), last=None, effect=ContractsEffect())
    stretches = list(_stretches(every, sides, journal, step))
    while True:
        with journal.transaction() as tx:
            changes = tx.changes.of_kinds(IMPORTED, seen)
        if not changes:
            return sum((one.effect for one in stretches), ContractsEffect())
        seen, moved = changes[-1].seq, [ContractId(one.subject) for one in changes]
        stretches = [
            new
            for old in stretches
            for new in (
                _stretches(old, sides, journal, step) if any(map(old.has, moved)) else [old]
            )
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Contracts whose ids come after one, up to another (None: all of them), and what changes."""

    after: ContractId
    last: ContractId | None
    effect: ContractsEffect

    def has(self, contract: ContractId) -> bool:
        return self.after < contract and (self.last is None or contract <= self.last)


def _stretches(
    wanted: _Stretch, sides: Sides, journal: BillingJournal, step: Callable[[], None]
) -> Iterator[_Stretch]:
    """The same contracts as they are now, in stretches of one page each."""
    window, judge, after = sides.before.window, _Judge(sides), wanted.after
    while True:
        with journal.transaction() as tx:
            page = tx.contracts.active_page(window, after, _PAGE)
            credited = tx.credits.credited([contract.id for contract in page], besides=window)
        within = [contract for contract in page if wanted.has(contract.id)]
        is_last = len(within) < _PAGE
        last = wanted.last if is_last else within[-1].id
        effect = ContractsEffect.of([one for c in within for one in judge.effects(c, credited)])
        yield replace(wanted, after=after, last=last, effect=effect)
        if is_last or last is None:
            return
        after = last
        step()


class _Judge:
    """Both sides for one contract after the other. Thousands have the same terms, time and price:
    they are judged once, for a policy reads of a line what was paid and nothing else."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._terms: dict[str, Terms] = {}
        self._concerned: dict[str, bool] = {}
        self._dues = lru_cache(maxsize=_MOST_DUES)(self._judged)

    def effects(
        self, contract: Contract, credited: Mapping[LineKey, int]
    ) -> Iterator[ContractEffect]:
        """None for a contract whose terms never require the component."""
        window = self._sides.before.window
        if not any(self._requires(period) for _, period in contract.parts(window)):
            return
        given = Given(), Given()
        for part, period, contracted in contracted_parts(contract, window):
            self._terms[period.terms.hash] = period.terms
            paid = paid_for(contract, part, credited)
            dues = list[Due]()
            for side, own in enumerate(given):
                segments = own.leaves(paid)
                lines = tuple(map(PaidLine.of, segments))
                key = (period.terms.hash, contracted, contract.is_suspended, lines)
                dues.append(self._dues(key)[side])
                own.take(segments, dues[side].by_line)
            before, after = dues
            yield ContractEffect(contract=contract, window=part, before=before, after=after)

    def _requires(self, period: TermsPeriod) -> bool:
        key = period.terms.hash
        if key not in self._concerned:
            required = self._sides.before.required(period.terms)
            self._concerned[key] = self._sides.component in required
        return self._concerned[key]

    def _judged(self, key: _DueKey) -> tuple[Due, Due]:
        name, contracted, is_suspended, lines = key
        terms = self._terms[name]
        spans = [s.product(terms, contracted) for s in (self._sides.before, self._sides.after)]
        before = _due(spans[0], lines, terms, is_suspended=is_suspended)
        if spans[0] == spans[1]:
            return before, before
        return before, _due(spans[1], lines, terms, is_suspended=is_suspended)


def _due(
    spans: Sequence[Span], lines: Sequence[PaidLine], terms: Terms, *, is_suspended: bool
) -> Due:
    assessed = assess(spans, (line.segment for line in lines), terms, is_suspended=is_suspended)
    return Due(
        downtime=assessed.judgement.downtime,
        status=assessed.status,
        amounts=assessed.totals,
        by_line=tuple(line.amount.amount for line in assessed.lines),
    )

"""Contracts that a forecast cannot tell apart, counted: a hundred thousand have few terms, times
and prices between them.

They are read some hundreds at a time, each in a transaction of its own: nobody waits for the whole.
What an import changes is noticed by the change feed, and everything is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from credits.contract import Contract, ContractId
from credits.journal import IMPORTED, BillingJournal, BillingTransaction
from credits.life.credit import LineKey
from credits.period.assessed import PaidLine, contracted_parts, paid_for
from credits.period.month import Month
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.time.interval import Interval, IntervalSet, Second

MOST_LISTED = 100
"""Contracts of a forecast that are listed by name; all are counted."""
_MOVES = (*IMPORTED, "month.closed")
"""The changes after which contracts, or what was credited for their lines, are others."""
_OLD_S = 3_600
"""What else is credited meanwhile touches a cap at most, and is read within that time."""
_PAGE = 500


class Alike(NamedTuple):
    """What contracts have in common that have the same forecast. `part` is the part of the month
    under way: terms cut it, as in the report."""

    label: str
    terms_hash: str
    part: Interval
    contracted: IntervalSet
    is_suspended: bool
    lines: tuple[PaidLine, ...]


@dataclass(slots=True)
class Members:
    """How many contracts they are, and the first of them by id, up to so many as are listed."""

    count: int = 0
    first: list[ContractId] = field(default_factory=list)

    def add(self, contract: ContractId, listed: int) -> None:
        self.count += 1
        if len(self.first) < listed:
            self.first.append(contract)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """Every contract of the month under way. They hold from `read_at` until `until`, when other
    terms begin to hold for one of them; `seen` is the newest change when reading began."""

    month: Interval
    members: Mapping[Alike, Members]
    terms: Mapping[str, Terms]
    read_at: Second
    until: Second
    seen: int

    def are_good(self, tx: BillingTransaction, now: Second) -> bool:
        """Whether they are still those of the journal. One that was put back from a copy is
        younger than what was seen of it."""
        last = tx.changes.last()
        if not self.read_at <= now < min(self.until, self.read_at + _OLD_S) or last < self.seen:
            return False
        return last == self.seen or not tx.changes.of_kinds(_MOVES, self.seen)


def read_contracts(
    journal: BillingJournal,
    catalogues: Catalogues,
    now: Second,
    step: Callable[[], None] = lambda: None,
    listed: int = MOST_LISTED,
) -> Contracts:
    """`step` is called between transactions, `listed` is how many are remembered by name of those
    that are alike. Raises JournalError."""
    zone = catalogues.present(now).catalogue.zone
    reading = _Reading(Month.of(now, zone).window(zone), now, listed)
    with journal.transaction() as tx:
        seen = tx.changes.last()
    after: ContractId | None = ContractId("")
    while after is not None:
        with journal.transaction() as tx:
            page = tx.contracts.active_page(reading.month, after, _PAGE)
            credited = tx.credits.credited([one.id for one in page], besides=reading.month)
        for contract in page:
            reading.take(contract, credited)
        after = page[-1].id if len(page) == _PAGE else None
        step()
    return reading.contracts(seen)


class _Reading:
    def __init__(self, month: Interval, now: Second, listed: int) -> None:
        self.month = month
        self._now = now
        self._listed = listed
        self._members: dict[Alike, Members] = {}
        self._terms: dict[str, Terms] = {}
        self._until = month.end

    def take(self, contract: Contract, credited: Mapping[LineKey, int]) -> None:
        for alike in self._of(contract, credited):
            self._members.setdefault(alike, Members()).add(contract.id, self._listed)
            self._until = min(self._until, alike.part.end)

    def _of(self, contract: Contract, credited: Mapping[LineKey, int]) -> Iterator[Alike]:
        for part, period, contracted in contracted_parts(contract, self.month):
            if part.start <= self._now < part.end:
                self._terms.setdefault(period.terms.hash, period.terms)
                yield Alike(
                    label=period.label,
                    terms_hash=period.terms.hash,
                    part=part,
                    contracted=contracted,
                    is_suspended=contract.is_suspended,
                    lines=tuple(PaidLine.of(s) for s in paid_for(contract, part, credited)),
                )

    def contracts(self, seen: int) -> Contracts:
        return Contracts(
            month=self.month, members=self._members, terms=self._terms,
            read_at=self._now, until=self._until, seen=seen,
        )  # fmt: skip

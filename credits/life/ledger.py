"""The ledger: double-entry and append-only, in whole minor units.

Each arrow of a credit's life is one posting, which takes every line's amount out of one account and
puts it into another: its entries add up to nothing. What owed, approved, applied and closed hold
together has come out of the expense, and the balance of each is what the credits in its states come
to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, NewType, assert_never

from credits.life.credit import CreditId, CreditRecord, CreditStep, LineKey
from credits.life.states import CreditState
from credits.money import Money, minor_units
from monitor.domain.time.interval import Second

PostingId = NewType("PostingId", str)


class LedgerAccount(StrEnum):
    """Where an amount stands. The value is stored."""

    EXPENSE = "expense"
    """The other side of all the rest: what service credits cost, as a negative number."""
    OWED = "owed"
    APPROVED = "approved"
    APPLIED = "applied"
    CLOSED = "closed"
    """Rejected, expired, lapsed or superseded: it came to nothing."""


COUNTED = frozenset({LedgerAccount.OWED, LedgerAccount.APPROVED, LedgerAccount.APPLIED})
"""What fills the cap of an invoice line: what was given, and what may still be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """`minor` are whole minor units of the currency: positive into the account, negative out."""

    account: LedgerAccount
    client_id: str
    line: LineKey
    currency: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Entries that belong together, under an id that is never used twice. `credit` is None where
    they open a line."""

    id: PostingId
    at: Second
    entries: tuple[LedgerEntry, ...]
    credit: CreditId | None = None


class Holding(NamedTuple):
    """Accounts are kept by client and currency; currencies are never added together."""

    client_id: str
    currency: str
    account: LedgerAccount


def account_of(state: CreditState | None) -> LedgerAccount:
    """Where the amount of a credit in that state stands. While a person still has to say whether
    there is anything, nothing has left the expense."""
    match state:
        case None | CreditState.NEEDS_REVIEW | CreditState.PENDING_HUMAN_APPROVAL:
            return LedgerAccount.EXPENSE
        case CreditState.ELIGIBLE | CreditState.REQUESTED | CreditState.UNDER_REVIEW:
            return LedgerAccount.OWED
        case (
            CreditState.APPROVED
            | CreditState.BLOCKED_SUSPENDED
            | CreditState.HELD_CHARGEBACK
            | CreditState.APPLYING
            | CreditState.APPLY_UNKNOWN
        ):
            return LedgerAccount.APPROVED
        case CreditState.APPLIED:
            return LedgerAccount.APPLIED
        case (
            CreditState.REJECTED
            | CreditState.EXPIRED
            | CreditState.SUPERSEDED
            | CreditState.LAPSED
            | CreditState.CLOSED_NO_BREACH
        ):
            return LedgerAccount.CLOSED
    assert_never(state)


def posting_of(record: CreditRecord) -> Posting:
    """What the newest step of a credit moves. Nothing where another ticket joined it, or where it
    ends before anything had left the expense."""
    step = record.steps[-1]
    return Posting(
        id=PostingId(f"{step.credit}/{step.seq}"),
        at=step.at,
        entries=tuple(_entries(record, step)),
        credit=step.credit,
    )


def postings_of(record: CreditRecord) -> Iterator[Posting]:
    """What each step of a credit moved, in order."""
    for taken in range(1, len(record.steps) + 1):
        yield posting_of(CreditRecord(record.credit, record.steps[:taken]))


def opening(line: LineKey, client_id: str, credited: Money, at: Second) -> Posting:
    """What had been credited for a line before this ledger knew of it. Its id is the line's: read
    again, it is the same posting. One of nothing is a posting too, for what is credited later is
    this ledger's own."""
    return Posting(
        id=PostingId(f"opening/{line.contract}/{line.invoice_id}/{line.line_id}"),
        at=at,
        entries=tuple(
            _transfer(LedgerAccount.EXPENSE, LedgerAccount.APPLIED, client_id, line, credited)
        ),
    )


def correction(
    line: LineKey, client_id: str, opened: Money, credited: Money, at: Second
) -> Posting:
    """What an opening should have said: the difference, beside it. Nothing is edited."""
    difference = Money(credited.amount - opened.amount, credited.currency)
    name = f"{line.contract}/{line.invoice_id}/{line.line_id}/{opened.amount}/{credited.amount}"
    return Posting(
        id=PostingId(f"correction/{name}/{at}"),
        at=at,
        entries=tuple(
            _transfer(LedgerAccount.EXPENSE, LedgerAccount.APPLIED, client_id, line, difference)
        ),
    )


def _entries(record: CreditRecord, step: CreditStep) -> Iterator[LedgerEntry]:
    source, target = account_of(step.before), account_of(step.after)
    if step.before is step.after:
        return
    if source is LedgerAccount.EXPENSE and target in (source, LedgerAccount.CLOSED):
        return
    for line, money in record.amounts:
        if money.amount:
            yield from _transfer(source, target, record.credit.client_id, line, money)


def _transfer(
    source: LedgerAccount, target: LedgerAccount, client_id: str, line: LineKey, money: Money
) -> Iterator[LedgerEntry]:
    minor = in_minor_units(money)
    for account, signed in ((source, -minor), (target, minor)):
        yield LedgerEntry(
            account=account,
            client_id=client_id,
            line=line,
            currency=money.currency,
            minor=signed,
        )


def in_minor_units(money: Money) -> int:
    """An amount as whole minor units; ValueError where it has a part of one.

    >>> in_minor_units(Money(Decimal("6.86"), "USD")), in_minor_units(Money(Decimal(62), "CLP"))
    (686, 62)
    """
    scaled = money.amount.scaleb(minor_units(money.currency))
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{money} has a part of a minor unit")
    return whole


def money_of(minor: int, currency: str) -> Money:
    """The inverse.

    >>> str(money_of(-229, "USD"))
    '-2.29 USD'
    """
    return Money(Decimal(minor).scaleb(-minor_units(currency)), currency)


def balances(entries: Iterable[LedgerEntry]) -> Mapping[Holding, int]:
    """What each account holds, in minor units; accounts that hold nothing are left out."""
    sums: Counter[Holding] = Counter()
    for entry in entries:
        sums[Holding(entry.client_id, entry.currency, entry.account)] += entry.minor
    return {holding: minor for holding, minor in sorted(sums.items()) if minor}


def credited(entries: Iterable[LedgerEntry]) -> Mapping[LineKey, int]:
    """What each invoice line has given or may still give, in minor units of its currency: a cap
    leaves no room for it."""
    sums: Counter[LineKey] = Counter()
    for entry in entries:
        if entry.account in COUNTED:
            sums[entry.line] += entry.minor
    return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFault:
    """The first place where the ledger does not say what the credits' steps say."""

    posting: PostingId
    wanted: tuple[LedgerEntry, ...]
    got: tuple[LedgerEntry, ...]


def first_fault(
    records: Iterable[CreditRecord], postings: Mapping[PostingId, Posting]
) -> LedgerFault | None:
    """Compute every posting again from the credits' steps, and compare. Opening postings rest on no
    step: they only have to balance. None where all agree."""
    expected = {p.id: p.entries for record in records for p in postings_of(record) if p.entries}
    for number, entries in expected.items():
        kept = postings.get(number)
        if kept is None or Counter(kept.entries) != Counter(entries):
            got = () if kept is None else kept.entries
            return LedgerFault(posting=number, wanted=entries, got=got)
    for number, kept in postings.items():
        is_known = number in expected or kept.credit is None
        if not is_known or not is_balanced(kept):
            return LedgerFault(posting=number, wanted=(), got=kept.entries)
    return None


def is_balanced(posting: Posting) -> bool:
    """Whether its entries add up to nothing in each currency, for each invoice line."""
    sums: Counter[tuple[LineKey, str]] = Counter()
    for entry in posting.entries:
        sums[entry.line, entry.currency] += entry.minor
    return not any(sums.values())

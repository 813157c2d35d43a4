"""What a month that was computed anew changes about the credits that there are.

The figure that counts is the fresh one; what was applied is never edited. So whatever is surely not
applied gives way, and the rest of the figure is due: fresh − what was applied, line by line. What a
panel was ever asked for counts as applied, also once it is released: the call may still arrive. A
refusal stays one: what was rejected, expired or lapsed is not asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from credits.life.credit import CreditRecord, LineDue
from credits.life.states import CreditState
from credits.money import Money

_S = CreditState
_REFUSED = frozenset({_S.REJECTED, _S.EXPIRED, _S.LAPSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one window comes to now. `is_undecided`: two people have to say what its unknown seconds
    were, or nobody knows what a second costs."""

    lines: tuple[LineDue, ...] = ()
    is_undecided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What has to happen: these give way, and a new one begins in `begins` with `lines`. `begins`
    None: there is nothing to give."""

    superseded: tuple[CreditRecord, ...] = ()
    begins: CreditState | None = None
    lines: tuple[LineDue, ...] = ()


class _Line(NamedTuple):
    invoice_id: str
    line_id: str
    currency: str


def settle(figure: Figure, records: Sequence[CreditRecord]) -> Settlement:
    """Compare a window's figure with all credits and adjustments of its key, in any order.

    Where every output is equal, nothing happens.
    """
    open_ = tuple(record for record in records if record.may_give_way)
    final = [r for r in records if not r.may_give_way and r.state is not _S.SUPERSEDED]
    if figure.is_undecided and any(_has_decided(figure, one, final) for one in final):
        return Settlement(superseded=open_)
    due = _due(figure, final)
    begins = _beginning(due, figure)
    is_same = len(open_) == 1 and _is_equal(open_[0], due, is_undecided=figure.is_undecided)
    if begins is not None and is_same:
        return Settlement()
    return Settlement(superseded=open_, begins=begins, lines=due if begins else ())


def unanswered(records: Iterable[CreditRecord]) -> tuple[str, ...]:
    """Tickets of what gave way that nothing which stands has: oldest first. `records` are all
    credits and adjustments of one key."""
    found = sorted(records, key=lambda one: one.credit.ordinal)
    gone = [one for one in found if one.state is _S.SUPERSEDED]
    stands = {t for one in found if one not in gone for t in one.tickets}
    return tuple(dict.fromkeys(t for one in gone for t in one.tickets if t not in stands))


def _has_decided(figure: Figure, one: CreditRecord, final: Sequence[CreditRecord]) -> bool:
    """Whether one was the decision about exactly this figure."""
    others = [other for other in final if other is not one]
    return one.assumed is not None and one.credit.lines == _due(figure, others)


def _is_equal(one: CreditRecord, due: tuple[LineDue, ...], *, is_undecided: bool) -> bool:
    was_undecided = one.state is _S.NEEDS_REVIEW or one.assumed is not None
    return one.credit.lines == due and was_undecided is is_undecided


def _beginning(due: Sequence[LineDue], figure: Figure) -> CreditState | None:
    """Nobody has to decide what comes to nothing either way; without an invoice nobody knows."""
    if figure.is_undecided and (due or not figure.lines):
        return _S.NEEDS_REVIEW
    amounts = [line.amount.amount for line in due]
    if not any(amounts):
        return None
    return _S.PENDING_HUMAN_APPROVAL if min(amounts) < 0 else _S.ELIGIBLE


def _due(figure: Figure, final: Iterable[CreditRecord]) -> tuple[LineDue, ...]:
    """The rest of the figure, by invoice and line; lines of which nothing is left are dropped."""
    given, refused = _taken(final)
    fresh = {_Line(f.invoice_id, f.line_id, f.amount.currency): f for f in figure.lines}
    found = []
    for line in sorted(fresh.keys() | given.keys()):
        due = fresh.get(line)
        amount = Decimal(0) if due is None else due.amount.amount
        worst = amount if due is None or due.if_down is None else due.if_down.amount
        kept = LineDue(
            invoice_id=line.invoice_id,
            line_id=line.line_id,
            amount=Money(_rest(amount, given[line], refused[line]), line.currency),
            if_down=(
                Money(_rest(worst, given[line], refused[line]), line.currency)
                if figure.is_undecided
                else None
            ),
        )
        if kept.amount.amount or (kept.if_down is not None and kept.if_down.amount):
            found.append(kept)
    return tuple(found)


def _taken(
    final: Iterable[CreditRecord],
) -> tuple[defaultdict[_Line, Decimal], defaultdict[_Line, list[Decimal]]]:
    """Of each line, what the customer has or may have, and each amount that was refused."""
    given: defaultdict[_Line, Decimal] = defaultdict(Decimal)
    refused: defaultdict[_Line, list[Decimal]] = defaultdict(list)
    for record in final:
        for key, money in record.amounts:
            line = _Line(key.invoice_id, key.line_id, money.currency)
            if record.may_be_given:
                given[line] += money.amount
            elif record.state in _REFUSED:
                refused[line].append(money.amount)
    return given, refused


def _rest(fresh: Decimal, given: Decimal, refused: Sequence[Decimal]) -> Decimal:
    """What is left to give, or to take back.

    >>> one = Decimal(1)
    >>> _rest(8 * one, 6 * one, []), _rest(4 * one, 6 * one, []), _rest(8 * one, 0 * one, [6 * one])
    (Decimal('2'), Decimal('-2'), Decimal('2'))
    >>> _rest(4 * one, 6 * one, [-2 * one])
    Decimal('0')
    """
    gap = fresh - given
    if gap > 0:
        return max(gap - sum(amount for amount in refused if amount > 0), Decimal(0))
    return min(gap - sum(amount for amount in refused if amount < 0), Decimal(0))

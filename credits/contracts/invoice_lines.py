"""Checks of invoice lines. None may be sold more than once, paid twice for the same time, or paid
for a time in which there was no contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from credits.contract import Contract, ContractId, PriceSegment, SoldLine
from credits.contracts.rows import BadRow, ContractRow, complain
from credits.money import exact_text
from credits.stamps import local_spans_text

_Key = tuple[str, str]
_MAX_NAMED = 4


def check_periods(
    group: Sequence[ContractRow],
    segments: Sequence[PriceSegment],
    problems: list[BadRow],
    zone: ZoneInfo,
) -> None:
    """Check a contract's rows against its life and its other lines, earlier imports included."""
    lines = {row.segment.key: row.line for row in group if row.segment is not None}
    for row in group:
        if row.segment is not None and not row.segment.period.overlaps(row.head.active):
            life = local_spans_text([row.head.active], zone)
            got = local_spans_text([row.segment.period], zone)
            wanted = f"a period within the contract's life ({life})"
            complain(problems, row.line, "period_start", wanted, got)
    ordered = sorted(segments, key=lambda s: (s.line_id, s.period, s.key))
    latest: PriceSegment | None = None
    for segment in ordered:
        if latest is not None and _paid_twice(latest, segment):
            line = lines.get(segment.key, lines.get(latest.key))
            if line is not None:
                wanted = (
                    f"one invoice at a time for line {segment.line_id!r}: {latest.invoice_id} has "
                    + local_spans_text([latest.period], zone)
                )
                got = f"{segment.invoice_id} {local_spans_text([segment.period], zone)}"
                complain(problems, line, "period_start", wanted, got)
        if latest is None or latest.line_id != segment.line_id or (
            segment.period.end > latest.period.end
        ):  # fmt: skip
            latest = segment


def _paid_twice(one: PriceSegment, other: PriceSegment) -> bool:
    return one.line_id == other.line_id and one.period.overlaps(other.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """A contract's part of an invoice line; `line` of the file, None where it is stored already."""

    line: int | None
    contract: ContractId
    weight: Decimal


class LineShares:
    """The share of each invoice line that all contracts together have: at most the whole line."""

    def __init__(self) -> None:
        self._taken: set[ContractId] = set()
        self._shares: dict[_Key, list[_Share]] = {}

    def take(self, contract: Contract, group: Sequence[ContractRow]) -> None:
        """Add one contract of the file, as it would be stored."""
        lines = {row.segment.key: row.line for row in group if row.segment is not None}
        self._taken.add(contract.id)
        for segment in contract.segments:
            self._add(segment.key, contract.id, segment.weight, lines.get(segment.key))

    def check(self, stored: Iterable[SoldLine], problems: list[BadRow]) -> None:
        """Add the stored lines of contracts that the file does not mention, and add a problem for
        every line that is sold more than once."""
        mentioned = {
            key for key, shares in self._shares.items() if any(s.line is not None for s in shares)
        }
        for sold in stored:
            if sold.contract not in self._taken and sold.key in mentioned:
                self._add(sold.key, sold.contract, sold.weight, None)
        for key in mentioned:
            _check_sum(key, self._shares[key], problems)

    def _add(self, key: _Key, contract: ContractId, weight: Decimal, line: int | None) -> None:
        share = _Share(line=line, contract=contract, weight=weight)
        self._shares.setdefault(key, []).append(share)


def _check_sum(key: _Key, shares: Sequence[_Share], problems: list[BadRow]) -> None:
    whole = sum((share.weight for share in shares), Decimal(0))
    if whole <= 1:
        return
    last = max(share.line for share in shares if share.line is not None)
    parts = [f"{exact_text(s.weight)} of {s.contract}" for s in shares[:_MAX_NAMED]]
    more = [f"{len(shares) - _MAX_NAMED} more"] if len(shares) > _MAX_NAMED else []
    wanted = f"weights of at most 1 together for invoice line {'/'.join(key)}"
    complain(problems, last, "weight", wanted, f"{exact_text(whole)}: {', '.join(parts + more)}")

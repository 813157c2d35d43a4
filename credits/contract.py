"""A contract: its customer, when it was active, its terms and what was paid.

*Terms* decide whether the guarantee held. A *price segment* decides what a lost second is worth.
The two are separate, so that a renewal inside a month works.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, NewType

from credits.money import Money
from credits.terms import Terms
from monitor.domain.time.interval import Interval, IntervalSet

ContractId = NewType("ContractId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSegment:
    """One invoice line: what was paid for `period`, after promotions, without tax or setup.

    `weight` is the line's share in a bundle; `already_credited` is in the line's currency.
    """

    invoice_id: str
    line_id: str
    period: Interval
    net: Money
    weight: Decimal = Decimal(1)
    already_credited: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, str]:
        return (self.invoice_id, self.line_id)


class SoldLine(NamedTuple):
    """An invoice line, and which share of it a contract has."""

    contract: ContractId
    invoice_id: str
    line_id: str
    weight: Decimal

    @property
    def key(self) -> tuple[str, str]:
        return (self.invoice_id, self.line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPeriod:
    """Terms that were in force when an invoice was paid: they hold until its period ends.

    `label` is the name under which the terms were chosen; it is not part of their hash.
    """

    period: Interval
    label: str
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a customer rents. `service_id` is its number in the billing panel.

    `terms` are sorted and disjoint; segments are sorted by period, invoice and line.
    `is_suspended` says that the account is suspended for non-payment today (clause 5a);
    `suspended` holds the past suspensions, which do not count as contracted time.
    """

    id: ContractId
    client_id: str
    service_id: str
    product: str
    active: tuple[Interval, ...]
    suspended: tuple[Interval, ...] = ()
    is_suspended: bool = False
    terms: tuple[TermsPeriod, ...] = ()
    segments: tuple[PriceSegment, ...] = ()
    names: tuple[str, ...] = ()
    """Domains that the customer runs there, in ASCII, sorted: "does it concern me?" finds them."""

    @property
    def active_time(self) -> IntervalSet:
        """When the service could be used: active and not suspended."""
        return IntervalSet.of(self.active) - IntervalSet.of(self.suspended)

    def parts(self, window: Interval) -> Iterator[tuple[Interval, TermsPeriod]]:
        """The window cut where the terms change; each part is judged alone.

        Seconds before the first period have the first terms; later gaps have the terms before the
        gap. Neighbours with equal terms are one part. A contract without terms has no part.
        """
        start = window.start
        for i, current in enumerate(self.terms):
            following = self.terms[i + 1] if i + 1 < len(self.terms) else None
            if following is not None and following.terms == current.terms:
                continue
            end = window.end if following is None else following.period.start
            part = Interval(start, min(end, window.end))
            if part.seconds:
                yield part, current
                start = part.end

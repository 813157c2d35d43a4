"""Contracts as the billing panel has them: services become rows of a contracts file, which is
imported as any other one: checked as a whole, its differences shown, and only then stored.

What the panel does not know stays as it is stored: terms, invoices, past suspensions.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from credits.contract import Contract, PriceSegment
from credits.contracts.rows import COLUMNS
from credits.money import exact_text
from credits.stamps import local_text
from monitor.domain.time.interval import FOREVER, Second

_NEW = "W-{}"
_OURS = ("email", "language")
"""Columns about customers, of which the panel's services say nothing."""
"""A contract's id where there is none for that service yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentedService:
    """A service of a customer; `since` is the day on which it was ordered, `product_id` and
    `server` are the panel's."""

    service_id: str
    client_id: str
    product: str
    product_id: str
    server: str
    since: str
    is_suspended: bool
    has_ended: bool


class ServicesPage(Protocol):
    @property
    def services(self) -> Sequence[RentedService]: ...
    @property
    def read(self) -> int: ...
    @property
    def total(self) -> int: ...


class ServicesPages(Protocol):
    async def page(self, start: int) -> ServicesPage:
        """Up to some hundred services from that place on. Raises PanelSilent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What the panel does not say: which terms a product was sold under, and which components a
    server's customers need. Without a word about either, the first terms as they are."""

    default_terms: str
    terms_of_product: Mapping[str, str]
    components_of_server: Mapping[str, str]


def contracts_text(
    services: Iterable[RentedService],
    stored: Iterable[Contract],
    assignment: Assignment,
    zone: ZoneInfo,
    now: Second,
) -> str:
    """A contracts file with one row for each service that is rented, or that is stored. A service
    that ended before anybody knew of it is left out."""
    known: dict[str, list[Contract]] = {}
    for contract in stored:
        known.setdefault(contract.service_id, []).append(contract)
    out = io.StringIO()
    # An address that a file does not speak of stays; an empty one is erased.
    writer = csv.DictWriter(out, [c for c in COLUMNS if c not in _OURS], restval="")
    writer.writeheader()
    for service in services:
        contracts = known.get(service.service_id, ())
        if not contracts and not service.has_ended:
            writer.writerow(_new(service, assignment))
        for contract in contracts:
            writer.writerow(_known(service, contract, zone, now))
    return out.getvalue()


def _new(service: RentedService, assignment: Assignment) -> dict[str, str]:
    return {
        "contract_id": _NEW.format(service.service_id),
        "terms": assignment.terms_of_product.get(service.product_id, assignment.default_terms),
        "components": assignment.components_of_server.get(service.server, ""),
        "active_from": service.since,
        **_said(service),
    }


def _known(
    service: RentedService, contract: Contract, zone: ZoneInfo, now: Second
) -> dict[str, str]:
    """As it is stored, but for what the panel says now. It began when it was imported to have
    begun; where it ends is the moment in which the panel first said so."""
    first, last = contract.active[0], contract.active[-1]
    end = last.end
    if service.has_ended and end >= FOREVER:
        end = Second(max(now, last.start + 1))
    return {
        "contract_id": contract.id,
        "terms": contract.terms[-1].label if contract.terms else "",
        "names": " ".join(contract.names),
        "active_from": local_text(first.start, zone),
        "active_to": "" if end >= FOREVER else local_text(end, zone),
        "suspended": " ".join(
            f"{local_text(span.start, zone)}/{local_text(span.end, zone)}"
            for span in contract.suspended
        ),
        **_said(service),
        **dict(_line(contract.segments[-1:], zone)),
    }


def _said(service: RentedService) -> dict[str, str]:
    return {
        "client_id": service.client_id,
        "service_id": service.service_id,
        "product": service.product,
        "suspended_now": "yes" if service.is_suspended else "no",
    }


def _line(segments: Sequence[PriceSegment], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """The newest invoice line, as it is stored: it says for which time its terms hold."""
    for segment in segments:
        yield "invoice_id", segment.invoice_id
        yield "invoice_line_id", segment.line_id
        yield "period_start", local_text(segment.period.start, zone)
        yield "period_end", local_text(segment.period.end, zone)
        yield "net", f"{segment.net.amount:f}"
        yield "currency", segment.net.currency
        yield "weight", exact_text(segment.weight)
        yield "already_credited", f"{segment.already_credited:f}"

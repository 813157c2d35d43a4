"""A contract as plain values, and back; its terms stand beside it, by their hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.money import Money
from credits.terms import Terms
from monitor.domain.time.interval import Interval, Second

Document = Mapping[str, Any]


def contract_document(contract: Contract) -> dict[str, Any]:
    """Amounts are text, spans pairs of seconds."""
    return {
        "id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "active": _spans(contract.active),
        "suspended": _spans(contract.suspended),
        "is_suspended": contract.is_suspended,
        "terms": [
            {"period": _span(one.period), "label": one.label, "hash": one.terms.hash}
            for one in contract.terms
        ],
        "segments": [_segment(segment) for segment in contract.segments],
    }


def contract_of(document: Document, terms: Mapping[str, Terms]) -> Contract:
    """The inverse. Raises what a document that does not fit raises."""
    return Contract(
        id=ContractId(document["id"]),
        client_id=document["client_id"],
        service_id=document["service_id"],
        product=document["product"],
        active=tuple(map(_interval, document["active"])),
        suspended=tuple(map(_interval, document["suspended"])),
        is_suspended=document["is_suspended"],
        terms=tuple(
            TermsPeriod(
                period=_interval(one["period"]), label=one["label"], terms=terms[one["hash"]]
            )
            for one in document["terms"]
        ),
        segments=tuple(map(_segment_of, document["segments"])),
    )


def _segment(segment: PriceSegment) -> dict[str, Any]:
    return {
        "invoice_id": segment.invoice_id,
        "line_id": segment.line_id,
        "period": _span(segment.period),
        "net": str(segment.net.amount),
        "currency": segment.net.currency,
        "weight": str(segment.weight),
        "already_credited": str(segment.already_credited),
    }


def _segment_of(raw: Document) -> PriceSegment:
    return PriceSegment(
        invoice_id=raw["invoice_id"],
        line_id=raw["line_id"],
        period=_interval(raw["period"]),
        net=Money(Decimal(raw["net"]), raw["currency"]),
        weight=Decimal(raw["weight"]),
        already_credited=Decimal(raw["already_credited"]),
    )


def _spans(parts: Sequence[Interval]) -> list[list[int]]:
    return [_span(part) for part in parts]


def _span(part: Interval) -> list[int]:
    return [part.start, part.end]


def _interval(raw: Sequence[int]) -> Interval:
    start, end = raw
    return Interval(Second(start), Second(end))

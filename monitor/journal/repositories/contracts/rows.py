"""A contract as rows, and out of rows again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.money import Money
from credits.terms import Terms, terms_of_text
from monitor.domain.time.interval import Interval

ACTIVE, SUSPENDED = "active", "suspended"

Row: TypeAlias = dict[str, Any]
Found: TypeAlias = "sa.Row[Any]"


def contract_row(contract: Contract) -> Row:
    return {
        "id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "is_suspended": contract.is_suspended,
    }


def interval_rows(contract: Contract) -> list[Row]:
    return [
        {"contract_id": contract.id, "kind": kind, "position": place} | _span(interval)
        for kind, intervals in ((ACTIVE, contract.active), (SUSPENDED, contract.suspended))
        for place, interval in enumerate(intervals)
    ]


def terms_rows(contract: Contract) -> list[Row]:
    """Each of the contract's terms, once."""
    texts = {terms_period.terms.hash: terms_period.terms.text for terms_period in contract.terms}
    return [{"hash": name, "text": text} for name, text in texts.items()]


def terms_period_rows(contract: Contract) -> list[Row]:
    return [
        {
            "contract_id": contract.id,
            "position": place,
            "label": terms_period.label,
            "terms_hash": terms_period.terms.hash,
        }
        | _span(terms_period.period)
        for place, terms_period in enumerate(contract.terms)
    ]


def segment_rows(contract: Contract) -> list[Row]:
    """Exact numbers as text, as the database keeps them."""
    return [
        {
            "contract_id": contract.id,
            "position": place,
            "invoice_id": segment.invoice_id,
            "line_id": segment.line_id,
            "net": str(segment.net.amount),
            "currency": segment.net.currency,
            "weight": str(segment.weight),
            "already_credited": str(segment.already_credited),
        }
        | _span(segment.period)
        for place, segment in enumerate(contract.segments)
    ]


def name_rows(contract: Contract) -> list[Row]:
    """Each with what the contract's newest terms are about."""
    required = contract.terms[-1].terms.required if contract.terms else None
    return [
        {
            "contract_id": contract.id,
            "position": place,
            "name": name,
            "components": sorted(required or ()),
        }
        for place, name in enumerate(contract.names)
    ]


def contract_of(
    head: Found,
    intervals: Sequence[Found],
    periods: Sequence[Found],
    segments: Sequence[Found],
    names: Sequence[Found],
    *,
    known: dict[str, Terms],
) -> Contract:
    """The parts are in order; those of the terms contain their text. `known` holds the terms that
    were read already, by hash: many contracts share few."""
    return Contract(
        id=ContractId(head.id),
        client_id=head.client_id,
        service_id=head.service_id,
        product=head.product,
        is_suspended=head.is_suspended,
        active=tuple(_interval(row) for row in intervals if row.kind == ACTIVE),
        suspended=tuple(_interval(row) for row in intervals if row.kind == SUSPENDED),
        terms=tuple(_terms_period(row, known) for row in periods),
        segments=tuple(map(_segment, segments)),
        names=tuple(row.name for row in names),
    )


def _terms_period(row: Found, known: dict[str, Terms]) -> TermsPeriod:
    if row.terms_hash not in known:
        known[row.terms_hash] = terms_of_text(row.text)
    return TermsPeriod(period=_interval(row), label=row.label, terms=known[row.terms_hash])


def _segment(row: Found) -> PriceSegment:
    return PriceSegment(
        invoice_id=row.invoice_id,
        line_id=row.line_id,
        period=_interval(row),
        net=Money(row.net, row.currency),
        weight=row.weight,
        already_credited=row.already_credited,
    )


def _span(interval: Interval) -> Row:
    return {"start": interval.start, "end": interval.end}


def _interval(row: Found) -> Interval:
    return Interval(row.start, row.end)

"""What the rows of a report come to, window by window: read back from its body.

The body is what was issued, and stays; so a credit rests on it, not on a computation of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from credits.assess import Status
from credits.contract import ContractId
from credits.life.credit import CreditId, CreditKey, LineDue
from credits.life.settlement import Figure
from credits.money import Money
from monitor.domain.time.interval import Interval, Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a report says of one contract, window and terms."""

    key: CreditKey
    credit: CreditId
    client_id: str
    service_id: str
    product: str
    components: tuple[str, ...]
    evidence_hash: str
    figure: Figure


def claims_of(body: Mapping[str, Any]) -> Mapping[CreditKey, Claim]:
    """Each assessment that has rows in a report's body. Adjustments are no claims of the month."""
    rows: dict[CreditKey, list[Mapping[str, Any]]] = {}
    for row in body["credits"]:
        if row["type"] == "credit":
            rows.setdefault(_key(row), []).append(row)
    evidence = body["evidence"]
    return {key: _claim(key, own, evidence[own[0]["evidence_hash"]]) for key, own in rows.items()}


def _claim(key: CreditKey, rows: Sequence[Mapping[str, Any]], bundle: Mapping[str, Any]) -> Claim:
    first = rows[0]
    return Claim(
        key=key,
        credit=CreditId(first["credit_id"]),
        client_id=first["client_id"],
        service_id=first["service_id"],
        product=first["product"],
        components=tuple(bundle["components"]),
        evidence_hash=first["evidence_hash"],
        figure=Figure(
            lines=tuple(_lines(rows)), is_undecided=first["state"] == Status.NEEDS_REVIEW
        ),
    )


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterable[LineDue]:
    """Sorted, without those that come to nothing: as a settlement has them."""
    priced = (row for row in rows if row["invoice_id"] is not None)
    for row in sorted(priced, key=lambda r: (r["invoice_id"], r["invoice_line_id"])):
        yield LineDue(
            invoice_id=row["invoice_id"],
            line_id=row["invoice_line_id"],
            amount=Money(Decimal(row["amount"]), row["currency"]),
            if_down=_worst(row),
        )


def _worst(row: Mapping[str, Any]) -> Money | None:
    worst = row["amount_if_unknown_down"]
    return None if worst is None else Money(Decimal(worst), row["currency"])


def _key(row: Mapping[str, Any]) -> CreditKey:
    window = Interval(_second(row["window_start"]), _second(row["window_end"]))
    return CreditKey(ContractId(row["contract_id"]), window, row["terms_snapshot_id"])


def _second(text: str) -> Second:
    return Second(int(datetime.fromisoformat(text).timestamp()))

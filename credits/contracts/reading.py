"""Contracts as people and programs read them: by the names of the columns that they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from credits.contract import Contract, ContractId, PriceSegment
from credits.journal import BillingJournal
from credits.money import exact_text
from credits.stamps import local_text
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import NotFound, require_every_service, require_scope
from monitor.domain.time.interval import FOREVER, Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractReading:
    """Accounts that are bounded to services read none: a contract names services by the billing
    panel's numbers, which say nothing of the services that an account is bounded to."""

    journal: BillingJournal
    actor: Actor

    def page(self, after: str, limit: int) -> Sequence[Contract]:
        """Up to `limit` contracts whose ids come after that one, by id. Raises Refused."""
        self._require_rights()
        with self.journal.transaction() as tx:
            return tx.contracts.page(ContractId(after), limit)

    def show(self, wanted: str) -> Contract:
        """Raises Refused, NotFound where there is none."""
        self._require_rights()
        with self.journal.transaction() as tx:
            found = tx.contracts.get(ContractId(wanted))
        if found is None:
            raise NotFound("contract.unknown", id=wanted)
        return found

    def _require_rights(self) -> None:
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)


def contract_fields(contract: Contract, zone: ZoneInfo) -> dict[str, Any]:
    """As the columns of a contracts file name them; times local with their offset."""
    return {
        "contract_id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "active": [_span(span, zone) for span in contract.active],
        "suspended": [_span(span, zone) for span in contract.suspended],
        "suspended_now": contract.is_suspended,
        "names": list(contract.names),
        "terms": [{"label": t.label, **_span(t.period, zone)} for t in contract.terms],
        "lines": [_line(segment, zone) for segment in contract.segments],
    }


def _line(segment: PriceSegment, zone: ZoneInfo) -> dict[str, str]:
    return {
        "invoice_id": segment.invoice_id,
        "invoice_line_id": segment.line_id,
        "period_start": local_text(segment.period.start, zone),
        "period_end": local_text(segment.period.end, zone),
        "net": f"{segment.net.amount:f}",
        "currency": segment.net.currency,
        "weight": exact_text(segment.weight),
        "already_credited": f"{segment.already_credited:f}",
    }


def _span(span: Interval, zone: ZoneInfo) -> dict[str, str | None]:
    """`end` is null while there is none yet."""
    end = None if span.end >= FOREVER else local_text(span.end, zone)
    return {"start": local_text(span.start, zone), "end": end}

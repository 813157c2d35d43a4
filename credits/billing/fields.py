"""Applying as people and programs read it: what commands print as JSON, and a door answers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from credits.billing.brake import Brake
from credits.billing.by_hand import HandedOut
from credits.billing.requests import Pass
from credits.life.credit import CreditRecord
from monitor.i18n.formats import iso


def pass_fields(found: Pass, zone: ZoneInfo) -> dict[str, Any]:
    """A request, and what came of it. `counts` and `listed` are empty until it is answered."""
    outcome: Any = found.outcome
    return {
        "id": found.id,
        "task": str(found.task),
        "month": found.month or None,
        "state": str(found.state),
        "asked_at": iso(found.asked_at, zone),
        "asked_by": found.asked_by,
        "answered_at": None if found.answered_at is None else iso(found.answered_at, zone),
        "failed": outcome.get("failed", ""),
        "counts": outcome.get("counts", {}),
        "listed": outcome.get("listed", []),
    }


def handed_out_fields(found: HandedOut, zone: ZoneInfo) -> dict[str, Any]:
    """One row of the file that people carry; the amount as text."""
    payment = found.payment
    return {
        "credit_id": payment.credit,
        "client_id": payment.client_id,
        "service_id": payment.service_id,
        "invoice_ids": list(payment.invoices),
        "amount": f"{payment.amount.amount:f}",
        "currency": payment.amount.currency,
        "description": payment.description,
        "handed_out_at": iso(found.since, zone),
        "reference": "",
    }


def step_taken_fields(record: CreditRecord, zone: ZoneInfo) -> dict[str, Any]:
    """Where a credit stands after somebody's step."""
    step = record.steps[-1]
    return {
        "credit_id": record.id,
        "state": str(record.state),
        "revision": record.revision,
        "at": iso(step.at, zone),
        "by": step.actor,
        "reference": step.reference,
    }


def brake_fields(found: Brake, zone: ZoneInfo) -> dict[str, Any]:
    """How the brake stands; `since` is null where nobody has ever pulled it."""
    return {
        "is_on": found.is_on,
        "since": None if found.since is None else iso(found.since, zone),
        "by": found.by,
        "reason": found.reason,
    }

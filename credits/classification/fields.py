"""Classifications and their effect as people and programs read them; times are local."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from credits.classification.commands import Classified
from credits.classification.effect import MonthEffect
from credits.classification.over_contracts import ContractEffect, ContractsEffect, Due
from credits.classified import evidence_fields
from credits.figures import seconds_field
from credits.money import Money
from credits.stamps import local_text
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionRevision


def exclusion_fields(record: ExclusionRecord, zone: ZoneInfo) -> dict[str, Any]:
    """How it stands, and its newest step."""
    in_force = record.in_force
    return {
        "reference": record.reference,
        "status": record.status.value,
        "in_force_revision": None if in_force is None else in_force.revision,
        **step_fields(record.newest, zone),
    }


def classified_fields(found: Classified, zone: ZoneInfo) -> dict[str, Any]:
    """With every step, and what it overlaps."""
    return {
        **exclusion_fields(found.record, zone),
        "steps": [step_fields(step, zone) for step in found.record.revisions],
        "overlaps": list(found.overlaps),
    }


def step_fields(step: ExclusionRevision, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "revision": step.revision,
        "state": step.state.value,
        "is_withdrawal": step.is_withdrawal,
        "component": step.component,
        "start": local_text(step.interval.start, zone),
        "end": local_text(step.interval.end, zone),
        "cause": step.cause,
        "evidence": evidence_fields(step.evidence),
        "incident_id": step.incident,
        "proposed_by": step.proposed_by,
        "decided_by": step.decided_by,
        "reason": step.reason,
        "at": local_text(step.at, zone),
    }


def effect_fields(months: Iterable[MonthEffect], zone: ZoneInfo) -> dict[str, Any]:
    return {"months": [_month(one, zone) for one in months]}


def _month(one: MonthEffect, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "month": str(one.month),
        "start": local_text(one.window.start, zone),
        "end": local_text(one.window.end, zone),
        "is_over": one.is_over,
        "issued_revision": one.issued_revision,
        "down_before_s": one.before.down,
        "down_after_s": one.after.down,
        "excluded_before_s": one.before.excluded,
        "excluded_after_s": one.after.excluded,
        "contracts": one.over.contracts,
        "changed": one.over.changed,
        "totals": _totals(one.over),
        "listed": [_contract(part, zone) for part in one.over.listed],
    }


def _totals(one: ContractsEffect) -> list[dict[str, str]]:
    before = {money.currency: money for money in one.totals_before}
    after = {money.currency: money for money in one.totals_after}
    return [
        {
            "currency": currency,
            "before": _amount(before.get(currency)),
            "after": _amount(after.get(currency)),
        }
        for currency in sorted({*before, *after})
    ]


def _amount(money: Money | None) -> str:
    return "0" if money is None else f"{money.amount:f}"


def _contract(part: ContractEffect, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "contract_id": part.contract.id,
        "client_id": part.contract.client_id,
        "product": part.contract.product,
        "start": local_text(part.window.start, zone),
        "end": local_text(part.window.end, zone),
        "before": _due(part.before),
        "after": _due(part.after),
    }


def _due(due: Due) -> dict[str, Any]:
    return {
        "downtime_s": seconds_field(due.downtime),
        "state": due.status.value,
        "amounts": [
            {"currency": money.currency, "amount": f"{money.amount:f}"} for money in due.amounts
        ],
    }

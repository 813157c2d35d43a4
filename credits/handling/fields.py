"""Credits as people and programs read them; times are local, amounts exact text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from credits.assess import total
from credits.handling.commands import Judged
from credits.handling.reading import CreditStory
from credits.life.bars import Bar
from credits.life.credit import CreditRecord, CreditStep, LineDue
from credits.life.ledger import LedgerEntry, Posting, money_of
from credits.money import Money
from credits.stamps import local_text


def credit_fields(record: CreditRecord, zone: ZoneInfo) -> dict[str, Any]:
    """How it stands. `amounts` is what it comes to, by currency, never across."""
    one, newest = record.credit, record.steps[-1]
    return {
        "credit_id": one.id,
        "type": "adjustment" if one.ordinal else "credit",
        "adjusts_credit_id": one.adjusts,
        "month": one.period,
        "contract_id": one.key.contract,
        "client_id": one.client_id,
        "service_id": one.service_id,
        "product": one.product,
        "start": local_text(one.key.window.start, zone),
        "end": local_text(one.key.window.end, zone),
        "state": record.state.value,
        "revision": record.revision,
        "amounts": _sums(money for _, money in record.amounts),
        "tickets": list(record.tickets),
        "at": local_text(newest.at, zone),
    }


def story_fields(story: CreditStory, zone: ZoneInfo) -> dict[str, Any]:
    """With its lines, its steps and what they moved, and what belongs to it."""
    record = story.record
    moved = {posting.id: posting for posting in story.postings}
    return {
        **credit_fields(record, zone),
        "terms_snapshot_id": record.credit.key.terms_hash,
        "evidence_hash": record.credit.evidence_hash,
        "components": list(record.credit.components),
        "incident_ids": list(story.incidents),
        "lines": [_line(line, record) for line in record.credit.lines],
        "steps": [_step(step, moved, zone) for step in record.steps],
        "beside": [_beside(one, zone) for one in story.beside],
        "expires_at": None if story.expires_at is None else local_text(story.expires_at, zone),
        "barred": [_barred(account, why) for account, why in story.barred.items()],
    }


def judged_fields(judged: Judged) -> dict[str, Any]:
    """One of many: how it stands, or the code and the fields of the refusal."""
    record, refusal = judged.record, judged.refusal
    return {
        "credit_id": judged.credit,
        "is_done": record is not None,
        "state": None if record is None else record.state.value,
        "revision": None if record is None else record.revision,
        "code": None if refusal is None else refusal.code,
    }


def _sums(amounts: Iterable[Money]) -> list[dict[str, str]]:
    return [_money(money) for money in total(amounts)]


def _money(money: Money) -> dict[str, str]:
    return {"currency": money.currency, "amount": f"{money.amount:f}"}


def _line(line: LineDue, record: CreditRecord) -> dict[str, Any]:
    return {
        **_money(line.under(record.assumed)),
        "invoice_id": line.invoice_id,
        "invoice_line_id": line.line_id,
        "amount_if_unknown_down": None if line.if_down is None else f"{line.if_down.amount:f}",
    }


def _step(step: CreditStep, moved: Mapping[Any, Posting], zone: ZoneInfo) -> dict[str, Any]:
    posting = moved.get(f"{step.credit}/{step.seq}")
    return {
        "revision": step.seq,
        "before": None if step.before is None else step.before.value,
        "after": step.after.value,
        "at": local_text(step.at, zone),
        "actor": step.actor,
        "via": step.via.value,
        "ticket": step.ticket,
        "reason": step.reason,
        "clause": step.clause,
        "assumed": None if step.assumed is None else step.assumed.value,
        "reference": step.reference,
        "moved": [] if posting is None else [_entry(entry) for entry in posting.entries],
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        **_money(money_of(entry.minor, entry.currency)),
        "account": entry.account.value,
        "invoice_id": entry.line.invoice_id,
        "invoice_line_id": entry.line.line_id,
    }


def _beside(record: CreditRecord, zone: ZoneInfo) -> dict[str, Any]:
    found = credit_fields(record, zone)
    wanted = ("credit_id", "type", "adjusts_credit_id", "month", "state", "amounts", "tickets")
    return {name: found[name] for name in wanted}


def _barred(account: str, why: Iterable[Bar]) -> dict[str, Any]:
    return {"account": account, "why": [bar.value for bar in why]}

"""Issuing a report: it is stored once, byte for byte; equal figures issue nothing new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from credits.journal import BillingTransaction
from credits.ports import EvidencePart, StoredReport
from credits.report.looking_up import IssuedBody
from credits.report.report import MonthData
from credits.report.rows import Body, canonical, content_hash
from credits.stamps import utc_text
from monitor.domain.change import Actor
from monitor.domain.checks.observation import Json
from monitor.domain.time.interval import Second


def why_not(read: MonthData, body: Body) -> str | None:
    """Why a month must not be issued; None where it may be. An issued report never changes."""
    unread = read.period_data.catalogues.stand_ins(read.period_data.window)
    if unread:
        numbers = ", ".join(map(str, unread))
        return f"this version cannot read the configuration then in force (revision {numbers})"
    components: Any = body["components"]
    if all(
        figures["unknown_s"] + figures["before_records_s"] >= figures["total_s"]
        for figures in components
    ):
        return "no second of it was watched"
    return None


class IssuedText(NamedTuple):
    """A report's canonical JSON, and SHA-256 over it."""

    body: str
    hash: str


def issue(
    tx: BillingTransaction,
    period: str,
    body: Body,
    actor: Actor,
    now: Second,
    evidence: Sequence[EvidencePart] = (),
) -> StoredReport:
    """Store the report of a month that is over: its newest revision where equal, else a new one,
    with what it rests on."""
    text = canonical(body)
    return issue_text(tx, period, IssuedText(text, content_hash(text)), actor, now, evidence)


def issue_text(
    tx: BillingTransaction,
    period: str,
    text: IssuedText,
    actor: Actor,
    now: Second,
    evidence: Sequence[EvidencePart] = (),
) -> StoredReport:
    """The same of a body that is canonical JSON already."""
    before = tx.reports.count(period)
    stored = tx.reports.keep(period, hash=text.hash, body=text.body, at=now)
    if stored.revision > before:
        after: dict[str, Json] = {"revision": stored.revision, "hash": stored.hash}
        tx.changes.append([actor.change(now, "report.issued", period, after=after)])
        tx.evidence.keep(period, stored.revision, evidence)
    return stored


def issued_document(stored: StoredReport, program: str) -> dict[str, Any]:
    """An issued report as it is handed over: its head, then its body as stored."""
    return {**_head(stored, program), **json.loads(stored.body)}


def issued_part(stored: StoredReport, key: str, value: str) -> dict[str, Any]:
    """What an issued report says of one client (`client_id`), or of one contract: its head, its
    components and those of its credits alone, without reading the others."""
    return {**_head(stored, ""), **IssuedBody(stored.body).about(key, value)}


def issued_text(stored: StoredReport, program: str) -> str:
    """The same as JSON, the body byte for byte: what is long is not read for that."""
    head = json.dumps(_head(stored, program), ensure_ascii=False)
    return f"{head.removesuffix('}')}, {stored.body.removeprefix('{')}"


def _head(stored: StoredReport, program: str) -> dict[str, Any]:
    return {
        "report_id": f"{stored.period} r{stored.revision}",
        "revision": stored.revision,
        "content_hash": stored.hash,
        "generated_at": utc_text(stored.generated_at),
        "is_provisional": False,
        "payable": stored.revision == 1,
        "program": program,
    }


def loose_document(body: Body, now: Second, program: str, label: str) -> dict[str, Any]:
    """A report that is not issued: provisional, or with more rows than billing acts on."""
    text = canonical(body)
    return {
        "report_id": f"{body['period']} {label}",
        "revision": None,
        "content_hash": content_hash(text),
        "generated_at": utc_text(now),
        "is_provisional": label == "provisional",
        "payable": False,
        "program": program,
        **json.loads(text),
    }

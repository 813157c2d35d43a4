"""Issuing a report: kept once, byte for byte; equal figures issue nothing new."""

from __future__ import annotations

import json
from typing import Any

from credits.journal import BillingTransaction
from credits.ports import StoredReport
from credits.report.report import MonthRead
from credits.report.rows import Body, canonical, content_hash
from credits.stamps import utc_text
from monitor.domain.change import Actor, Change
from monitor.domain.time.interval import Second


def why_not(read: MonthRead, body: Body) -> str | None:
    """What keeps a month from being issued: a report that is issued never changes. None where
    nothing does."""
    unread = read.past.catalogues.stand_ins(read.past.window)
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


def issue(
    tx: BillingTransaction, period: str, body: Body, actor: Actor, now: Second
) -> StoredReport:
    """Keep the report of a month that is over: its newest revision, or one more."""
    text = canonical(body)
    before = len(tx.reports.of(period))
    kept = tx.reports.keep(period, hash=content_hash(text), body=text, at=now)
    if kept.revision > before:
        tx.changes.append(
            [
                Change(
                    at=now, actor=actor.id, kind="report.issued", subject=period,
                    before={}, after={"revision": kept.revision, "hash": kept.hash},
                )
            ]
        )  # fmt: skip
    return kept


def issued_document(kept: StoredReport, program: str) -> dict[str, Any]:
    """An issued report as it is handed over: its head, then its body as it was kept."""
    return {
        "report_id": f"{kept.period} r{kept.revision}",
        "revision": kept.revision,
        "content_hash": kept.hash,
        "generated_at": utc_text(kept.generated_at),
        "is_provisional": False,
        "program": program,
        **json.loads(kept.body),
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
        "program": program,
        **json.loads(text),
    }

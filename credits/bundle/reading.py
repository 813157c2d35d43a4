"""Bundles out of the journal: of any credit whose month was issued with what it rests on."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from credits.bundle.document import Document, bundle_of, credit_document
from credits.journal import BillingJournal, BillingTransaction
from credits.life.credit import Credit, CreditId, CreditRecord
from credits.period.month import Month
from credits.ports import EvidencePart, StoredReport
from credits.report.evidence import unpacked
from credits.report.looking_up import IssuedBody
from credits.stamps import utc_text
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_every_service, require_scope
from monitor.runtime.frozen_json import to_json


class _Found(NamedTuple):
    """The report that a credit rests on, and what it says of it."""

    issued: StoredReport
    figures: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEvidence:
    """Accounts that are bounded to services read none: a contract may be about others."""

    journal: BillingJournal
    zone: ZoneInfo
    actor: Actor

    def bundle(self, wanted: str) -> dict[str, Any]:
        """Raises Refused, NotFound; Refused where its month was issued by a version that stored
        nothing beside the report, and where what was stored is damaged."""
        found, bundle = self._read(wanted)
        if bundle is None:
            raise Refused("credit.no_evidence", id=found.id, period=found.credit.period)
        return bundle

    def story(self, wanted: str) -> dict[str, Any]:
        """The bundle; of a credit without one what its report and its steps say. Raises Refused,
        NotFound."""
        found, bundle = self._read(wanted)
        if bundle is not None:
            return bundle
        with self.journal.transaction() as tx:
            return _without_evidence(found, _report_of(tx, found, self.zone))

    def _read(self, wanted: str) -> tuple[CreditRecord, dict[str, Any] | None]:
        require_scope(self.actor, Scope.CREDITS_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            record = tx.credits.get(CreditId(wanted))
            found = _report_of(tx, record, self.zone)
            if found is None:
                return record, None
            issued = found.issued
            parts = tx.evidence.of(issued.period, issued.revision, record.credit.key.contract)
            earlier = _earlier(record, tx.credits.beside(record.credit))
        if parts is None:
            return record, None
        shared, contracts = (_opened(part, record.id) for part in parts)
        return record, bundle_of(record, earlier, issued, found.figures, shared, contracts)


def _report_of(tx: BillingTransaction, record: CreditRecord, zone: ZoneInfo) -> _Found | None:
    """What its month was found to be when it began: of a credit the revision that opened it, of an
    adjustment the newest one then. None where the month was closed without a report of it."""
    began, credit = record.steps[0].at, record.credit
    for month in _months(credit, zone):
        found = None
        for issued in tx.reports.of(str(month)):
            body = IssuedBody(issued.body)
            if issued.generated_at > began or not _holds(body.window, credit):
                continue
            found = _Found(issued, _figures(body.about("contract_id", credit.key.contract), credit))
            if not credit.ordinal and body.has_evidence(credit.evidence_hash):
                break
        if found is not None:
            return found
    return None


def _holds(window: Document, credit: Credit) -> bool:
    """Whether the credit's window lies in the month."""
    start, end = credit.key.window.start, credit.key.window.end
    return bool(window["start"] <= utc_text(start) and utc_text(end) <= window["end"])


def _months(credit: Credit, zone: ZoneInfo) -> Iterator[Month]:
    """Where the window may lie: the company's zone may have been another one then."""
    likely = Month.of(credit.key.window.start, zone)
    yield from (likely, likely.next, likely.previous)


def _figures(body: Document, credit: Credit) -> dict[str, Any]:
    rows = [row for row in body["credits"] if _is_about(row, credit)]
    named = {row["evidence_hash"] for row in rows}
    return {"rows": rows, "evidence": {name: body["evidence"][name] for name in sorted(named)}}


def _is_about(row: Document, credit: Credit) -> bool:
    key = credit.key
    return bool(
        row["type"] == "credit"
        and row["contract_id"] == key.contract
        and row["window_start"] == utc_text(key.window.start)
        and row["window_end"] == utc_text(key.window.end)
        and row["terms_snapshot_id"] == key.terms_hash
    )


def _earlier(record: CreditRecord, others: Sequence[CreditRecord]) -> list[CreditRecord]:
    """What there had been of its window, as it stood when this one began."""
    began = record.steps[0].at
    return [
        CreditRecord(one.credit, tuple(step for step in one.steps if step.at <= began))
        for one in sorted(others, key=lambda one: one.credit.ordinal)
        if one.credit.key == record.credit.key and one.credit.ordinal < record.credit.ordinal
    ]


def _opened(part: EvidencePart, credit: CreditId) -> dict[str, Any]:
    try:
        text = zlib.decompress(part.body)
    except zlib.error as error:
        raise Refused("credit.evidence_damaged", id=credit) from error
    if hashlib.sha256(text).hexdigest() != part.hash:
        raise Refused("credit.evidence_damaged", id=credit)
    return unpacked(part.body)


def _without_evidence(record: CreditRecord, found: _Found | None) -> dict[str, Any]:
    """What is known of it all the same, in the bundle's sections; those that are not are None."""
    issued = None if found is None else found.issued
    return {
        "form": None,
        "credit": credit_document(record.credit),
        "steps": [to_json(step) for step in record.steps],
        "earlier": [],
        "report": None
        if issued is None
        else {"period": issued.period, "revision": issued.revision, "hash": issued.hash},
        "figures": {"rows": [], "evidence": {}} if found is None else found.figures,
        "past": None,
        "contract": None,
        "credited": None,
        "terms": None,
        "hashes": None,
    }

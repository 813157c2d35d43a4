"""A bundle: one credit, what its report said, its steps, and everything that the figures rest on.

It is canonical JSON, so that equal bundles are equal bytes. Each section has its hash beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from credits.contract import ContractId
from credits.life.credit import Credit, CreditId, CreditKey, CreditRecord, CreditStep, LineDue
from credits.period.kept import (
    catalogues_document,
    catalogues_of,
    checks_of,
    facts_document,
    facts_of,
)
from credits.ports import StoredReport
from credits.report.rows import canonical, content_hash
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.time.interval import Interval, Second
from monitor.runtime.frozen_json import from_json, to_json

FORM = "estado credit bundle 1"
Document = Mapping[str, Any]


def bundle_of(
    record: CreditRecord,
    earlier: Iterable[CreditRecord],
    issued: StoredReport,
    figures: Document,
    shared: Document,
    contracts: Document,
) -> dict[str, Any]:
    """`figures` are the report's rows about the credit's window with their evidence; `shared` and
    `contracts` are the parts that were stored with the report. `earlier` are what there had been of
    its window before: an adjustment is the rest that they left."""
    own = contracts["contracts"][record.credit.key.contract]
    named = {one["hash"] for one in own["contract"]["terms"]}
    sections = {
        "form": FORM,
        "credit": credit_document(record.credit),
        "steps": [to_json(step) for step in record.steps],
        "earlier": [
            {"credit": credit_document(one.credit), "steps": [to_json(s) for s in one.steps]}
            for one in earlier
        ],
        "report": {"period": issued.period, "revision": issued.revision, "hash": issued.hash},
        "figures": figures,
        "past": past_about(shared, record.credit.components),
        "contract": own["contract"],
        "credited": own["credited"],
        "terms": {name: contracts["terms"][name] for name in sorted(named)},
    }
    return {**sections, "hashes": hashes_of(sections)}


def hashes_of(document: Document) -> dict[str, str]:
    """SHA-256 of each section's canonical JSON."""
    return {
        name: content_hash(canonical({name: value}))
        for name, value in document.items()
        if name != "hashes"
    }


def bundle_text(document: Document) -> str:
    """The file: one line."""
    return canonical(document) + "\n"


def past_about(shared: Document, components: Collection[str]) -> dict[str, Any]:
    """Of what a month's credits share, what one of them rests on: nothing of other components."""
    wanted = [ComponentId(name) for name in components]
    facts, catalogues = facts_of(shared["facts"]), catalogues_of(shared["configuration"])
    checks: set[CheckId] = checks_of(catalogues, wanted)
    return {
        "period": shared["period"],
        "zone": shared["zone"],
        "program": shared["program"],
        "facts": facts_document(facts.about(wanted, checks)),
        "configuration": catalogues_document(catalogues, wanted, facts.window.end),
        "results": [one for one in shared["results"] if one["check"] in checks],
    }


def credit_document(credit: Credit) -> dict[str, Any]:
    return {
        "id": credit.id,
        "contract_id": credit.key.contract,
        "window": [credit.key.window.start, credit.key.window.end],
        "terms_hash": credit.key.terms_hash,
        "ordinal": credit.ordinal,
        "adjusts": credit.adjusts,
        "client_id": credit.client_id,
        "service_id": credit.service_id,
        "product": credit.product,
        "period": credit.period,
        "lines": [to_json(line) for line in credit.lines],
        "components": list(credit.components),
        "evidence_hash": credit.evidence_hash,
    }


def record_of(raw: Document, steps: Iterable[Document]) -> CreditRecord:
    """The inverse, with the steps. Raises what JSON that does not fit raises."""
    start, end = raw["window"]
    window = Interval(Second(start), Second(end))
    credit = Credit(
        id=CreditId(raw["id"]),
        key=CreditKey(ContractId(raw["contract_id"]), window, raw["terms_hash"]),
        client_id=raw["client_id"],
        service_id=raw["service_id"],
        product=raw["product"],
        period=raw["period"],
        lines=tuple(from_json(LineDue, line) for line in raw["lines"]),
        components=tuple(raw["components"]),
        evidence_hash=raw["evidence_hash"],
        ordinal=raw["ordinal"],
        adjusts=None if raw["adjusts"] is None else CreditId(raw["adjusts"]),
    )
    return CreditRecord(credit, tuple(from_json(CreditStep, step) for step in steps))

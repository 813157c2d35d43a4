"""A report's rows for billing, each with the evidence that anybody can recount it from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

from credits.assess import CreditLine, Status
from credits.figures import fraction_field, percent_floor6, seconds_body, seconds_field
from credits.money import exact_text
from credits.period.required import Unwatched
from credits.report.report import Assessed, Report
from credits.stamps import local_text, spans_text, utc_text
from credits.terms import Terms, terms_fields
from monitor.domain.availability import Bucket, Seconds, Span, has_coverage
from monitor.domain.time.interval import Interval, Second
from monitor.timelines.outages import Outage

Body = dict[str, object]


def canonical(body: Mapping[str, object]) -> str:
    """Equal bodies give equal bytes."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def credit_id(report: Report, found: Assessed) -> str | None:
    """Derived from contract, window and terms, so that computing again names the same credit;
    a provisional figure has none, nor has one that owes nobody anything."""
    if report.is_provisional or found.assessment.status is Status.NOT_ELIGIBLE:
        return None
    return f"BON-{report.month}-{found.key[:10]}"


def rows_of(report: Report, found: Assessed, evidence: dict[str, Body]) -> list[Body]:
    """One row for each invoice line; one without a line where nothing was invoiced."""
    outages = report.past.outages(found.promise.terms, found.window)
    bundle = _evidence(report, found, outages)
    hashed = content_hash(canonical(bundle))
    evidence[hashed] = bundle
    shared = _shared(report, found, outages)
    lines = found.assessment.lines or (None,)
    return [
        {**shared, **_line(line), "currency": _currency(line), "evidence_hash": hashed}
        for line in lines
    ]


def _shared(report: Report, found: Assessed, outages: Sequence[Outage]) -> Body:
    """What every line of an assessment says alike."""
    contract, judged = found.contract, found.assessment.judgement
    seconds, zone = found.assessment.seconds, report.zone
    return {
        "credit_id": credit_id(report, found),
        "type": "credit",
        "adjusts_credit_id": None,
        "contract_id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "terms_id": found.promise.label,
        "terms_snapshot_id": found.promise.terms.hash,
        "window_start": utc_text(found.window.start),
        "window_end": utc_text(found.window.end),
        "window_start_local": local_text(found.window.start, zone),
        "window_end_local": local_text(found.window.end, zone),
        "contracted_s": judged.contracted_s,
        "denominator_s": judged.denominator_s,
        "downtime_s": seconds_field(judged.downtime),
        "degraded_s": seconds.degraded,
        "excluded_s": seconds.excluded,
        "excluded_by_cause": dict(sorted(seconds.excluded_by_cause.items())),
        "unknown_s": judged.unknown_s,
        "before_records_s": seconds.before_records,
        "records_since": moment(_records_since(found)),
        "unwatched": [unwatched_body(one) for one in _unwatched(report, found)],
        "inferred_s": seconds.inferred,
        "uninvoiced_s": seconds_field(found.assessment.uninvoiced),
        "allowed_s": exact_text(judged.allowed),
        "uptime_fraction": fraction_field(judged.uptime),
        "watched_s": seconds.watched,
        "uptime_display": shown_share(report, seconds, judged.uptime),
        "verdict": judged.verdict.value,
        "state": found.assessment.status.value,
        "ticket_code": None,
        "incident_ids": sorted({i for outage in outages for i in outage.incidents}),
        "approver": None,
        "applied_at": None,
        "external_ref": None,
    }


def shown_share(report: Report, seconds: Seconds, share: Fraction | None) -> str | None:
    """The share as people read it; None where too little of its time was watched."""
    least = report.past.catalogue.page.min_coverage
    if share is None or not has_coverage(seconds.watched, seconds.total, least):
        return None
    return percent_floor6(share)


def _records_since(found: Assessed) -> Second | None:
    """The second since which there are records of all that is required, where a part of the
    contracted time had none."""
    if not found.assessment.seconds.before_records:
        return None
    return max(s.end for s in found.stretches if s.bucket is Bucket.BEFORE_RECORDS)


def _unwatched(report: Report, found: Assessed) -> list[Unwatched]:
    """Required components that a configuration took the looks from; where the terms name none, a
    component that left is not required any more."""
    if found.promise.terms.required is None:
        return []
    return [
        one
        for component in report.past.required(found.promise.terms)
        for one in report.past.unwatched(component)
        if one.since < found.window.end and (one.until is None or one.until > found.window.start)
    ]


def _line(line: CreditLine | None) -> Body:
    if line is None:
        empty = ("invoice_id", "invoice_line_id", "invoice_start", "invoice_end", "net_base",
                 "weight", "line_downtime_s", "exact_amount", "arithmetic", "amount",
                 "amount_if_unknown_up", "amount_if_unknown_down")  # fmt: skip
        return dict.fromkeys(empty)
    segment, worst = line.segment, line.if_unknown_down
    return {
        "invoice_id": segment.invoice_id,
        "invoice_line_id": segment.line_id,
        "invoice_start": utc_text(segment.period.start),
        "invoice_end": utc_text(segment.period.end),
        "net_base": f"{segment.net.amount:f}",
        "weight": exact_text(segment.weight),
        "line_downtime_s": seconds_field(line.downtime),
        "exact_amount": fraction_field(line.exact),
        "arithmetic": line.arithmetic,
        "amount": f"{line.amount.amount:f}",
        # Up, it would be as if nobody had to decide: what is known breaks nothing.
        "amount_if_unknown_up": None if worst is None else f"{line.amount.amount:f}",
        "amount_if_unknown_down": None if worst is None else f"{worst.amount:f}",
    }


def _currency(line: CreditLine | None) -> str | None:
    return None if line is None else line.amount.currency


def _evidence(report: Report, found: Assessed, outages: Sequence[Outage]) -> Body:
    """What the figures rest on; anyone can recount them from here."""
    terms, past = found.promise.terms, report.past
    judged = found.assessment.judgement
    required = past.required(terms)
    return {
        "contract_id": found.contract.id,
        "window": {"start": utc_text(found.window.start), "end": utc_text(found.window.end)},
        "contracted": spans_text(found.contracted),
        "terms": terms_fields(terms),
        "components": list(required),
        "seconds": recorded_seconds_body(found.assessment.seconds),
        "downtime_fraction": fraction_field(judged.downtime),
        "allowed_fraction": fraction_field(judged.allowed),
        "stretches": [_stretch(s) for s in found.stretches if s.bucket is not Bucket.UP],
        "outages": [outage_body(outage, report.zone) for outage in outages],
        "maintenance": _maintenance(report, terms, found.window),
        "exclusions": [
            {
                "component": e.component, "cause": e.cause, "is_allowed": terms.allows(e.cause),
                "start": utc_text(e.interval.start), "end": utc_text(e.interval.end),
            }
            for e in past.approved
            if e.component in required and e.interval.overlaps(found.window)
        ],
    }  # fmt: skip


def _stretch(stretch: Span) -> Body:
    return {
        "start": utc_text(stretch.start),
        "end": utc_text(stretch.end),
        "seconds": stretch.interval.seconds,
        "bucket": stretch.bucket.value,
        "cause": stretch.cause,
        "is_inferred": stretch.is_inferred,
    }


def _maintenance(report: Report, terms: Terms, window: Interval) -> list[Body]:
    required = report.past.required(terms)
    return [
        {
            "id": w.id,
            "start": utc_text(w.effective.start),
            "end": utc_text(w.effective.end),
            "published_at": moment(w.published_at),
            "components": [c for c in w.components if c in required],
            "is_excluded": any(e.component in required for e in report.past.planned(terms, w)),
            "excluded": [
                {"component": e.component, "start": utc_text(e.interval.start),
                 "end": utc_text(e.interval.end)}
                for e in report.past.planned(terms, w) if e.component in required
            ],
        }
        for w in report.past.maintenance
        if w.effective.overlaps(window) and any(c in required for c in w.components)
    ]  # fmt: skip


def recorded_seconds_body(seconds: Seconds) -> Body:
    """With what came before the first look told apart, as reports have it."""
    return {**seconds_body(seconds), "before_records_s": seconds.before_records}


def outage_body(outage: Outage, zone: ZoneInfo) -> Body:
    return {
        "component": outage.component,
        "start": utc_text(outage.start),
        "end": moment(outage.end),
        "start_local": local_text(outage.start, zone),
        "end_local": None if outage.end is None else local_text(outage.end, zone),
        "cause": outage.cause,
        "lasted_s": outage.lasted_s,
        "counted_down_s": outage.counted.down,
        "counted_excluded_s": outage.counted.excluded,
        "inferred_s": outage.counted.inferred,
        "last_success_before": moment(outage.last_success_before),
        "first_failure": utc_text(outage.start),
        "last_failure": moment(outage.last_failure),
        "first_success": moment(outage.first_success),
        "certain_s": outage.certain_s,
        "possible_s": outage.possible_s,
        "incident_ids": list(outage.incidents),
    }


def unwatched_body(one: Unwatched) -> Body:
    return {
        "component": one.component,
        "since": utc_text(one.since),
        "revision": one.revision,
        "until": moment(one.until),
    }


def moment(second: Second | None) -> str | None:
    """A second as text, or nothing."""
    return None if second is None else utc_text(second)

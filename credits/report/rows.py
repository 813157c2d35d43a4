"""A report's rows for billing, each with the evidence that it can be recomputed from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

from credits.assess import CreditLine, Status
from credits.classified import evidence_fields
from credits.figures import fraction_field, percent_floor6, seconds_body, seconds_field
from credits.money import exact_text
from credits.period.assessed import Assessed
from credits.period.required import Unwatched
from credits.report.report import Report
from credits.stamps import local_text, spans_text, utc_text
from credits.terms import Terms, terms_fields
from monitor.domain.availability import Bucket, Seconds, Span, has_coverage
from monitor.domain.exclusions.classification import ExclusionRevision
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Interval, Second
from monitor.timelines.outages import Outage

Body = dict[str, object]


def canonical(body: object) -> str:
    """Equal bodies give equal bytes."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_DIGITS = 10
"""Of a credit's id: as many as people read aloud."""


def crowded(report: Report) -> frozenset[str]:
    """Beginnings of keys that several credits of the month share: of a hundred thousand, two do
    once in some hundred months."""
    return more_than_one(map(beginning, report.assessed))


def more_than_one(beginnings: Iterable[str]) -> frozenset[str]:
    return frozenset(start for start, number in Counter(beginnings).items() if number > 1)


def beginning(assessed: Assessed) -> str:
    """Of its key: what a credit's id has of it, where no other of the month has the same."""
    return assessed.key[:_DIGITS]


def crowd_of(credit: str) -> frozenset[str]:
    """What has to be `crowded` for a credit to have this id: nothing where it is as short as most.

    >>> crowd_of("BON-2026-10-0123456789"), crowd_of("BON-2026-10-0123456789abcdef")
    (frozenset(), frozenset({'0123456789'}))
    """
    key = credit.rpartition("-")[2]
    return frozenset([key[:_DIGITS]] if len(key) > _DIGITS else ())


def credit_id(report: Report, assessed: Assessed, shared: Collection[str] = ()) -> str | None:
    """Derived from contract, window and terms, so that computing again gives the same id; the whole
    key where its beginning is among the `shared`. None for a provisional report, and for an
    assessment that is not eligible."""
    if report.is_provisional or assessed.assessment.status is Status.NOT_ELIGIBLE:
        return None
    start = beginning(assessed)
    return f"BON-{report.month}-{assessed.key if start in shared else start}"


def rows_of(
    report: Report, assessed: Assessed, evidence: dict[str, Body], shared: Collection[str]
) -> list[Body]:
    """One row for each invoice line; one row without a line where nothing was invoiced. `shared` is
    what is `crowded` in the report."""
    outages = report.period_data.outages(assessed.terms_period.terms, assessed.window)
    bundle = _evidence(report, assessed, outages)
    hashed = content_hash(canonical(bundle))
    evidence[hashed] = bundle
    equal = {"credit_id": credit_id(report, assessed, shared), **_shared(report, assessed, outages)}
    lines = assessed.assessment.lines or (None,)
    return [
        {**equal, **_line(line), "currency": _currency(line), "evidence_hash": hashed}
        for line in lines
    ]


def _shared(report: Report, assessed: Assessed, outages: Sequence[Outage]) -> Body:
    """The fields that are equal in every line of an assessment."""
    contract, zone = assessed.contract, report.zone
    return {
        "type": "credit",
        "adjusts_credit_id": None,
        "contract_id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "terms_id": assessed.terms_period.label,
        "terms_snapshot_id": assessed.terms_period.terms.hash,
        "window_start": utc_text(assessed.window.start),
        "window_end": utc_text(assessed.window.end),
        "window_start_local": local_text(assessed.window.start, zone),
        "window_end_local": local_text(assessed.window.end, zone),
        **_counted(report, assessed),
        "verdict": assessed.assessment.judgement.verdict.value,
        "state": assessed.assessment.status.value,
        "ticket_code": None,
        "incident_ids": sorted({i for outage in outages for i in outage.incidents}),
        "approver": None,
        "applied_at": None,
        "external_ref": None,
        **_excluded_by_people(report, assessed),
    }


def _excluded_by_people(report: Report, assessed: Assessed) -> Body:
    """Which classifications touch the row, and by whom. Nothing where there is none: a month that
    was issued before there were any is computed to the same bytes."""
    found = _classified(report, assessed.terms_period.terms, assessed.window)
    if not found:
        return {}
    named = ("reference", "component", "cause", "is_allowed", "proposed_by", "approved_by")
    rows = [_exclusion(one, assessed.terms_period.terms) for one in found]
    return {"exclusions": [{name: row[name] for name in named} for row in rows]}


def _counted(report: Report, assessed: Assessed) -> Body:
    """The seconds that the verdict rests on, and the share that they make."""
    judged, seconds = assessed.assessment.judgement, assessed.assessment.seconds
    return {
        "contracted_s": judged.contracted_s,
        "denominator_s": judged.denominator_s,
        "downtime_s": seconds_field(judged.downtime),
        "degraded_s": seconds.degraded,
        "excluded_s": seconds.excluded,
        "excluded_by_cause": dict(sorted(seconds.excluded_by_cause.items())),
        "unknown_s": judged.unknown_s,
        "before_records_s": seconds.before_records,
        "records_since": moment(_records_since(assessed)),
        "unwatched": [unwatched_body(one) for one in _unwatched(report, assessed)],
        "inferred_s": seconds.inferred,
        "uninvoiced_s": seconds_field(assessed.assessment.uninvoiced),
        "allowed_s": exact_text(judged.allowed),
        "uptime_fraction": fraction_field(judged.uptime),
        "watched_s": seconds.watched,
        "uptime_display": shown_share(report, seconds, judged.uptime),
    }


def shown_share(report: Report, seconds: Seconds, share: Fraction | None) -> str | None:
    """The share as people read it; None where too little of the time was watched."""
    least = report.period_data.catalogue.page.min_coverage
    if share is None or not has_coverage(seconds.watched, seconds.total, least):
        return None
    return percent_floor6(share)


def _records_since(assessed: Assessed) -> Second | None:
    """The second since which every required component has records; None where they had records in
    all of the contracted time."""
    if not assessed.assessment.seconds.before_records:
        return None
    return max(s.end for s in assessed.spans if s.bucket is Bucket.BEFORE_RECORDS)


def _unwatched(report: Report, assessed: Assessed) -> list[Unwatched]:
    """Required components that a configuration left without checks. Empty where the terms name no
    components: a component that left the configuration is not required any more."""
    if assessed.terms_period.terms.required is None:
        return []
    return [
        one
        for component in report.period_data.required(assessed.terms_period.terms)
        for one in report.period_data.unwatched(component)
        if one.since < assessed.window.end
        and (one.until is None or one.until > assessed.window.start)
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
        # With the unknown seconds up, the amount is this line's own: what is known is no breach.
        "amount_if_unknown_up": None if worst is None else f"{line.amount.amount:f}",
        "amount_if_unknown_down": None if worst is None else f"{worst.amount:f}",
    }


def _currency(line: CreditLine | None) -> str | None:
    return None if line is None else line.amount.currency


def _evidence(report: Report, assessed: Assessed, outages: Sequence[Outage]) -> Body:
    """What the figures depend on; they can be recomputed from it."""
    terms, period_data = assessed.terms_period.terms, report.period_data
    judged = assessed.assessment.judgement
    required = period_data.required(terms)
    return {
        "contract_id": assessed.contract.id,
        "window": {"start": utc_text(assessed.window.start), "end": utc_text(assessed.window.end)},
        "contracted": spans_text(assessed.contracted),
        "terms": terms_fields(terms),
        "components": list(required),
        "seconds": recorded_seconds_body(assessed.assessment.seconds),
        "downtime_fraction": fraction_field(judged.downtime),
        "allowed_fraction": fraction_field(judged.allowed),
        "stretches": [_span(s) for s in assessed.spans if s.bucket is not Bucket.UP],
        "outages": [outage_body(outage, report.zone) for outage in outages],
        "maintenance": _maintenance(report, terms, assessed.window),
        "exclusions": [
            _exclusion(one, terms) for one in _classified(report, terms, assessed.window)
        ],
    }


def _classified(report: Report, terms: Terms, window: Interval) -> list[ExclusionRevision]:
    """What two people excluded of the required components."""
    required = report.period_data.required(terms)
    return [
        one
        for one in report.period_data.classified
        if one.component in required and one.interval.overlaps(window)
    ]


def _exclusion(one: ExclusionRevision, terms: Terms) -> Body:
    return {
        "reference": one.reference,
        "revision": one.revision,
        "component": one.component,
        "cause": one.cause,
        "is_allowed": terms.allows(one.cause),
        "start": utc_text(one.interval.start),
        "end": utc_text(one.interval.end),
        "proposed_by": one.proposed_by,
        "approved_by": one.decided_by,
        "approved_at": utc_text(one.at),
        "evidence": evidence_fields(one.evidence),
    }


def _span(span: Span) -> Body:
    return {
        "start": utc_text(span.start),
        "end": utc_text(span.end),
        "seconds": span.interval.seconds,
        "bucket": span.bucket.value,
        "cause": span.cause,
        "is_inferred": span.is_inferred,
    }


def _maintenance(report: Report, terms: Terms, window: Interval) -> list[Body]:
    required = report.period_data.required(terms)
    return [
        {
            "id": w.id,
            "start": utc_text(w.effective.start),
            "end": utc_text(w.effective.end),
            "published_at": moment(w.published_at),
            **_extensions(w),
            "components": [c for c in w.components if c in required],
            "is_excluded": any(
                e.component in required for e in report.period_data.planned(terms, w)
            ),
            "excluded": [
                {"component": e.component, "start": utc_text(e.interval.start),
                 "end": utc_text(e.interval.end)}
                for e in report.period_data.planned(terms, w) if e.component in required
            ],
        }
        for w in report.period_data.maintenance
        if w.effective.overlaps(window) and any(c in required for c in w.components)
    ]  # fmt: skip


def _extensions(window: MaintenanceWindow) -> Body:
    """A field for those windows alone that were extended: others stand in reports as ever."""
    if not window.extensions:
        return {}
    return {
        "extensions": [
            {"start": utc_text(e.start), "end": utc_text(e.end),
             "published_at": moment(e.published_at)}
            for e in window.extensions
        ]
    }  # fmt: skip


def recorded_seconds_body(seconds: Seconds) -> Body:
    """Seconds as reports have them: the time before the first check run is a field of its own."""
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
    """A second as UTC text; None stays None."""
    return None if second is None else utc_text(second)

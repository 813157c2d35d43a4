"""Each scripted outage beside what was found of it, as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.soak.findings import OPENING, RESOLUTION, UNKNOWN, Bounds, Findings, status_at
from tests.e2e.soak.judge import messages_of
from tests.e2e.soak.past import Past
from tests.e2e.soak.record import Outage, Record


@dataclass(frozen=True, slots=True)
class Row:
    """`start` and `end`: by how much each is off; None where something disturbed it."""

    outage: Outage
    start: float | None
    end: float | None
    cause: str
    billed_s: int
    unknown_s: int
    messages: Counter[str]
    meanwhile: str


def table(record: Record, findings: Findings, bounds: Bounds | None = None) -> str:
    past = Past(record, bounds or Bounds())
    counted = messages_of(past, findings)
    head = (
        f"{'target':8}{'fault':8}{'fell':>8}{'lasted':>8}{'start':>7}{'end':>7}{'billed':>8}"
        f"{'unknown':>9}  {'class':18}{'opened':>7}{'ended':>6}{'other':>6}  meanwhile"
    )
    rows = [_row(past, o, findings, counted.get(o, Counter())) for o in record.outages]
    return "\n".join([head, *map(_line, rows), _sums(rows, findings)])


def _row(past: Past, outage: Outage, findings: Findings, told: Counter[str]) -> Row:
    met = past.met(outage, findings.outages)
    start, end = past.errors(outage, met) if met else (None, None)
    around = past.disturbances(outage.fall - 2, outage.rise + 2)
    return Row(
        outage=outage,
        start=start,
        end=end,
        cause=", ".join(dict.fromkeys(found.cause for found in met)) or "-",
        billed_s=sum(found.billed_s for found in met),
        unknown_s=_unknown_s(past, outage, findings),
        messages=told,
        meanwhile=", ".join(dict.fromkeys(str(d.kind) for d in around)),
    )


def _unknown_s(past: Past, outage: Outage, findings: Findings) -> int:
    """Seconds of it that some second of the past tells of, and of which nobody knows."""
    timeline = findings.timelines.get(outage.target, ())
    found = 0
    for span in past.spans:
        since = int(max(span.since, span.second(outage.fall)))
        until = int(min(span.until, span.second(outage.rise)))
        found += sum(status_at(timeline, second) == UNKNOWN for second in range(since, until))
    return found


def _line(row: Row) -> str:
    one, told = row.outage, row.messages
    other = told.total() - told[OPENING] - told[RESOLUTION]
    return (
        f"{one.target:8}{one.fault:8}{one.fall:8.1f}{one.lasts:8.1f}{_error(row.start)}"
        f"{_error(row.end)}{row.billed_s:8}{row.unknown_s:9}  {row.cause:18}"
        f"{told[OPENING]:7}{told[RESOLUTION]:6}{other:6}  {row.meanwhile}"
    )


def _error(seconds: float | None) -> str:
    return f"{'-':>7}" if seconds is None else f"{seconds:+7.1f}"


def _sums(rows: Sequence[Row], findings: Findings) -> str:
    judged = [abs(e) for row in rows for e in (row.start, row.end) if e is not None]
    clear = sum(not row.meanwhile for row in rows)
    return (
        f"{len(rows)} outages scripted, {clear} of them undisturbed; "
        f"{sum(row.cause != '-' for row in rows)} found as {len(findings.outages)} in the report; "
        f"{len(judged)} edges judged, at most {max(judged, default=0.0):.1f} s off; "
        f"{sum(row.messages.total() for row in rows)} messages"
    )

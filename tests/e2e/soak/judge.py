"""What the product found beside what happened: each second, each outage, each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.demo.faults import Fault
from tests.e2e.soak.findings import CLASSES, OPENING, RESOLUTION, Bounds, Findings, Found, status_at
from tests.e2e.soak.past import TOLD_WITHIN, Past
from tests.e2e.soak.record import Kind, Outage, Record
from tests.e2e.soak.seconds import allowed_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Where, what was wanted, what stands there."""

    place: str
    wanted: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: wanted {self.wanted}, got {self.got}"


def wrongs(record: Record, findings: Findings, bounds: Bounds | None = None) -> list[Wrong]:
    """All that is not as it happened; none where all is."""
    past = Past(record, bounds or Bounds())
    return [
        *_wrong_seconds(past, findings),
        *_invented(past, findings),
        *_misjudged(past, findings),
        *_wrong_messages(past, findings),
    ]


def _wrong_seconds(past: Past, findings: Findings) -> Iterator[Wrong]:
    for target in past.targets():
        timeline = findings.timelines.get(target, ())
        wrong = [
            (second, allowed, got)
            for second, allowed in allowed_seconds(past, target)
            if (got := status_at(timeline, second)) not in allowed
        ]
        for (allowed, got), run in groupby(wrong, key=lambda one: one[1:]):
            seconds = [second for second, _, _ in run]
            yield Wrong(
                place=f"{target} {_where(past, seconds[0])}, {len(seconds)} s",
                wanted=" or ".join(sorted(allowed)),
                got=got,
            )


def _where(past: Past, second: int) -> str:
    span = past.span_at(second)
    moment = "skipped by the clock" if span is None else f"moment {span.moment(second):.1f}"
    return f"at {second - past.record.wall:.1f} s of the wall clock ({moment})"


def _invented(past: Past, findings: Findings) -> Iterator[Wrong]:
    for found in findings.outages:
        if not any(past.meets(found, outage) for outage in past.record.outages):
            yield Wrong(
                place=f"{found.target} {_where(past, found.start)}",
                wanted="no outage",
                got=f"{found.cause}, {found.billed_s} s billed",
            )


def _misjudged(past: Past, findings: Findings) -> Iterator[Wrong]:
    for outage in past.record.outages:
        met = past.met(outage, findings.outages)
        if met:
            yield from _wrong_edges(past, outage, met)
            yield from _wrong_class(past, outage, met)
            yield from _wrong_sum(past, outage, met)
        elif _cannot_be_missed(past, outage):
            yield Wrong(place=_place(outage), wanted=f"an outage ({outage.fault})", got="none")


def _place(outage: Outage) -> str:
    return f"{outage.target} fell at {outage.fall:.1f} for {outage.lasts:.1f} s"


def _cannot_be_missed(past: Past, outage: Outage) -> bool:
    return max(past.clear(outage), default=0.0) >= past.bounds.least


def _wrong_edges(past: Past, outage: Outage, met: Sequence[Found]) -> Iterator[Wrong]:
    for edge, error in zip(("start", "end"), past.errors(outage, met), strict=True):
        if error is not None and abs(error) > past.bounds.tolerance:
            wanted = f"{edge} within {past.bounds.tolerance} s"
            yield Wrong(place=_place(outage), wanted=wanted, got=f"{error:+.1f} s")


def _wrong_class(past: Past, outage: Outage, met: Sequence[Found]) -> Iterator[Wrong]:
    """Where something disturbed it, what was found may run into another of the target's."""
    near = past.bounds.interval
    mine = [o for o in past.record.outages if o.target == outage.target]
    is_clear = past.is_clear(outage.fall - near, outage.rise + near, outage.target)
    right = {CLASSES[o.fault] for o in ([outage] if is_clear else mine)}
    if not is_clear and any(o.fault is Fault.HANG for o in mine):
        # Of an outage whose looks were lost all but one: who hung is mended, and lets go of it.
        right.add("conn_reset")
    wrong = {found.cause for found in met} - right
    if wrong:
        wanted, got = " or ".join(sorted(right)), " and ".join(sorted(wrong))
        yield Wrong(place=_place(outage), wanted=wanted, got=got)


def _wrong_sum(past: Past, outage: Outage, met: Sequence[Found]) -> Iterator[Wrong]:
    """What a gap joins is one outage: then the gap is billed too, and each of both has it all."""
    tolerance, billed = past.bounds.tolerance, sum(found.billed_s for found in met)
    least = sum(max(0.0, length - tolerance) for length in past.clear(outage))
    joined = [o for o in past.record.outages if any(past.meets(f, o) for f in met)]
    start, end = min(o.fall for o in joined), max(o.rise for o in joined)
    most = end - start + tolerance + past.corrected(start, end)
    if not least <= billed <= most:
        wanted = f"{least:.0f} to {most:.0f} s billed"
        yield Wrong(place=_place(outage), wanted=wanted, got=str(billed))


def _wrong_messages(past: Past, findings: Findings) -> Iterator[Wrong]:
    counted = messages_of(past, findings)
    for told in findings.messages:
        if told.kind == OPENING and past.reported_services(told) is None:
            place = f"{told.target} told at {told.at:.1f}"
            yield Wrong(place=place, wanted="no opening", got="one")
    for outage in past.record.outages:
        yield from _miscounted(past, outage, counted.get(outage, Counter()))


def messages_of(past: Past, findings: Findings) -> dict[Outage, Counter[str]]:
    """How many of each kind were about each outage."""
    counted: dict[Outage, Counter[str]] = {}
    for told in findings.messages:
        outage = past.reported_services(told)
        if outage is not None:
            counted.setdefault(outage, Counter())[told.kind] += 1
    return counted


def _miscounted(past: Past, outage: Outage, told: Counter[str]) -> Iterator[Wrong]:
    """One beginning and one end; what is taken back or lost from sight may be told anew. What is
    over before it can be told, for the core was stopped, is told once, by its end."""
    around = past.disturbances(outage.fall - past.bounds.recovery, outage.rise + TOLD_WITHIN)
    lasts = _cannot_be_missed(past, outage)
    is_delayed = any(d.kind is Kind.CORE for d in around)
    if lasts and not told[OPENING] + told[RESOLUTION]:
        yield Wrong(place=f"messages of {_place(outage)}", wanted="one at least", got="0")
    for kind in (OPENING, RESOLUTION):
        least = int(lasts and not (is_delayed if kind == OPENING else around))
        most = 1 + len(around)
        if not least <= told[kind] <= most:
            wanted = f"{least} to {most} of {kind}" if most != least else f"{least} of {kind}"
            yield Wrong(place=f"messages of {_place(outage)}", wanted=wanted, got=str(told[kind]))

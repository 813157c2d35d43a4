"""What a script makes the product able to know: when it could see, and of what moments its past
can tell at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.e2e.soak.findings import DOWN, RESOLUTION, UP, Bounds, Found, Told
from tests.e2e.soak.lineage import Span, visible
from tests.e2e.soak.record import Disturbance, Kind, Outage, Record

TOLD_WITHIN = 25.0
"""Looks, the group's wait, the observation, and the dispatch of a busy machine."""
CORRECTION = 10
"""ADR 15: a clock that is set by no more than this is corrected."""
_FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Zone:
    """Moments in which sight was lost, with those in which looks may be of no worth yet."""

    start: float
    end: float


class Past:
    """Seconds are the product's wall clock's, moments the script's."""

    def __init__(self, record: Record, bounds: Bounds) -> None:
        self.record = record
        self.bounds = bounds
        self.spans = visible(record)

    def targets(self) -> list[str]:
        return sorted({outage.target for outage in self.record.outages})

    def truth(self, target: str, start: float, end: float) -> frozenset[str]:
        """What the target was between two moments."""
        mine = [o for o in self.record.outages if o.target == target]
        met = [o for o in mine if o.fall <= end and o.rise >= start]
        if not met:
            return frozenset({UP})
        is_whole = any(o.fall <= start and o.rise >= end for o in met)
        return frozenset({DOWN}) if is_whole else frozenset({UP, DOWN})

    def zones(self, target: str) -> list[Zone]:
        """In order; those that run into one another are one, as is a gap between looks."""
        found: list[Zone] = []
        for one in sorted(self.record.disturbances, key=lambda d: d.start):
            if not self._blinds(one, target):
                continue
            zone = Zone(one.start - self.bounds.interval, one.end + self.bounds.recovery)
            if found and found[-1].end >= zone.start:
                zone = Zone(found[-1].start, max(found.pop().end, zone.end))
            found.append(zone)
        return found

    def disturbances(self, start: float, end: float) -> list[Disturbance]:
        return [d for d in self.record.disturbances if d.start <= end and d.end >= start]

    def span_of(self, moment: float) -> Span | None:
        """The seconds that tell of a moment; None where none does."""
        return next((s for s in self.spans if s.since <= s.second(moment) < s.until), None)

    def span_at(self, second: int) -> Span | None:
        return next((s for s in self.spans if s.since <= second < s.until), None)

    def seams(self, span: Span) -> Iterator[float]:
        """The seconds at which it is sewn to others."""
        if span is not self.spans[0]:
            yield span.since
        if span is not self.spans[-1]:
            yield span.until

    def corrected(self, start: float, end: float) -> float:
        """Seconds that corrections skipped between two moments: no era begins with them, and what
        surrounds them is said of them."""
        offsets = [0, *(s.offset for s in self.record.settings)]
        steps = [
            after - before
            for setting, before, after in zip(
                self.record.settings, offsets, offsets[1:], strict=False
            )
            if start <= setting.at <= end
        ]
        return sum(step for step in steps if 0 < step <= CORRECTION)

    def is_clear(self, start: float, end: float, target: str) -> bool:
        """Whether nothing that blinds came between two moments, and one span tells of all."""
        if any(z.start <= end and z.end >= start for z in self.zones(target)):
            return False
        span = self.span_of(start)
        return span is not None and span.second(end) < span.until

    def clear(self, outage: Outage) -> list[float]:
        """How long the stretches of an outage are that nothing disturbed and some second tells."""
        found: list[float] = []
        for span in self.spans:
            inset = [
                self.bounds.recovery if edge in tuple(self.seams(span)) else 0.0
                for edge in (span.since, span.until)
            ]
            start = max(outage.fall, span.moment(span.since) + inset[0])
            end = min(outage.rise, span.moment(span.until) - inset[1])
            found += self._less_zones(start, end, outage.target)
        return found

    def _less_zones(self, start: float, end: float, target: str) -> Iterator[float]:
        for zone in self.zones(target):
            if zone.end < start or zone.start > end:
                continue
            if zone.start > start:
                yield zone.start - start
            start = max(start, zone.end)
        if end > start:
            yield end - start

    def errors(self, outage: Outage, met: Sequence[Found]) -> tuple[float | None, float | None]:
        """By how much start and end are off; None where something disturbed them."""
        return (
            self._error(outage.fall, outage.target, [f.start for f in met]),
            self._error(outage.rise, outage.target, [f.end for f in met if f.end is not None]),
        )

    def _error(self, moment: float, target: str, found: Sequence[int]) -> float | None:
        span, near = self.span_of(moment), self.bounds.recovery
        if span is None or not self.is_clear(moment - near, moment + near, target):
            return None
        return min((second - span.second(moment) for second in found), key=abs, default=_FOREVER)

    def meets(self, found: Found, outage: Outage) -> bool:
        """Whether an outage that was found is part of a scripted one."""
        if found.target != outage.target:
            return False
        late, end = self.bounds.tolerance, _FOREVER if found.end is None else found.end
        for span in self.spans:
            start = max(span.since, span.second(outage.fall))
            until = min(span.until, span.second(outage.rise))
            if start < until and found.start <= until + late and end >= start - late:
                return True
        return False

    def met(self, outage: Outage, found: Sequence[Found]) -> list[Found]:
        return [one for one in found if self.meets(one, outage)]

    def reported_services(self, told: Told) -> Outage | None:
        """The outage that a message is about: the last one that had begun by then, or ended."""
        is_end = told.kind == RESOLUTION
        begun = [
            o
            for o in self.record.outages
            if o.target == told.target and (o.rise if is_end else o.fall) <= told.at
        ]
        last = max(begun, key=lambda o: o.fall, default=None)
        if last is None or is_end:
            return last
        held = sum(d.end - d.start for d in self.disturbances(last.fall, told.at))
        return last if told.at <= last.rise + TOLD_WITHIN + held else None

    def _blinds(self, disturbance: Disturbance, target: str) -> bool:
        if disturbance.kind is Kind.RESOLVER:
            return target in self.record.named
        return disturbance.kind in (Kind.PROBER, Kind.CLOCK)

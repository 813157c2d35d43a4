"""What may stand in each second of a target's timeline.

A second that nothing disturbed says what its target did. One in which the prober or the resolver
was away is unknown once the last look's cover is over, or downtime where the target was down
before and after; one that the clock skipped is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.e2e.soak.findings import DOWN, UNKNOWN
from tests.e2e.soak.past import Past, Zone

Allowed = frozenset[str]


def allowed_seconds(past: Past, target: str) -> Iterator[tuple[int, Allowed]]:
    """Each second from the script's beginning to its end."""
    first, last = past.spans[0].since, past.spans[-1].until
    for second in range(int(first) + 1, int(last) - past.bounds.tolerance):
        yield second, _allowed(past, target, second)


def _allowed(past: Past, target: str, second: int) -> Allowed:
    span = past.span_at(second)
    if span is None:
        return _allowed_skipped(past, target, second)
    moment = span.moment(second)
    truth = past.truth(target, moment - past.bounds.tolerance, moment + 2)
    for seam in past.seams(span):
        if abs(second - seam) <= past.bounds.recovery:
            return truth | _around(past, target, seam) | {UNKNOWN}
    zone = next((z for z in past.zones(target) if z.start <= moment <= z.end), None)
    return truth if zone is None else _allowed_blind(past, target, moment, zone, truth)


def _allowed_skipped(past: Past, target: str, second: int) -> Allowed:
    """Unknown, and before it what the last look covers; a short skip is no gap."""
    before = max(s.until for s in past.spans if s.until <= second)
    after = min(s.since for s in past.spans if s.since > second)
    is_short = after - before <= past.bounds.max_gap + past.bounds.recovery
    is_near = min(second - before, after - second) <= past.bounds.recovery
    if is_short or is_near:
        return _around(past, target, before) | _around(past, target, after) | {UNKNOWN}
    return frozenset({UNKNOWN})


def _allowed_blind(past: Past, target: str, moment: float, zone: Zone, truth: Allowed) -> Allowed:
    bounds = past.bounds
    # A look that was due in the last interval of it begins when sight is back.
    margin = bounds.recovery + bounds.tolerance
    before = past.truth(target, zone.start - bounds.interval, zone.start + bounds.tolerance)
    after = past.truth(target, zone.end - margin, zone.end + bounds.interval)
    inferred = frozenset({DOWN} if DOWN in before and DOWN in after else ())
    if zone.end - zone.start <= bounds.max_gap + 2 * bounds.recovery:
        return truth | before | after | {UNKNOWN}
    if moment <= zone.start + margin:
        return truth | before | inferred | {UNKNOWN}
    if moment >= zone.end - margin:
        return truth | after | inferred | {UNKNOWN}
    return inferred | {UNKNOWN}


def _around(past: Past, target: str, seam: float) -> Allowed:
    """What stood on both sides of a second at which the past is sewn together. No run of failures
    goes on over it: what had begun and was not confirmed yet was never seen."""
    near = past.bounds.recovery + past.bounds.max_gap
    moments = [
        span.moment(edge)
        for span in past.spans
        for edge in (span.since, span.until)
        if abs(edge - seam) <= near
    ]
    return frozenset().union(*(past.truth(target, m - near, m + near) for m in moments))

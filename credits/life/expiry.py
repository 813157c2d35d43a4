"""When a credit that nobody asks for ends. The terms say it; most say nothing, and it stays."""

from __future__ import annotations

from credits.life.credit import CreditRecord
from credits.life.states import CreditState
from credits.terms import Terms
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second

_NEVER = IntervalSet.of(())


def expires_at(
    record: CreditRecord, terms: Terms | None, away: IntervalSet = _NEVER
) -> Second | None:
    """The first second in which it may no longer be asked for; None where it may be for ever, or
    was, or nobody knows yet. Time runs from when it became eligible, and stands still while
    customers cannot reach the panel: `away`, whose last part may have no end yet (clause 21c). What
    was asked for in time does not expire because nobody answers."""
    if terms is None or not terms.request_within_s or record.state is not CreditState.ELIGIBLE:
        return None
    since = record.steps[-1].at
    ends, later = since, Second(since + terms.request_within_s)
    while later != ends:
        ends = later
        lost = away & IntervalSet.of([Interval(since, ends)])
        later = Second(since + terms.request_within_s + lost.seconds)
        if any(part.start < ends and part.end >= FOREVER for part in away):
            return None
    return ends

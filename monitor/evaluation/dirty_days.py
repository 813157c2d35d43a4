"""Which days of the past may be folded again: those whose results are all in the log still.

A result that comes late may change what was decided, but never withdraw what cannot be decided
anew: a day that the log has lost rows of, or that begins before the first result of all, stays as
it is. What is refused is counted, and reported to operators once a day at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import Cause, FoldState, Transition
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey, ResultReader
from monitor.self_monitoring.system_alert import raise_alert

DAY = 86_400
BACK = DAY
"""A result may change an outage that was backdated into the day before its own."""
LEAD = 2 * DAY
"""Folding begins this much earlier, so that streaks and windows are right where the span begins."""
REFUSED = "late_days_refused"
_REPORTED = "late_days_told"
_GAPS = 8
"""At most so many gaps in a row are searched for the result before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtySpan:
    """What is folded again of one fold: from the first of its dirty days to its last result."""

    first_day: Second
    start: Second
    """What took effect before is not touched."""
    reads_from: Second
    first_run: Second | None

    def is_in(self, complete_from: Second) -> bool:
        """Whether a log that is complete from that second on has the whole span. A fold that
        began later than that has an exact beginning in the log, however little is before it."""
        if self.first_run is None:
            return self.reads_from >= complete_from
        begins = self.first_run - self.first_run % DAY
        is_exact = self.first_run >= complete_from
        return self.first_day >= begins and (is_exact or self.reads_from >= complete_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    spans: Mapping[FoldKey, DirtySpan]
    refused: Sequence[tuple[FoldKey, Second]]


def plan_spans(
    tx: JournalTransaction,
    log: ResultReader,
    dirty: Mapping[FoldKey, Sequence[Second]],
    states: Mapping[FoldKey, FoldState],
) -> Plan | None:
    """The plan for these dirty days; None where the log does not know yet what it has lost."""
    complete = _complete(log, dirty, states)
    if complete is None:
        return None
    firsts = tx.transitions.first(complete)
    found: dict[FoldKey, DirtySpan] = {}
    refused: list[tuple[FoldKey, Second]] = []
    for key, days in dirty.items():
        for day in sorted(days):
            span = _span(day, firsts.get(key))
            if key in complete and span.is_in(complete[key]):
                found[key] = span
                break
            refused.append((key, day))
    _begin_with_gaps(tx, found)
    _read_behind_gaps(tx, found)
    # Where what began before a gap is not all there, the next of its days may not need it.
    bare = [key for key, span in found.items() if not span.is_in(complete[key])]
    refused += [(key, found.pop(key).first_day) for key in bare]
    return Plan(spans=found, refused=refused)


def refuse(
    tx: JournalTransaction,
    refused: Sequence[tuple[FoldKey, Second]],
    catalogue: Catalogue,
    now: Second,
) -> None:
    """Leave those days as they are, for good."""
    tx.folds.clean([(key, Interval(day, Second(day + DAY))) for key, day in refused])
    tx.cursors.set(REFUSED, tx.cursors.get(REFUSED) + len(refused))
    if not 0 <= now - tx.cursors.get(_REPORTED) < DAY:
        tx.cursors.set(_REPORTED, now)
        raise_alert(tx, SystemAlert.LATE_RESULTS_REFUSED, now, catalogue, now)


def _complete(
    log: ResultReader,
    keys: Collection[FoldKey],
    states: Mapping[FoldKey, FoldState],
) -> dict[FoldKey, Second] | None:
    """From which second on the log has all that each of these folds may have seen."""
    found: dict[FoldKey, Second] = {}
    for key in keys:
        last_slot = states[key].last_slot if key in states else None
        if last_slot is None:
            continue
        complete_from = log.complete_from(last_slot)
        if complete_from is None:
            return None
        found[key] = complete_from
    return found


def _span(day: Second, first_run: Second | None) -> DirtySpan:
    start = Second(day - BACK)
    return DirtySpan(
        first_day=day, start=start, reads_from=Second(start - LEAD), first_run=first_run
    )


def _begin_with_gaps(tx: JournalTransaction, found: dict[FoldKey, DirtySpan]) -> None:
    """A gap over the beginning of a span was decided by the result that ended it, inside the span:
    what is decided anew takes the place of the whole gap."""
    starts = {key: span.start for key, span in found.items()}
    for key, transition in _in_force(tx, starts).items():
        if _is_gap(transition):
            start = transition.effective_at
            found[key] = replace(found[key], start=start, reads_from=Second(start - LEAD))


def _read_behind_gaps(tx: JournalTransaction, found: dict[FoldKey, DirtySpan]) -> None:
    """What ends a gap depends on the result before it: where reading would begin within a gap, it
    begins in front of it."""
    asked = set(found)
    for _ in range(_GAPS):
        begins = {key: found[key].reads_from for key in asked}
        behind = {key: gap for key, gap in _in_force(tx, begins).items() if _is_gap(gap)}
        for key, gap in behind.items():
            found[key] = replace(found[key], reads_from=Second(gap.effective_at - LEAD))
        asked = set(behind)
        if not asked:
            return


def _in_force(tx: JournalTransaction, at: Mapping[FoldKey, Second]) -> dict[FoldKey, Transition]:
    """Each fold's transition in force in a second."""
    together: dict[Second, list[FoldKey]] = {}
    for key, second in at.items():
        together.setdefault(second, []).append(key)
    return {
        key: found[-1]
        for second, keys in together.items()
        for key, found in tx.transitions.drawing(Interval(second, Second(second + 1)), keys).items()
    }


def _is_gap(transition: Transition) -> bool:
    return transition.to is Outcome.UNKNOWN or transition.cause == Cause.INFERRED

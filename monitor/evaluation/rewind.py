"""A new era of the prober's clock: what an era that was wrong decided is taken back.

Folds whose last result no longer counts go back to what they were before; the transitions that
such results decided are superseded, and the incidents that rest on them alone are closed. What was
there before goes on: the first results of the new era decide it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.eras import REMEMBERED, Era, Lineage, counts, first_difference
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import timeline_of
from monitor.incidents.rewound import restore_incidents, rewind_incidents
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.system_alert import raise_alert

_DAY = 86_400
_AFTER, _THROUGH = "era_{}_took_after", "era_{}_took_through"
_FROM, _LEFT = "era_{}_took_from", "era_{}_took_of"
States = Mapping[FoldKey, FoldState]


def enter_era(
    tx: JournalTransaction,
    states: States,
    before: Lineage,
    era: Era,
    catalogue: Catalogue,
    incident_writer: IncidentWriter,
    now: Second,
    *,
    is_reported: bool = True,
) -> bool:
    """`states` are those that the journal has. Afterwards it has those of the new era. Operators
    get no alert where one was sent a moment ago (`is_reported`). Returns whether timelines
    changed."""
    tx.folds.enter_era(era.number)
    cut = first_difference(before, era.lineage)
    lost = {k for k, state in states.items() if not _counts(state, era.lineage)}
    if cut is None or not (lost or era.is_step):
        return False
    changed: set[FoldKey] = set()
    if lost:
        undone = _undone(tx, era)
        earlier = _earlier_states(tx, lost, era)
        changed.update(_withdraw(tx, cut, era, before[-1].era, now))
        changed.update(_reinstate(tx, undone, now))
        _put_back(tx, {key: states[key] for key in lost}, earlier, era, cut)
        down = _down_components(tx.folds.states(), catalogue)
        rewind_incidents(tx, era.number, cut, down, catalogue, incident_writer, now)
        for number in undone:
            restore_incidents(tx, number, catalogue, incident_writer, now)
    _note(tx, era, cut, len(changed), now)
    if is_reported and era.is_big_step:
        raise_alert(tx, SystemAlert.CLOCK_SET, era.began_at, catalogue, now, about=str(era.step_s))
    return bool(changed)


def enter_another_log(tx: JournalTransaction, states: States, before: int, number: int) -> None:
    """Another log has taken the place of the one that was read: its numbers begin again, and say
    nothing of the former one's. What was there goes on, as of this log's present era."""
    renumbered = {key: replace(state, era=number) for key, state in states.items()}
    tx.folds.save(renumbered, tx.folds.cursor())
    tx.folds.enter_era(number)
    for former in range(number, before + 1):
        tx.cursors.set(_THROUGH.format(former), 0)


def _withdraw(
    tx: JournalTransaction, cut: Second, era: Era, former: int, now: Second
) -> Collection[FoldKey]:
    """Take back what is not to count in this era, and store which rows did so, and of which era
    (`former`) what is taken was."""
    after = tx.transitions.newest()
    taken = tx.transitions.withdraw(cut, now)
    tx.cursors.set(_AFTER.format(era.number), after)
    tx.cursors.set(_THROUGH.format(era.number), tx.transitions.newest())
    tx.cursors.set(_FROM.format(era.number), cut)
    tx.cursors.set(_LEFT.format(era.number), former)
    return taken


def _undone(tx: JournalTransaction, era: Era) -> list[int]:
    """The eras that no longer count although they had taken something: the era that it was taken
    from has those seconds again."""
    numbers = range(max(1, era.number - REMEMBERED), era.number)
    return [number for number in numbers if _is_undone(tx, number, era.lineage)]


def _is_undone(tx: JournalTransaction, number: int, lineage: Lineage) -> bool:
    if not tx.cursors.get(_THROUGH.format(number)) or any(s.era == number for s in lineage):
        return False
    cut, former = (tx.cursors.get(name.format(number)) for name in (_FROM, _LEFT))
    return any(span.era == former and span.until > cut for span in lineage)


def _reinstate(tx: JournalTransaction, undone: Sequence[int], now: Second) -> Collection[FoldKey]:
    found: list[FoldKey] = []
    for number in undone:
        after, through = (tx.cursors.get(name.format(number)) for name in (_AFTER, _THROUGH))
        found += tx.transitions.reinstate(after, through, now)
        tx.cursors.set(_THROUGH.format(number), 0)
    return found


def _counts(state: FoldState, lineage: Lineage) -> bool:
    return state.last_slot is None or counts(lineage, state.era, state.last_slot)


def _earlier_states(
    tx: JournalTransaction, lost: Collection[FoldKey], era: Era
) -> dict[FoldKey, FoldState]:
    """The folds that can go back to how they were stored where an era began: nothing that was seen
    later than that counts."""
    counting = {span.era for span in era.lineage[:-1]}
    usable = [
        states
        for number, states in tx.folds.snapshots()
        if number < era.number and all(one < number for one in counting)
    ]
    found: dict[FoldKey, FoldState] = {}
    for key in lost:
        of_key = (states.get(key, FoldState()) for states in usable)
        state = next((s for s in of_key if _counts(s, era.lineage)), None)
        if state is not None:
            found[key] = state
    return found


def _timeline_states(
    tx: JournalTransaction, states: States, era: Era, cut: Second
) -> dict[FoldKey, FoldState]:
    if not states:
        return {}
    by_fold = tx.transitions.drawing(Interval(Second(cut - 1), cut), states.keys())
    number = max((s.era for s in era.lineage[:-1] if s.since < cut), default=0)
    return {
        key: replace(_state_at(by_fold.get(key, ()), cut), era=number, revision=state.revision)
        for key, state in states.items()
    }


def _state_at(transitions: Sequence[Transition], cut: Second) -> FoldState:
    """A fold that is as its timeline says just before a second, and in no streak."""
    timeline = timeline_of(transitions, cut)
    if not timeline or timeline[-1].end < cut:
        return FoldState()
    last = timeline[-1]
    is_down = last.status is Outcome.DOWN
    seen = Second(cut - 1)
    return FoldState(
        status=last.status,
        cause=last.cause,
        since=last.start,
        last_slot=seen,
        covered_until=cut,
        last_success=None if is_down else seen,
        last_failure=seen if is_down else None,
        is_confirmed=not is_down,
    )


def _put_back(tx: JournalTransaction, lost: States, earlier: States, era: Era, cut: Second) -> None:
    """Save what the lost folds go back to. One that is taken from its timeline, not from where an
    era began, may have been cut in the middle of a streak: its day is folded again."""
    bare = {key: state for key, state in lost.items() if key not in earlier}
    rebuilt = _timeline_states(tx, bare, era, cut)
    seen = {k: s for k, s in {**earlier, **rebuilt}.items() if s.last_slot is not None}
    tx.folds.forget([key for key in lost if key not in seen])
    tx.folds.save(seen, tx.folds.cursor())
    cut_in_two = sorted(key for key in rebuilt if key in seen)
    if cut_in_two:
        tx.folds.mark_dirty([(key, Second(cut - cut % _DAY)) for key in cut_in_two])


def _down_components(states: States, catalogue: Catalogue) -> frozenset[ComponentId]:
    """Those with a check that is down: an incident of theirs goes on."""
    return frozenset(
        check.component
        for check in catalogue.checks
        for place in check.locations
        if (state := states.get((check.id, place))) is not None and state.status is Outcome.DOWN
    )


def _note(tx: JournalTransaction, era: Era, cut: Second, taken_back: int, now: Second) -> None:
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="clock.era", subject=str(era.number),
                before={"second": int(era.was)},
                after={"second": int(era.began_at), "cut": int(cut), "withdrawn": taken_back},
            )
        ]
    )  # fmt: skip

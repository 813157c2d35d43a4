"""A new era of the prober's clock: what an era that was wrong decided is taken back.

Folds whose last look no longer counts go back to what they were before; the transitions that such
looks decided are superseded, and the incidents that rest on them alone are closed. What stood
before goes on: the first looks of the new era decide it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.eras import SMALL_STEP_S, Era, Lineage, counts, first_difference
from monitor.domain.incident import rewind
from monitor.domain.interval import FOREVER, Interval, Second
from monitor.domain.observation import ComponentId, Outcome
from monitor.domain.state import FoldState, Transition
from monitor.domain.timeline import timeline_of
from monitor.engine.narrate import Narrator
from monitor.engine.notices import give_notice
from monitor.ports.journal import JournalTransaction
from monitor.ports.results import FoldKey

CLOCK_SET = "monitor.clock_set"
_DAY = 86_400
States = Mapping[FoldKey, FoldState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """`has_changed_past`: transitions were taken back, or are to be folded again."""

    has_changed_past: bool = False


def enter_era(
    tx: JournalTransaction,
    states: States,
    before: Lineage,
    era: Era,
    catalogue: Catalogue,
    narrator: Narrator,
    now: Second,
) -> Rewound:
    """`states` are those that the journal has. Afterwards it has those of the new era."""
    tx.folds.enter_era(era.number)
    cut = first_difference(before, era.lineage)
    lost = {k for k, state in states.items() if not _counts(state, era.lineage)}
    if cut is None or not (lost or era.is_step):
        return Rewound()
    withdrawn = tx.transitions.withdraw(cut, now) if lost else ()
    _put_back(tx, _earlier_states(tx, lost, era, cut), lost)
    has_gained = _mark_gained(tx, lost, era.lineage, cut)
    if lost:
        _rewind_incidents(tx, cut, catalogue, narrator, now)
    _tell(tx, era, cut, len(withdrawn), catalogue, now)
    return Rewound(has_changed_past=bool(withdrawn) or has_gained)


def _counts(state: FoldState, lineage: Lineage) -> bool:
    return state.last_slot is None or counts(lineage, state.era, state.last_slot)


def _earlier_states(
    tx: JournalTransaction, lost: Set[FoldKey], era: Era, cut: Second
) -> dict[FoldKey, FoldState]:
    """Each fold as it was before what no longer counts: as it was kept where an era began, else as
    the timeline has it."""
    if not lost:
        return {}
    kept_eras = {span.era for span in era.lineage[:-1]}
    usable = [
        states
        for number, states in tx.folds.snapshots()
        if number < era.number and all(kept < number for kept in kept_eras)
    ]
    found: dict[FoldKey, FoldState] = {}
    for key in lost:
        of_key = (states.get(key, FoldState()) for states in usable)
        state = next((s for s in of_key if _counts(s, era.lineage)), None)
        if state is not None:
            found[key] = state
    return found | _drawn_states(tx, lost - found.keys(), era, cut)


def _drawn_states(
    tx: JournalTransaction, keys: Collection[FoldKey], era: Era, cut: Second
) -> dict[FoldKey, FoldState]:
    if not keys:
        return {}
    drawing = tx.transitions.drawing(Interval(Second(cut - 1), cut), keys)
    number = max((s.era for s in era.lineage[:-1] if s.since < cut), default=0)
    return {key: _state_at(drawing.get(key, ()), cut, number) for key in keys}


def _state_at(transitions: Sequence[Transition], cut: Second, era: int) -> FoldState:
    """A fold that is as its timeline says just before a second, and in no run."""
    drawn = timeline_of(transitions, cut)
    if not drawn or drawn[-1].end < cut:
        return FoldState()
    last = drawn[-1]
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
        proven=not is_down,
        era=era,
    )


def _put_back(tx: JournalTransaction, states: States, lost: Collection[FoldKey]) -> None:
    seen = {key: state for key, state in states.items() if state.last_slot is not None}
    tx.folds.forget([key for key in lost if key not in seen])
    tx.folds.save(seen, tx.folds.cursor())


def _mark_gained(
    tx: JournalTransaction, lost: Collection[FoldKey], lineage: Lineage, cut: Second
) -> bool:
    """Where seconds of an earlier era count again, or an era was cut in its middle, its days are
    folded again."""
    spans = [span for span in lineage[:-1] if span.until >= cut]
    days = {
        Second(day)
        for span in spans
        for day in range((cut - cut % _DAY), min(span.until, lineage[-1].since) + 1, _DAY)
    }
    marks = [(key, day) for key in sorted(lost) for day in sorted(days)]
    if marks:
        tx.folds.mark_dirty(marks)
    return bool(marks)


def _rewind_incidents(
    tx: JournalTransaction, cut: Second, catalogue: Catalogue, narrator: Narrator, now: Second
) -> None:
    states = tx.folds.states()
    down = _down_components(states, catalogue)
    for incident in tx.incidents.touching(Interval(cut, FOREVER)):
        step = rewind(incident, cut, now, down)
        if step is not None:
            saved = narrator.save(tx, step, catalogue, now)
            if not saved.is_unresolved:
                tx.outbox.take_back(str(saved.id))


def _down_components(states: States, catalogue: Catalogue) -> frozenset[ComponentId]:
    """Those with a check that stands down: an incident of theirs goes on."""
    return frozenset(
        check.component
        for check in catalogue.checks
        for place in check.locations
        if (state := states.get((check.id, place))) is not None and state.status is Outcome.DOWN
    )


def _tell(
    tx: JournalTransaction,
    era: Era,
    cut: Second,
    taken_back: int,
    catalogue: Catalogue,
    now: Second,
) -> None:
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="clock.era", subject=str(era.number),
                before={"second": int(era.was)},
                after={"second": int(era.began_at), "cut": int(cut), "withdrawn": taken_back},
            )
        ]
    )  # fmt: skip
    if abs(era.step_s) > SMALL_STEP_S:
        give_notice(tx, f"{CLOCK_SET}:{era.step_s}", era.began_at, catalogue, now)

"""Late results: fold the stored slots of a touched stretch again and write a new revision.

No alert is opened for the past; what changes is the timeline, and with it every figure. The fold
goes on from where the new revision leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.change import MACHINE, Change
from monitor.domain.interval import Interval, Second
from monitor.domain.state import Transition
from monitor.engine.ingest import BrokenOff, CheckOf, never, refold
from monitor.ports.journal import JournalTransaction
from monitor.ports.results import FoldKey, ResultReader

_DAY = 86_400
_BACK = _DAY
"""A look may change an outage that was backdated into the day before its own."""
_LEAD = 2 * _DAY
"""Folding begins this much earlier, so that runs and windows stand when the stretch begins."""


def correct_late(
    tx: JournalTransaction,
    log: ResultReader,
    check_of: CheckOf,
    now: Second,
    broken_off: BrokenOff = never,
) -> tuple[FoldKey, ...]:
    """Fold every dirty stretch again; the folds whose timeline changed."""
    first_dirty: dict[FoldKey, Second] = {}
    for key, day in tx.folds.dirty():
        first_dirty[key] = min(day, first_dirty.get(key, day))
    if not first_dirty:
        return ()
    states = tx.folds.states(first_dirty)
    corrected = []
    for key, day in sorted(first_dirty.items()):
        state = states.get(key)
        if state is not None and state.last_slot is not None:
            window = Interval(Second(day - _BACK), Second(state.last_slot + 1))
            if _correct_one(tx, log, key, window, check_of, now, broken_off):
                corrected.append(key)
    tx.folds.clean(sorted(first_dirty))
    if corrected:
        tx.changes.append([_change(key, now) for key in corrected])
    return tuple(corrected)


def _correct_one(
    tx: JournalTransaction,
    log: ResultReader,
    key: FoldKey,
    window: Interval,
    check_of: CheckOf,
    now: Second,
    broken_off: BrokenOff,
) -> bool:
    wide = Interval(Second(window.start - _LEAD), window.end)
    rows = log.slots(key, wide)
    folded = refold(rows, check_of, now, broken_off)
    anew = [d for d in folded.decided if d.transition.effective_at in window]
    before = tx.transitions.inside(key, window)
    if _drawn(before) == _drawn([d.transition for d in anew]):
        return False
    tx.transitions.correct(key, window, anew)
    tx.folds.save(folded.states, tx.folds.cursor())
    return True


def _drawn(transitions: Sequence[Transition]) -> list[tuple[str, int, str]]:
    return [(str(t.to), t.effective_at, t.cause) for t in transitions]


def _change(key: FoldKey, now: Second) -> Change:
    return Change(
        at=now, actor=MACHINE.id, kind="timeline.corrected", subject=str(key[0]), before={},
        after={"location": str(key[1])},
    )  # fmt: skip

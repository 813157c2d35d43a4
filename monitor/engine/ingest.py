"""Ingest: rows of the result log into fold states and decided transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.domain.catalogue import Check
from monitor.domain.interval import Second
from monitor.domain.observation import CheckId, LoggedResult, Outcome, Result
from monitor.domain.state import FoldState, Look, advance, forget_run, is_late
from monitor.engine.sight import Glimpse
from monitor.ports.journal import Decided
from monitor.ports.results import FoldKey

_DAY = 86_400

CheckOf = Callable[[CheckId, int], Check | None]
"""The check as a revision of the catalogue has it; None where that revision has no such check."""


@dataclass(slots=True)
class Folded:
    """What a batch did. `late` are UTC days that must be folded again."""

    states: dict[FoldKey, FoldState] = field(default_factory=dict)
    decided: list[Decided] = field(default_factory=list)
    late: set[tuple[FoldKey, Second]] = field(default_factory=set)
    sights: list[Glimpse] = field(default_factory=list)
    """Each row with its check, for whoever tells whether the monitor itself can see."""
    cursor: int = 0


def fold_batch(
    rows: Sequence[LoggedResult],
    states: Mapping[FoldKey, FoldState],
    check_of: CheckOf,
    now: Second,
) -> Folded:
    """Fold rows in the order of the log. Equal rows give equal decisions but for `decided_at`."""
    out = Folded()
    for row in rows:
        out.cursor = row.seq
        result = row.result
        check = check_of(result.check, result.revision)
        if check is None:
            continue
        out.sights.append((result, check))
        _fold_one(out, result, check, states, check_of, now)
    return out


def refold(rows: Iterable[LoggedResult], check_of: CheckOf, now: Second) -> Folded:
    """What one check's stored results decide, and where they leave it, read anew in order of
    slot."""
    out = Folded()
    for row in rows:
        check = check_of(row.result.check, row.result.revision)
        if check is not None:
            _fold_one(out, row.result, check, {}, check_of, now)
    return out


def _fold_one(
    out: Folded,
    result: Result,
    check: Check,
    states: Mapping[FoldKey, FoldState],
    check_of: CheckOf,
    now: Second,
) -> None:
    key = (result.check, result.location)
    state = out.states.get(key) or states.get(key) or FoldState()
    if is_late(state, result.slot):
        if result.slot != state.last_slot and result.outcome is not Outcome.UNKNOWN:
            out.late.add((key, Second(result.slot - result.slot % _DAY)))
        return
    state = _under_revision(state, check, result.revision, check_of)
    look = Look(slot=result.slot, outcome=result.outcome, failure=result.failure)
    out.states[key], changes = advance(state, look, check.policy)
    out.decided.extend(
        Decided(
            check=result.check,
            location=result.location,
            transition=change,
            decided_at=now,
            catalogue_revision=result.revision,
        )
        for change in changes
    )


def _under_revision(state: FoldState, check: Check, revision: int, check_of: CheckOf) -> FoldState:
    """A run survives a new configuration unless the check now looks at something else."""
    if state.revision == revision:
        return state
    before = check_of(check.id, state.revision)
    if before is not None and (before.kind, before.spec) != (check.kind, check.spec):
        state = forget_run(state)
    return replace(state, revision=revision)

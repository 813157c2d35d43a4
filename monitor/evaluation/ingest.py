"""Ingest: rows of the result log into fold states and decided transitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.domain.catalogue import Check
from monitor.domain.checks.fold import (
    FoldInput,
    FoldState,
    Transition,
    advance,
    after_clock_step,
    end_watching,
    is_late,
)
from monitor.domain.checks.observation import CheckId, LoggedResult, Outcome, Result
from monitor.domain.time.eras import FIRST_LINEAGE, Lineage, breaks_runs, is_stepped
from monitor.domain.time.interval import Second
from monitor.journal.ports import Decided
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.connectivity_state import CheckedResult

_DAY = 86_400

CheckOf = Callable[[CheckId, int], Check | None]
"""The check as a revision of the catalogue has it; None where that revision has no such check."""
BrokenOff = Callable[[CheckId, int, int], Second | None]
"""When a check of one revision ceased to probe the same thing, up to a later one."""


def never(_check: CheckId, _since: int, _until: int) -> Second | None:
    return None


@dataclass(slots=True)
class Folded:
    """What a batch did. `late` are UTC days that must be folded again."""

    states: dict[FoldKey, FoldState] = field(default_factory=dict)
    decided: list[Decided] = field(default_factory=list)
    late: set[tuple[FoldKey, Second]] = field(default_factory=set)
    checked_rows: list[CheckedResult] = field(default_factory=list)
    """Each row with its check, for whoever decides whether the monitor itself is online."""
    cursor: int = 0


def fold_batch(
    rows: Sequence[LoggedResult],
    states: Mapping[FoldKey, FoldState],
    check_of: CheckOf,
    now: Second,
    lineage: Lineage = FIRST_LINEAGE,
    broken_off: BrokenOff = never,
) -> Folded:
    """Fold rows in the order of the log, all of the era that the lineage ends with. Equal rows
    give equal decisions but for `decided_at`."""
    out = Folded()
    for row in rows:
        out.cursor = row.seq
        result = row.result
        check = None if row.is_absurd else check_of(result.check, result.revision)
        if check is None:
            continue
        out.checked_rows.append((result, check))
        _fold_one(out, result, check, states, broken_off, now, lineage)
    return out


def _fold_one(
    out: Folded,
    result: Result,
    check: Check,
    states: Mapping[FoldKey, FoldState],
    broken_off: BrokenOff,
    now: Second,
    lineage: Lineage,
) -> None:
    key = (result.check, result.location)
    state = out.states.get(key) or states.get(key) or FoldState()
    if is_late(state, result.slot):
        if result.slot != state.last_slot and result.outcome is not Outcome.UNKNOWN:
            out.late.add((key, Second(result.slot - result.slot % _DAY)))
        return
    if state.era != result.era:
        state = _in_era(state, result.era, lineage)
    fold_input = FoldInput(slot=result.slot, outcome=result.outcome, failure=result.failure)
    lost: tuple[Transition, ...] = ()
    if state.revision != result.revision:
        state, lost = _under_revision(state, fold_input, result, broken_off)
    out.states[key], changes = advance(state, fold_input, check.policy)
    out.decided.extend(
        Decided(
            check=result.check,
            location=result.location,
            transition=change,
            decided_at=now,
            catalogue_revision=result.revision,
        )
        for change in (*lost, *changes)
    )


def _under_revision(
    state: FoldState, fold_input: FoldInput, result: Result, broken_off: BrokenOff
) -> tuple[FoldState, tuple[Transition, ...]]:
    """A streak survives a new configuration unless the check was removed meanwhile, or probes
    something else now. A result that is `unknown` does not begin the new watching."""
    if fold_input.outcome is Outcome.UNKNOWN:
        return state, ()
    lost: tuple[Transition, ...] = ()
    broke_at = broken_off(result.check, state.revision, result.revision)
    if broke_at is not None:
        state, lost = end_watching(state, broke_at, fold_input)
    return replace(state, revision=result.revision), lost


def _in_era(state: FoldState, era: int, lineage: Lineage) -> FoldState:
    """A boot is no step: what lies before it may be inferred as any gap."""
    if state.last_slot is not None and is_stepped(lineage, state.era, era):
        is_broken = breaks_runs(lineage, state.era, era)
        return after_clock_step(state, era, breaks_runs=is_broken)
    return replace(state, era=era)

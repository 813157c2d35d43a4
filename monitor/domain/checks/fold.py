"""The fold: observations of one (check, location) into confirmed transitions.

`advance` is the only place where a check's outage is decided, live, replayed or computed from a
billing case; what that makes of a component is `monitor.domain.rollup`. It is pure: equal
observations give equal transitions, in one batch, one by one, or restarted between any two.
The conventions:

* An outage opens after `confirm_down` consecutive failures, backdated to the first of them.
* It closes at the first of `confirm_up` consecutive successes; a shorter run is downtime.
* `degraded` is a success here; slowness is confirmed apart, by `slow_confirm` of `slow_window`.
* Neighbours more than `max_gap` apart leave a gap, from the earlier's cover to the later: it is
  `unknown`, unless an outage stands and the later look fails as well (then `inferred`).
* `unknown` observations extend no run, break none, cover no time.
* Where the clock was set between two looks no run goes on over it, and what it skipped is
  `unknown`, in an outage as well: nobody slept through it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second


class Cause(StrEnum):
    """Causes of a transition that are no failure class."""

    FIRST_LOOK = "first_look"
    RECOVERED = "recovered"
    GAP = "gap"
    GAP_END = "gap_end"
    INFERRED = "inferred"
    UNWATCHED = "unwatched"


UNCLASSIFIED = "unclassified"
"""Stands where a failure class belongs and none was ever seen."""
_CAUSES = frozenset(map(str, Cause))


def failure_class(cause: str) -> str:
    """The failure class that a cause names; empty where it names none.

    >>> failure_class("conn_refused"), failure_class(str(Cause.GAP_END))
    ('conn_refused', '')
    """
    return "" if cause in _CAUSES else cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How many looks confirm what; seconds where not said otherwise.

    An outage is decided `interval * (confirm_down - 1)` after its first failure.
    """

    interval: int
    max_gap: int
    confirm_down: int = 3
    confirm_up: int = 1
    slow_confirm: int = 3
    slow_window: int = 5

    def __post_init__(self) -> None:
        if min(self.interval, self.confirm_down, self.confirm_up, self.slow_confirm) < 1:
            raise ValueError(f"every figure of a policy is at least 1: {self}")
        if self.max_gap < self.interval:
            raise ValueError(f"max_gap is shorter than the interval: {self}")
        if self.slow_window < self.slow_confirm:
            raise ValueError(f"slow_window is smaller than slow_confirm: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldInput:
    """What the fold reads of an observation: when, what, why."""

    slot: Second
    outcome: Outcome
    failure: FailureId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A confirmed change of one (check, location).

    `effective_at` is the first second of `to`; `previous_at` is the slot of the last contrary
    look (the other sampling bound), None where there was none. `decided_by` is the slot of the
    look that confirmed it. `cause` is a failure id or a `Cause`.
    """

    source: Outcome
    to: Outcome
    effective_at: Second
    previous_at: Second | None
    decided_by: Second
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldState:
    """Where one fold stands. JSON-able by `dataclasses.asdict`; `FoldState()` has seen nothing.

    `proven` says that a success was seen since the last gap: while it is False an `up` is no
    more than the absence of a confirmed failure, and a page shows it as no data.
    """

    status: Outcome = Outcome.UNKNOWN
    cause: str = ""
    since: Second | None = None
    last_slot: Second | None = None
    covered_until: Second | None = None
    last_success: Second | None = None
    last_failure: Second | None = None
    failures: int = 0
    first_failure: Second | None = None
    successes: int = 0
    first_success: Second | None = None
    slow: tuple[tuple[Second, bool], ...] = ()
    proven: bool = False
    revision: int = 0
    """The catalogue revision of the last look; kept for ingest, read by nothing here."""
    era: int = 0
    """The era of the prober's clock that the last look was of; kept for ingest too."""
    is_stepped: bool = False
    """The clock was set since the last look."""


def advance(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """The next state, and what the look decided.

    A look at or before the state's last slot, or one that is `unknown`, changes nothing.
    """
    if look.outcome is Outcome.UNKNOWN or is_late(state, look.slot):
        return state, ()
    if _is_quiet(state, look, policy):
        return _quiet(state, look, policy), ()
    state, opening = _bridge(state, look, policy)
    if state.is_stepped:
        state = replace(state, is_stepped=False)
    step = _after_failure if look.outcome is Outcome.DOWN else _after_success
    state, decided = step(state, look, policy)
    covered = replace(state, last_slot=look.slot, covered_until=Second(look.slot + policy.interval))
    return covered, opening + decided


def _is_quiet(state: FoldState, look: FoldInput, policy: Policy) -> bool:
    """Whether a success follows successes, as nearly all do: it decides nothing."""
    return (
        look.outcome is Outcome.UP
        and state.status is Outcome.UP
        and state.proven
        and state.failures == 0
        and not state.is_stepped
        and state.last_slot is not None
        and state.covered_until is not None
        and look.slot - state.last_slot <= policy.max_gap
        and not any(is_slow for _, is_slow in state.slow)
    )


def _quiet(state: FoldState, look: FoldInput, policy: Policy) -> FoldState:
    """What the long way gives there, in one step."""
    return FoldState(
        status=Outcome.UP,
        cause=state.cause,
        since=state.since,
        last_slot=look.slot,
        covered_until=Second(look.slot + policy.interval),
        last_success=look.slot,
        last_failure=state.last_failure,
        successes=state.successes,
        first_success=state.first_success,
        slow=(*state.slow, _pace(look.slot, is_slow=False))[-policy.slow_window :],
        proven=True,
        revision=state.revision,
        era=state.era,
    )


@lru_cache(maxsize=1024)
def _pace(slot: Second, *, is_slow: bool) -> tuple[Second, bool]:
    """One for all that were seen in that second: thousands of folds keep five each."""
    return (slot, is_slow)


def is_late(state: FoldState, slot: Second) -> bool:
    """Whether the timeline has already passed this slot: it must be folded again, not advanced."""
    return state.last_slot is not None and slot <= state.last_slot


def is_stale(state: FoldState, now: Second, grace: int, silent_s: float | None = None) -> bool:
    """Freshness: whether nothing has been seen for `grace` seconds past the last look's cover, by
    the wall clock or by one that nobody sets: `silent_s` have passed since the look was taken in,
    None where that was by a process before this one."""
    if state.covered_until is None or state.last_slot is None:
        return True
    if now >= state.covered_until + grace:
        return True
    if silent_s is None:
        # Still to come: the clock has been set back, and how old it is nobody knows.
        return state.last_slot > now + grace
    return silent_s >= state.covered_until - state.last_slot + grace


def final_until(state: FoldState) -> Second | None:
    """Before this second no look to come decides anything; None where nothing was seen yet.

    A gap begins at the last cover, and a run that is not confirmed yet at its first look.
    """
    if state.covered_until is None:
        return None
    settled = state.covered_until
    for first in (state.first_failure, state.first_success):
        if first is not None and first < settled:
            settled = first
    return min(settled, state.slow[0][0]) if state.slow else settled


def forget_run(state: FoldState) -> FoldState:
    """The state of a check whose kind or target changed: its runs start anew, its status stands."""
    return replace(state, failures=0, first_failure=None, successes=0, first_success=None, slow=())


def after_clock_step(state: FoldState, era: int, *, breaks_runs: bool) -> FoldState:
    """The state of a fold whose clock was set: its status stands, and so do its runs where the
    step was small."""
    return replace(forget_run(state) if breaks_runs else state, era=era, is_stepped=True)


def end_watching(
    state: FoldState, at: Second, look: FoldInput
) -> tuple[FoldState, tuple[Transition, ...]]:
    """The state of a check that was gone from `at` on, or has looked at something else since: what
    it saw fail is unknown from then on, and this look enters anew. The end of watching is never
    the end of an outage, nor is what nobody watched its middle. What was well stays so."""
    if state.status not in (Outcome.DOWN, Outcome.DEGRADED):
        return forget_run(state), ()
    start = at if state.since is None else max(at, state.since)
    lost = _change(state, Outcome.UNKNOWN, start, state.last_slot, look.slot, Cause.UNWATCHED)
    blind = replace(
        forget_run(state), status=Outcome.UNKNOWN, cause=str(Cause.UNWATCHED), since=start,
        covered_until=None, proven=False,
    )  # fmt: skip
    return blind, (lost,)


def _bridge(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """What happened between the last look and this one: nothing, a first look, or a gap."""
    if state.last_slot is None or state.covered_until is None:
        return _enter(state, look, _status_on_entry(state.status, look, policy), Cause.FIRST_LOOK)
    if look.slot - state.last_slot <= policy.max_gap:
        return state, ()
    start = min(state.covered_until, look.slot)
    still_down = state.status is Outcome.DOWN and look.outcome is Outcome.DOWN
    if still_down and not state.is_stepped:
        return _infer(state, look, start)
    lost = _change(state, Outcome.UNKNOWN, start, state.last_slot, look.slot, Cause.GAP)
    blind = replace(forget_run(state), status=Outcome.UNKNOWN, since=start, proven=False)
    status = Outcome.DOWN if still_down else _status_on_entry(state.status, look, policy)
    seeing, found = _enter(blind, look, status, Cause.GAP_END)
    return seeing, (lost, *found)


def _status_on_entry(before: Outcome, look: FoldInput, policy: Policy) -> Outcome:
    """The status after the unknown: what stood before it, until the looks confirm another."""
    if look.outcome is Outcome.DOWN:
        return Outcome.DOWN if policy.confirm_down == 1 else Outcome.UP
    if before is Outcome.DOWN and policy.confirm_up > 1:
        return Outcome.DOWN
    is_slow = look.outcome is Outcome.DEGRADED
    if is_slow and (before is Outcome.DEGRADED or policy.slow_confirm == 1):
        return Outcome.DEGRADED
    return Outcome.UP


def _enter(
    state: FoldState, look: FoldInput, status: Outcome, cause: Cause
) -> tuple[FoldState, tuple[Transition, ...]]:
    """Come out of the unknown at this look."""
    seen = look.failure or failure_class(state.cause)
    named = str(cause) if status is Outcome.UP else (seen or str(cause))
    came = _change(state, status, look.slot, state.last_slot, look.slot, named)
    return replace(state, status=status, cause=named, since=look.slot), (came,)


def _infer(
    state: FoldState, look: FoldInput, start: Second
) -> tuple[FoldState, tuple[Transition, ...]]:
    """An outage stood before the gap and after it: the gap is downtime, flagged as inferred."""
    cause = look.failure or state.cause
    flagged = _change(state, Outcome.DOWN, start, state.last_slot, look.slot, Cause.INFERRED)
    seen = _change(state, Outcome.DOWN, look.slot, state.last_slot, look.slot, cause)
    return replace(forget_run(state), cause=str(cause)), (flagged, seen)


def _after_failure(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    failure = look.failure or FailureId("")
    if state.status is Outcome.DOWN:
        quiet = replace(state, successes=0, first_success=None, slow=(), last_failure=look.slot)
        return quiet, ()
    first = look.slot if state.first_failure is None else state.first_failure
    run = replace(
        state,
        failures=state.failures + 1,
        first_failure=first,
        last_failure=look.slot,
    )
    if run.failures < policy.confirm_down:
        return run, ()
    # The class that is still seen names the outage: the first failure is often the half-open door.
    fell = _change(run, Outcome.DOWN, first, run.last_success, look.slot, failure)
    down = replace(forget_run(run), status=Outcome.DOWN, cause=failure, since=first)
    return down, (fell,)


def _after_success(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    mark = _pace(look.slot, is_slow=look.outcome is Outcome.DEGRADED)
    slow = (*state.slow, mark)[-policy.slow_window :]
    seen = replace(state, slow=slow, last_success=look.slot, proven=True)
    if seen.status is Outcome.DOWN:
        seen, decided = _recover(seen, look, policy)
    else:
        seen, decided = replace(seen, failures=0, first_failure=None), ()
    if seen.status is Outcome.DOWN:
        return seen, decided
    seen, pace = _judge_pace(seen, look, policy)
    return seen, decided + pace


def _recover(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    first = look.slot if state.first_success is None else state.first_success
    run = replace(state, successes=state.successes + 1, first_success=first)
    if run.successes < policy.confirm_up:
        return run, ()
    rose = _change(run, Outcome.UP, first, run.last_failure, look.slot, Cause.RECOVERED)
    up = replace(
        run, status=Outcome.UP, cause=str(Cause.RECOVERED), since=first,
        successes=0, first_success=None, failures=0, first_failure=None,
    )  # fmt: skip
    return up, (rose,)


def _judge_pace(
    state: FoldState, look: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """N slow looks of the last M open it at the first of them, N quick ones in a row end it."""
    slots = [slot for slot, is_slow in state.slow if is_slow]
    if state.status is Outcome.UP and len(slots) >= policy.slow_confirm:
        return _turn(state, Outcome.DEGRADED, slots[0], look, look.failure or "")
    quick = state.slow[-policy.slow_confirm :]
    if (
        state.status is Outcome.DEGRADED
        and len(quick) == policy.slow_confirm
        and not any(is_slow for _, is_slow in quick)
    ):
        return _turn(state, Outcome.UP, quick[0][0], look, Cause.RECOVERED)
    return state, ()


def _turn(
    state: FoldState, to: Outcome, at: Second, look: FoldInput, cause: str
) -> tuple[FoldState, tuple[Transition, ...]]:
    contrary = [s for s, is_slow in state.slow if s < at and is_slow is (to is Outcome.UP)]
    # A window begins after a recovery or a gap, so `at` is never before what was decided last.
    at = max(at, state.since) if state.since is not None else at
    turned = _change(state, to, at, contrary[-1] if contrary else None, look.slot, cause)
    return replace(state, status=to, cause=str(cause), since=at, slow=()), (turned,)


def _change(
    state: FoldState,
    to: Outcome,
    at: Second,
    previous: Second | None,
    by: Second,
    cause: str,
) -> Transition:
    return Transition(
        source=state.status, to=to, effective_at=at, previous_at=previous, decided_by=by,
        cause=str(cause),
    )  # fmt: skip

"""The fold: observations of one (check, location) into confirmed transitions.

`advance` is the only place where a check's outage is decided, live, replayed or computed from a
billing case; `monitor.domain.rollup` decides what that means for a component. It is pure: equal
observations give equal transitions, in one batch, one by one, or restarted between any two.
The conventions:

* An outage opens after `confirm_down` consecutive failures, backdated to the first of them.
* It closes at the first of `confirm_up` consecutive successes; a shorter streak is downtime.
* `degraded` is a success here; slowness is confirmed separately, by `slow_confirm` of
  `slow_window`.
* Neighbours more than `max_gap` apart leave a gap, from the end of the earlier one's coverage to
  the later one. It is `unknown`, unless an outage is open and the later result fails as well (then
  `inferred`).
* `unknown` observations extend no streak, break none, and cover no time.
* Where the clock was set between two results, what it skipped is `unknown`, in an outage as well:
  those seconds never passed. No streak goes on over a step of more than a minute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second


class Cause(StrEnum):
    """Causes of a transition that are no failure class."""

    FIRST_RESULT = "first_look"
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
    """How many results confirm what; seconds where not said otherwise.

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
    result (the other sampling bound), None where there was none. `decided_by` is the slot of the
    result that confirmed it. `cause` is a failure id or a `Cause`.
    """

    source: Outcome
    to: Outcome
    effective_at: Second
    previous_at: Second | None
    decided_by: Second
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldState:
    """The state of one fold. JSON-able by `dataclasses.asdict`; `FoldState()` has seen nothing.

    `is_confirmed` says that a success was seen since the last gap: while it is False an `up` is no
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
    is_confirmed: bool = False
    revision: int = 0
    """The catalogue revision of the last result; stored for ingest, read by nothing here."""
    era: int = 0
    """The era of the prober's clock that the last result is of; stored for ingest too."""
    is_stepped: bool = False
    """The clock was set since the last result."""


def advance(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """The next state, and what the result decided.

    A result at or before the state's last slot, or one that is `unknown`, changes nothing.
    """
    if result.outcome is Outcome.UNKNOWN or is_late(state, result.slot):
        return state, ()
    if _is_quiet(state, result, policy):
        return _quiet(state, result, policy), ()
    state, opening = _bridge(state, result, policy)
    if state.is_stepped:
        state = replace(state, is_stepped=False)
    step = _after_failure if result.outcome is Outcome.DOWN else _after_success
    state, decided = step(state, result, policy)
    covered = replace(
        state, last_slot=result.slot, covered_until=Second(result.slot + policy.interval)
    )
    return covered, opening + decided


_IS_SLOW = itemgetter(1)


def _is_quiet(state: FoldState, result: FoldInput, policy: Policy) -> bool:
    """Whether a success follows successes, as nearly all do: it decides nothing."""
    return (
        result.outcome is Outcome.UP
        and state.status is Outcome.UP
        and state.is_confirmed
        and state.failures == 0
        and not state.is_stepped
        and state.last_slot is not None
        and state.covered_until is not None
        and result.slot - state.last_slot <= policy.max_gap
        and not any(map(_IS_SLOW, state.slow))
    )


def _quiet(state: FoldState, result: FoldInput, policy: Policy) -> FoldState:
    """What the steps of `advance` give there, at once."""
    return FoldState(
        status=Outcome.UP,
        cause=state.cause,
        since=state.since,
        last_slot=result.slot,
        covered_until=Second(result.slot + policy.interval),
        last_success=result.slot,
        last_failure=state.last_failure,
        successes=state.successes,
        first_success=state.first_success,
        slow=(*state.slow, _pace(result.slot, is_slow=False))[-policy.slow_window :],
        is_confirmed=True,
        revision=state.revision,
        era=state.era,
    )


@lru_cache(maxsize=1024)
def _pace(slot: Second, *, is_slow: bool) -> tuple[Second, bool]:
    """One shared by all results of that second: thousands of folds hold five each."""
    return (slot, is_slow)


def is_late(state: FoldState, slot: Second) -> bool:
    """Whether the timeline has already passed this slot: it must be folded again, not advanced."""
    return state.last_slot is not None and slot <= state.last_slot


def is_stale(state: FoldState, now: Second, grace: int, silent_s: float | None = None) -> bool:
    """Freshness: whether nothing has been seen for `grace` seconds past the last result's coverage,
    by the wall clock or by a clock that nobody sets. By the latter, `silent_s` seconds have passed
    since the result was folded; None where an earlier process folded it."""
    if state.covered_until is None or state.last_slot is None:
        return True
    if now >= state.covered_until + grace:
        return True
    if silent_s is None:
        # Still to come: the clock has been set back, and nobody knows how old the result is.
        return state.last_slot > now + grace
    return silent_s >= state.covered_until - state.last_slot + grace


def final_until(state: FoldState) -> Second | None:
    """Before this second no future result decides anything; None where nothing was seen yet.

    A gap begins at the end of the last coverage, and an unconfirmed streak at its first result.
    """
    if state.covered_until is None:
        return None
    until = state.covered_until
    for first in (state.first_failure, state.first_success):
        if first is not None and first < until:
            until = first
    return min(until, state.slow[0][0]) if state.slow else until


def forget_streaks(state: FoldState) -> FoldState:
    """The state of a check whose kind or target changed: its streaks begin anew, its status
    stays."""
    return replace(state, failures=0, first_failure=None, successes=0, first_success=None, slow=())


def after_clock_step(state: FoldState, era: int, *, breaks_runs: bool) -> FoldState:
    """The state of a fold whose clock was set: its status stays, and so do its streaks where the
    step was small."""
    return replace(forget_streaks(state) if breaks_runs else state, era=era, is_stepped=True)


def end_watching(
    state: FoldState, at: Second, result: FoldInput
) -> tuple[FoldState, tuple[Transition, ...]]:
    """The state of a check that was removed at `at`, or that probes something else since: what it
    saw fail is unknown from then on, and this result begins anew. The end of watching is never the
    end of an outage, and time that nobody watched is never its middle. What was up stays up."""
    if state.status not in (Outcome.DOWN, Outcome.DEGRADED):
        return forget_streaks(state), ()
    start = at if state.since is None else max(at, state.since)
    lost = _change(state, Outcome.UNKNOWN, start, state.last_slot, result.slot, Cause.UNWATCHED)
    unwatched = replace(
        forget_streaks(state), status=Outcome.UNKNOWN, cause=str(Cause.UNWATCHED), since=start,
        covered_until=None, is_confirmed=False,
    )  # fmt: skip
    return unwatched, (lost,)


def _bridge(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """What happened between the last result and this one: nothing, a first result, or a gap."""
    if state.last_slot is None or state.covered_until is None:
        return _enter(
            state, result, _status_on_entry(state.status, result, policy), Cause.FIRST_RESULT
        )
    # However short: within an outage it would be charged for.
    skips_downtime = (
        state.is_stepped and state.status is Outcome.DOWN and result.slot > state.covered_until
    )
    if result.slot - state.last_slot <= policy.max_gap and not skips_downtime:
        return state, ()
    start = min(state.covered_until, result.slot)
    still_down = state.status is Outcome.DOWN and result.outcome is Outcome.DOWN
    if still_down and not state.is_stepped:
        return _infer(state, result, start)
    lost = _change(state, Outcome.UNKNOWN, start, state.last_slot, result.slot, Cause.GAP)
    unknown = replace(
        forget_streaks(state), status=Outcome.UNKNOWN, since=start, is_confirmed=False
    )
    status = Outcome.DOWN if still_down else _status_on_entry(state.status, result, policy)
    entered, entry = _enter(unknown, result, status, Cause.GAP_END)
    return entered, (lost, *entry)


def _status_on_entry(before: Outcome, result: FoldInput, policy: Policy) -> Outcome:
    """The status after an unknown span: the one before it, until results confirm another."""
    if result.outcome is Outcome.DOWN:
        return Outcome.DOWN if policy.confirm_down == 1 else Outcome.UP
    if before is Outcome.DOWN and policy.confirm_up > 1:
        return Outcome.DOWN
    is_slow = result.outcome is Outcome.DEGRADED
    if is_slow and (before is Outcome.DEGRADED or policy.slow_confirm == 1):
        return Outcome.DEGRADED
    return Outcome.UP


def _enter(
    state: FoldState, result: FoldInput, status: Outcome, cause: Cause
) -> tuple[FoldState, tuple[Transition, ...]]:
    """Leave the unknown status at this result."""
    seen = result.failure or failure_class(state.cause)
    named = str(cause) if status is Outcome.UP else (seen or str(cause))
    entry = _change(state, status, result.slot, state.last_slot, result.slot, named)
    return replace(state, status=status, cause=named, since=result.slot), (entry,)


def _infer(
    state: FoldState, result: FoldInput, start: Second
) -> tuple[FoldState, tuple[Transition, ...]]:
    """The check was down before the gap and after it: the gap is downtime, flagged as inferred."""
    cause = result.failure or state.cause
    flagged = _change(state, Outcome.DOWN, start, state.last_slot, result.slot, Cause.INFERRED)
    seen = _change(state, Outcome.DOWN, result.slot, state.last_slot, result.slot, cause)
    return replace(forget_streaks(state), cause=str(cause)), (flagged, seen)


def _after_failure(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    failure = result.failure or FailureId("")
    if state.status is Outcome.DOWN:
        quiet = replace(state, successes=0, first_success=None, slow=(), last_failure=result.slot)
        return quiet, ()
    first = result.slot if state.first_failure is None else state.first_failure
    streak = replace(
        state,
        failures=state.failures + 1,
        first_failure=first,
        last_failure=result.slot,
    )
    if streak.failures < policy.confirm_down:
        return streak, ()
    # The class of the confirming failure names the outage: the first often sees a target half down.
    fell = _change(streak, Outcome.DOWN, first, streak.last_success, result.slot, failure)
    down = replace(forget_streaks(streak), status=Outcome.DOWN, cause=failure, since=first)
    return down, (fell,)


def _after_success(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    mark = _pace(result.slot, is_slow=result.outcome is Outcome.DEGRADED)
    slow = (*state.slow, mark)[-policy.slow_window :]
    seen = replace(state, slow=slow, last_success=result.slot, is_confirmed=True)
    if seen.status is Outcome.DOWN:
        seen, decided = _recover(seen, result, policy)
    else:
        seen, decided = replace(seen, failures=0, first_failure=None), ()
    if seen.status is Outcome.DOWN:
        return seen, decided
    seen, pace = _judge_pace(seen, result, policy)
    return seen, decided + pace


def _recover(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    first = result.slot if state.first_success is None else state.first_success
    streak = replace(state, successes=state.successes + 1, first_success=first)
    if streak.successes < policy.confirm_up:
        return streak, ()
    rose = _change(streak, Outcome.UP, first, streak.last_failure, result.slot, Cause.RECOVERED)
    up = replace(
        streak, status=Outcome.UP, cause=str(Cause.RECOVERED), since=first,
        successes=0, first_success=None, failures=0, first_failure=None,
    )  # fmt: skip
    return up, (rose,)


def _judge_pace(
    state: FoldState, result: FoldInput, policy: Policy
) -> tuple[FoldState, tuple[Transition, ...]]:
    """N slow results of the last M open it at the first of them, N quick ones in a row end it."""
    slots = [slot for slot, is_slow in state.slow if is_slow]
    if state.status is Outcome.UP and len(slots) >= policy.slow_confirm:
        return _turn(state, Outcome.DEGRADED, slots[0], result, result.failure or "")
    quick = state.slow[-policy.slow_confirm :]
    if (
        state.status is Outcome.DEGRADED
        and len(quick) == policy.slow_confirm
        and not any(is_slow for _, is_slow in quick)
    ):
        return _turn(state, Outcome.UP, quick[0][0], result, Cause.RECOVERED)
    return state, ()


def _turn(
    state: FoldState, to: Outcome, at: Second, result: FoldInput, cause: str
) -> tuple[FoldState, tuple[Transition, ...]]:
    contrary = [s for s, is_slow in state.slow if s < at and is_slow is (to is Outcome.UP)]
    # A window begins after a recovery or a gap, so `at` is never before what was decided last.
    at = max(at, state.since) if state.since is not None else at
    turned = _change(state, to, at, contrary[-1] if contrary else None, result.slot, cause)
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

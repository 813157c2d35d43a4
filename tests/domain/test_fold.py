"""The fold's conventions, each as one story."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks import fold as state_module
from monitor.domain.checks.fold import (
    FoldInput,
    FoldState,
    Policy,
    advance,
    after_clock_step,
    is_late,
    is_stale,
)
from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Second
from monitor.domain.timeline import timeline_of
from tests.domain.looks import POLICY, drawn, fold, looks


def test_it_backdates_an_outage_to_the_first_failure() -> None:
    _, decided = fold(looks("++---"))
    assert drawn(decided) == [("up", 0), ("down", 120)]
    assert decided[-1].decided_by == 240
    assert decided[-1].previous_at == 60


def test_it_ends_an_outage_at_the_first_success_of_the_confirming_run() -> None:
    _, decided = fold(looks("+---+-++"), replace(POLICY, confirm_up=2))
    assert drawn(decided) == [("up", 0), ("down", 60), ("up", 360)]


def test_it_calls_a_shorter_run_of_failures_a_blip() -> None:
    _, decided = fold(looks("+--+--+"))
    assert drawn(decided) == [("up", 0)]


def test_it_names_an_outage_by_the_failure_that_confirmed_it() -> None:
    _, decided = fold(looks("+---"))
    assert decided[-1].cause == "conn_refused"


def test_a_gap_between_successes_is_unknown() -> None:
    _, decided = fold(looks("++    ++"))
    assert drawn(decided) == [("up", 0), ("unknown", 120), ("up", 360)]


def test_a_gap_inside_a_standing_outage_is_inferred_downtime() -> None:
    _, decided = fold(looks("+---    --+"))
    timeline = timeline_of(decided, Second(660))
    down = [(s.start, s.end, s.is_inferred) for s in timeline if s.status is Outcome.DOWN]
    assert down == [(60, 240, False), (240, 480, True), (480, 600, False)]


def test_a_gap_before_a_recovery_is_unknown() -> None:
    _, decided = fold(looks("+---    +"))
    assert drawn(decided) == [("up", 0), ("down", 60), ("unknown", 240), ("up", 480)]


def test_a_gap_breaks_a_failure_run_that_was_not_confirmed() -> None:
    _, decided = fold(looks("+--    --+"))
    assert "down" not in [t.to.value for t in decided]


def test_a_gap_breaks_a_success_run_that_was_not_confirmed() -> None:
    policy = replace(POLICY, confirm_up=2)
    _, decided = fold(looks("+---+    +-"), policy)
    assert drawn(decided)[-1] == ("down", 540)


def test_unknown_looks_extend_no_run_break_none_and_cover_no_time() -> None:
    plain, expected = fold(looks("+--- "))
    state, decided = fold(looks("+-?--", every=30), replace(POLICY, interval=30, max_gap=60))
    assert drawn(decided) == [("up", 0), ("down", 30)]
    assert state.last_slot == 120
    assert len(expected) == len(decided)
    assert plain.status is state.status
    _, blind = fold(looks("+????+"))
    assert drawn(blind) == [("up", 0), ("unknown", 60), ("up", 300)]


def test_slowness_is_confirmed_apart_and_backdated_to_the_first_slow_look() -> None:
    _, decided = fold(looks("+~+~~+++"))
    assert drawn(decided) == [("up", 0), ("degraded", 60), ("up", 300)]


def test_a_slow_look_is_a_success_where_an_outage_is_asked() -> None:
    _, decided = fold(looks("+---~"))
    assert drawn(decided) == [("up", 0), ("down", 60), ("up", 240)]


def test_an_outage_out_of_slowness_is_down_from_its_first_failure() -> None:
    _, decided = fold(looks("~~~---+"))
    assert drawn(decided) == [("up", 0), ("degraded", 0), ("down", 180), ("up", 360)]


def test_slowness_does_not_flap_where_its_window_is_long() -> None:
    policy = replace(POLICY, slow_confirm=2, slow_window=10)
    _, decided = fold(looks("~~~~~~++++++"), policy)
    assert [t.to.value for t in decided] == ["up", "degraded", "up"]


def test_one_failure_is_enough_where_the_policy_says_so() -> None:
    _, decided = fold(looks("-+"), replace(POLICY, confirm_down=1))
    assert drawn(decided) == [("down", 0), ("up", 60)]


def test_a_check_that_never_worked_proves_nothing_until_it_is_confirmed() -> None:
    state, _ = fold(looks("--"))
    assert not state.is_confirmed
    assert fold(looks("--+"))[0].is_confirmed


def test_a_look_at_or_before_the_last_slot_changes_nothing() -> None:
    state, _ = fold(looks("+---"))
    late = FoldInput(slot=Second(60), outcome=Outcome.UP)
    assert is_late(state, late.slot)
    assert advance(state, late, POLICY) == (state, ())


def test_silence_is_stale_though_the_clock_was_set_back() -> None:
    state = FoldState(status=Outcome.UP, last_slot=Second(10_000), covered_until=Second(10_060))
    back = Second(6_400)
    assert not is_stale(state, back, 60, silent_s=119.0)
    assert is_stale(state, back, 60, silent_s=120.0)
    assert is_stale(state, Second(10_120), 60, silent_s=1.0)


def test_a_look_that_is_still_to_come_is_of_no_known_age() -> None:
    state = FoldState(status=Outcome.UP, last_slot=Second(10_000), covered_until=Second(10_060))
    assert not is_stale(state, Second(9_940), 60)
    assert is_stale(state, Second(9_939), 60)


def test_silence_is_stale_only_past_its_grace() -> None:
    state, _ = fold(looks("+"))
    assert not is_stale(state, Second(119), 60)
    assert is_stale(state, Second(120), 60)
    assert is_stale(FoldState(), Second(0), 60)


@pytest.mark.parametrize(
    "wrong", [{"interval": 0}, {"max_gap": 30}, {"slow_window": 2}, {"confirm_up": 0}]
)
def test_a_policy_that_cannot_hold_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"policy|interval|slow_window"):
        replace(POLICY, **wrong)


STORIES = st.text(alphabet="++--~? ", max_size=60)
POLICIES = st.builds(
    lambda down, up, slow, more: Policy(
        interval=60, max_gap=120, confirm_down=down, confirm_up=up, slow_confirm=slow,
        slow_window=slow + more,
    ),
    st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3),
)  # fmt: skip


@given(STORIES, POLICIES, st.integers(0, 60))
def test_restarted_anywhere_the_fold_decides_the_same(story: str, policy: Policy, cut: int) -> None:
    seen = looks(story)
    whole_state, whole = fold(seen, policy)
    half, first = fold(seen[:cut], policy)
    revived = FoldState(**{**asdict(half), "slow": tuple(map(tuple, half.slow))})
    state, second = fold(seen[cut:], policy, revived)
    assert first + second == whole
    assert state == whole_state


@given(STORIES, POLICIES)
def test_the_short_way_of_a_quiet_look_leads_where_the_long_one_does(
    story: str, policy: Policy
) -> None:
    short = fold(looks(story), policy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state_module, "_is_quiet", lambda *_: False)
        assert fold(looks(story), policy) == short


@given(STORIES, POLICIES)
def test_a_look_that_comes_twice_changes_nothing(story: str, policy: Policy) -> None:
    seen = looks(story)
    twice = [look for look in seen for _ in range(2)]
    assert fold(twice, policy) == fold(seen, policy)


@given(STORIES, POLICIES)
def test_each_transition_leaves_the_status_that_the_one_before_it_left(
    story: str, policy: Policy
) -> None:
    state, decided = fold(looks(story), policy)
    status = Outcome.UNKNOWN
    for transition in decided:
        assert transition.source is status
        status = transition.to
    assert state.status is status


@given(STORIES, POLICIES)
def test_a_timeline_never_overlaps_and_ends_with_the_last_cover(story: str, policy: Policy) -> None:
    state, decided = fold(looks(story), policy)
    timeline = timeline_of(decided, state.covered_until)
    for before, after in itertools.pairwise(timeline):
        assert before.end <= after.start
    if timeline:
        assert timeline[-1].end == state.covered_until


@given(STORIES, POLICIES)
def test_downtime_needs_a_confirmed_run_of_failures(story: str, policy: Policy) -> None:
    _, decided = fold(looks(story.replace("-", "+")), policy)
    assert all(t.to is not Outcome.DOWN for t in decided)


@pytest.mark.parametrize(
    ("last", "back"),
    [("+", [("unknown", 300), ("up", 360)]), ("-", [("unknown", 300), ("down", 360)])],
)
def test_what_a_clock_skipped_within_an_outage_is_unknown_however_short(
    last: str, back: list[tuple[str, int]]
) -> None:
    state, decided = fold(looks("+----"))
    stepped = after_clock_step(state, 1, breaks_runs=False)
    # A run is missing, which `max_gap` forgives where the clock goes on.
    state, after = fold(looks(last, start=360), state=stepped)
    assert drawn([*decided, *after]) == [("up", 0), ("down", 60), *back]
    assert drawn(fold(looks("+----") + looks(last, start=360))[1])[2:] == (
        [("up", 360)] if last == "+" else []
    )


def test_a_streak_that_has_not_opened_an_outage_goes_on_over_a_small_step() -> None:
    state, _ = fold(looks("++--"))
    stepped = after_clock_step(state, 1, breaks_runs=False)
    _, after = fold(looks("-", start=300), state=stepped)
    assert drawn(after) == [("down", 120)]

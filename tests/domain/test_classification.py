"""What is in force of a classification, and who may decide about it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.availability import Member, availability
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionRecord,
    ExclusionReference,
    ExclusionRevision,
    ExclusionStatus,
    RevisionState,
    in_force_during,
    records_of,
)
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Segment

WEB = ComponentId("web")
ALWAYS = Interval(Second(0), Second(10_000))


def proposal(revision: int = 1, by: str = "ana", end: int = 200) -> ExclusionRevision:
    return ExclusionRevision(
        reference=ExclusionReference("x1"), revision=revision, component=WEB,
        interval=Interval(Second(100), Second(end)), cause="customer",
        evidence=Evidence(text="t"), proposed_by=by, at=Second(300 + revision),
    )  # fmt: skip


def decided(proposed: ExclusionRevision, state: RevisionState) -> ExclusionRevision:
    return proposed.decided(state, by="luz", reason="r", at=Second(900))


def test_a_decision_repeats_what_it_is_about() -> None:
    first = proposal()
    approval = decided(first, RevisionState.APPROVED)
    assert approval.revision == 2
    assert approval.proposed_by == "ana"
    assert approval.exclusion == first.exclusion


def test_a_newer_proposal_changes_nothing_until_it_is_approved() -> None:
    approval = decided(proposal(), RevisionState.APPROVED)
    wider = proposal(3, end=500)
    waiting = ExclusionRecord((proposal(), approval, wider))
    assert (waiting.in_force, waiting.pending) == (approval, wider)
    assert waiting.status is ExclusionStatus.PROPOSED
    refused = ExclusionRecord((*waiting.revisions, decided(wider, RevisionState.REFUSED)))
    assert (refused.in_force, refused.pending) == (approval, None)
    assert refused.status is ExclusionStatus.APPROVED


def test_a_withdrawal_that_was_approved_leaves_nothing_in_force() -> None:
    approval = decided(proposal(), RevisionState.APPROVED)
    asked = replace(proposal(3), is_withdrawal=True)
    assert ExclusionRecord((proposal(), approval, asked)).in_force == approval
    gone = ExclusionRecord((proposal(), approval, asked, decided(asked, RevisionState.APPROVED)))
    assert gone.in_force is None
    assert gone.status is ExclusionStatus.WITHDRAWN


def test_what_was_only_refused_never_was_in_force() -> None:
    record = ExclusionRecord((proposal(), decided(proposal(), RevisionState.REFUSED)))
    assert (record.in_force, record.status) == (None, ExclusionStatus.REFUSED)


def test_nobody_decides_who_proposed_any_revision() -> None:
    record = ExclusionRecord((proposal(by="ana"), proposal(2, by="eva")))
    assert [record.may_decide(name) for name in ("ana", "eva", "luz")] == [False, False, True]


def test_revisions_are_sorted_into_their_records() -> None:
    other = replace(proposal(), reference=ExclusionReference("x2"))
    found = records_of([proposal(2), other, proposal()])
    assert [[r.revision for r in record.revisions] for record in found] == [[1, 2], [1]]


STEPS = st.lists(st.sampled_from(["propose", "withdraw", "approve", "refuse"]), min_size=1)


@settings(deadline=None)
@given(steps=STEPS, ends=st.lists(st.integers(101, 400), min_size=40, max_size=40))
def test_what_is_in_force_is_what_was_last_agreed(steps: list[str], ends: list[int]) -> None:
    """Against a model that keeps one variable: what two people agreed on last."""
    taken: list[ExclusionRevision] = []
    agreed: Interval | None = None
    asked: tuple[Interval | None] | None = None
    for step, end in zip(["propose", *steps], ends, strict=False):
        number = len(taken) + 1
        if step in ("propose", "withdraw"):
            taken.append(replace(proposal(number, end=end), is_withdrawal=step == "withdraw"))
            asked = (taken[-1].interval if step == "propose" else None,)
        elif asked is not None:
            state = RevisionState.APPROVED if step == "approve" else RevisionState.REFUSED
            taken.append(decided(taken[-1], state))
            agreed, asked = (asked[0] if step == "approve" else agreed), None
        record = ExclusionRecord(tuple(taken))
        assert (record.in_force.interval if record.in_force else None) == agreed
        assert (record.pending is None) == (asked is None)
        assert [one.interval for one in in_force_during([record], ALWAYS)] == (
            [] if agreed is None else [agreed]
        )


CUTS = st.lists(st.integers(0, 1000), min_size=2, max_size=12, unique=True).map(sorted)


@settings(deadline=None)
@given(cuts=CUTS, states=st.lists(st.sampled_from(Outcome), min_size=12, max_size=12),
       span=st.tuples(st.integers(0, 1000), st.integers(1, 500)))  # fmt: skip
def test_an_approved_exclusion_never_adds_downtime(
    cuts: list[int], states: list[Outcome], span: tuple[int, int]
) -> None:
    timeline = tuple(
        Segment(start=Second(a), end=Second(b), status=status)
        for (a, b), status in zip(pairwise(cuts), states, strict=False)
    )
    taken_out = replace(
        proposal(), interval=Interval(Second(span[0]), Second(span[0] + span[1]))
    ).exclusion
    whole = IntervalSet.of([Interval(Second(0), Second(1500))])
    members = [Member(component=WEB, timeline=timeline)]
    before = availability(members, [], whole)
    after = availability(members, [taken_out], whole)
    assert after.down <= before.down
    assert after.total == before.total


def test_in_a_redundant_set_an_exclusion_of_what_was_slow_can_add_downtime() -> None:
    """The members that are excluded are taken out, and the rest decides: one that is slow carried
    the set. Whoever decides is shown the effect first."""
    night = Interval(Second(100), Second(200))
    members = [
        Member(component=ComponentId(name), group="g",
               timeline=(Segment(start=night.start, end=night.end, status=status),))
        for name, status in (("web", Outcome.DEGRADED), ("web-2", Outcome.DOWN))
    ]  # fmt: skip
    whole = IntervalSet.of([night])
    assert availability(members, [], whole).down == 0
    assert availability(members, [proposal().exclusion], whole).down == 100

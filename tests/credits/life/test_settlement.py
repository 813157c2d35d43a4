"""What was applied, what is pending and what waits come to the fresh figure, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.life.credit import Assumed, CreditRecord, LineDue, advance, begin, decide
from credits.life.settlement import Figure, Settlement, settle
from credits.life.states import MAYBE_APPLIED, REPLACEABLE, CreditState
from monitor.domain.refusals import Refused
from tests.credits.life.builders import by, credit, due, standing, walked

S = CreditState
_TO_APPLIED = [S.ELIGIBLE, S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLIED]


def figure(amount: str, *, line: str = "L1") -> Figure:
    return Figure(lines=(due(amount, line=line),))


def unsure(best: str, worst: str) -> Figure:
    return Figure(lines=(due(best, worst=worst),), is_undecided=True)


def amounts(lines: tuple[LineDue, ...]) -> list[str]:
    return [f"{line.amount.amount:f}" for line in lines]


def test_a_first_figure_begins_a_credit() -> None:
    found = settle(figure("6.86"), [])
    assert (found.begins, amounts(found.lines), found.superseded) == (S.ELIGIBLE, ["6.86"], ())


def test_nothing_due_begins_nothing() -> None:
    assert settle(Figure(), []) == settle(figure("0.00"), [])
    assert settle(Figure(), []).begins is None


_UNDECIDED = {S.NEEDS_REVIEW, S.PENDING_HUMAN_APPROVAL, S.CLOSED_NO_BREACH}


@pytest.mark.parametrize("state", sorted(set(S) - _UNDECIDED - {S.SUPERSEDED}))
def test_an_equal_figure_changes_nothing(state: CreditState) -> None:
    found = settle(figure("6.86"), [standing(state, due("6.86"))])
    assert (found.superseded, found.begins) == ((), None)


@pytest.mark.parametrize("state", sorted(REPLACEABLE - {S.PENDING_HUMAN_APPROVAL}))
def test_what_is_not_applied_gives_way_to_the_whole_fresh_figure(state: CreditState) -> None:
    record = standing(state, due("6.86"))
    found = settle(figure("4.57"), [record])
    assert found.superseded == (record,)
    assert (found.begins, amounts(found.lines)) == (S.ELIGIBLE, ["4.57"])
    assert settle(Figure(), [record]).superseded == (record,)


@pytest.mark.parametrize("state", sorted(MAYBE_APPLIED | {S.APPLIED}))
def test_of_what_is_or_may_be_applied_the_difference_is_due(state: CreditState) -> None:
    record = standing(state, due("6.86"))
    more, less = settle(figure("8.57"), [record]), settle(figure("4.57"), [record])
    assert (more.begins, amounts(more.lines)) == (S.ELIGIBLE, ["1.71"])
    assert (less.begins, amounts(less.lines)) == (S.PENDING_HUMAN_APPROVAL, ["-2.29"])
    assert more.superseded == less.superseded == ()


@pytest.mark.parametrize("state", [S.REJECTED, S.EXPIRED, S.LAPSED])
def test_a_refusal_stays_one(state: CreditState) -> None:
    record = standing(state, due("6.86"))
    assert settle(figure("4.57"), [record]).begins is None
    assert amounts(settle(figure("8.57"), [record]).lines) == ["1.71"]


def test_a_person_who_takes_nothing_back_is_not_asked_again() -> None:
    applied = standing(S.APPLIED, due("6.86"))
    waiting = begin(credit(due("-2.29"), ordinal=1), S.PENDING_HUMAN_APPROVAL, by())
    left = waiting.with_step(advance(waiting, S.REJECTED, by("luz"), reason="x", clause="3a"))
    assert settle(figure("4.57"), [applied, left]).begins is None
    assert amounts(settle(figure("1.71"), [applied, left]).lines) == ["-2.86"]


def test_a_waiting_adjustment_gives_way_when_the_figure_comes_back() -> None:
    applied = standing(S.APPLIED, due("6.86"))
    waiting = begin(credit(due("-2.29"), ordinal=1), S.PENDING_HUMAN_APPROVAL, by())
    assert settle(figure("4.57"), [applied, waiting]).superseded == ()
    found = settle(figure("6.86"), [applied, waiting])
    assert (found.superseded, found.begins) == ((waiting,), None)


def test_of_two_lines_each_has_its_own_difference() -> None:
    record = standing(S.APPLIED, due("5.00"), due("3.00", line="L2"))
    fresh = Figure(lines=(due("6.00"), due("2.00", line="L2")))
    found = settle(fresh, [record])
    assert (found.begins, amounts(found.lines)) == (S.PENDING_HUMAN_APPROVAL, ["1.00", "-1.00"])


def test_unknown_time_that_decides_waits_for_people_and_a_decision_holds() -> None:
    found = settle(unsure("0.00", "5.10"), [])
    assert (found.begins, found.lines[0].if_down) == (S.NEEDS_REVIEW, due("5.10").amount)
    record = begin(credit(*found.lines), S.NEEDS_REVIEW, by())
    for assumed in Assumed:
        decided = record.with_step(decide(record, assumed, by(), reason="x"))
        again = settle(unsure("0.00", "5.10"), [decided])
        assert (again.superseded, again.begins) == ((), None)
        assert settle(unsure("0.00", "5.20"), [decided]).begins is S.NEEDS_REVIEW


def test_what_was_decided_gives_way_once_nothing_is_unknown() -> None:
    record = begin(credit(due("0.00", worst="5.10")), S.NEEDS_REVIEW, by())
    decided = record.with_step(decide(record, Assumed.DOWN, by(), reason="x"))
    found = settle(figure("5.10"), [decided])
    assert (found.superseded, found.begins) == ((decided,), S.ELIGIBLE)


def test_a_breach_without_an_invoice_waits_until_there_is_one() -> None:
    found = settle(Figure(is_undecided=True), [])
    assert found.begins is S.NEEDS_REVIEW
    record = begin(replace(credit(), lines=()), S.NEEDS_REVIEW, by())
    assert settle(Figure(is_undecided=True), [record]).begins is None
    assert settle(figure("6.86"), [record]).superseded == (record,)


@pytest.mark.parametrize(
    "records", [[], [begin(replace(credit(), lines=()), S.NEEDS_REVIEW, by())]]
)
def test_nobody_decides_about_unknown_time_that_comes_to_nothing_either_way(
    records: list[CreditRecord],
) -> None:
    """A month that was given for free, or a cap that is reached already."""
    found = settle(unsure("0.00", "0.00"), records)
    assert (found.begins, list(found.superseded)) == (None, records)


def lived(record: CreditRecord, way: list[CreditState]) -> CreditRecord:
    for after in way:
        if record.state is S.PENDING_HUMAN_APPROVAL and after is not S.APPROVED:
            continue
        if after is S.REQUESTED and record.state is not S.ELIGIBLE:
            continue
        if after is S.UNDER_REVIEW and record.state is not S.REQUESTED:
            continue
        record = record.with_step(advance(record, after, by(), ticket="T"))
    return record


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5)), min_size=1, max_size=8))
def test_after_any_sequence_the_sum_is_the_fresh_figure(closes: list[tuple[int, int]]) -> None:
    """Each close brings a figure, and whatever is open then goes some steps on."""
    records: list[CreditRecord] = []
    for fresh, steps in closes:
        found = settle(Figure(lines=(due(str(Decimal(fresh).scaleb(-2))),)), records)
        given_way = {record.id for record in found.superseded}
        records = [
            r.with_step(advance(r, S.SUPERSEDED, by())) if r.id in given_way else r for r in records
        ]
        if found.begins is not None:
            made = credit(*found.lines, ordinal=len(records))
            records.append(begin(made, found.begins, by()))
        standing_sum = sum(
            (m.amount for r in records if r.state is not S.SUPERSEDED for _, m in r.amounts),
            Decimal(0),
        )
        assert standing_sum == Decimal(fresh).scaleb(-2)
        assert sum(record.state in REPLACEABLE for record in records) <= 1
        records = [
            lived(r, _TO_APPLIED[1:][:steps]) if r.state in (S.ELIGIBLE, S.PENDING_HUMAN_APPROVAL)
            else r
            for r in records
        ]  # fmt: skip


def test_the_fresh_figure_is_paid_once_whatever_was_applied_before() -> None:
    applied = walked(_TO_APPLIED, due("6.86"))
    again = settle(figure("8.57"), [applied])
    more = begin(credit(*again.lines, ordinal=1), S.ELIGIBLE, by())
    assert settle(figure("8.57"), [applied, more]).begins is None
    assert settle(figure("8.57"), [more, applied]).begins is None


@pytest.mark.parametrize("way", [[S.APPROVED], [S.APPROVED, S.BLOCKED_SUSPENDED]])
@pytest.mark.parametrize(
    ("fresh", "difference", "begins"),
    [("4.57", "-2.29", S.PENDING_HUMAN_APPROVAL), ("9.00", "2.14", S.ELIGIBLE)],
)
def test_what_a_panel_was_asked_for_counts_as_given_also_once_it_is_released(
    fresh: str, difference: str, begins: CreditState, way: list[CreditState]
) -> None:
    """Its call may still arrive. If a fresh credit took its place, both would be paid."""
    released = standing(S.APPLY_UNKNOWN, due("6.86"))
    for state in way:
        released = released.with_step(advance(released, state, by("luz")))
    found = settle(figure(fresh), [released])
    assert (found.superseded, found.begins, amounts(found.lines)) == ((), begins, [difference])
    adjustment = begin(credit(*found.lines, ordinal=1), begins, by("estado"))
    assert settle(figure(fresh), [released, adjustment]) == Settlement()
    again = settle(figure("6.86"), [released, adjustment])
    assert (again.superseded, again.begins) == ((adjustment,), None)
    with pytest.raises(Refused, match="no_arrow"):
        advance(released, S.SUPERSEDED, by("estado"))

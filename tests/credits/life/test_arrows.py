"""Which state of a credit follows which: every arrow of the drawing, and no other."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from credits.life.credit import Assumed, CreditRecord, advance, approve, begin, decide, request
from credits.life.states import FIRST, JOINABLE, OVER, REPLACEABLE, CreditState, next_states
from monitor.domain.refusals import Refused
from tests.credits.life.builders import by, credit, due, standing

DRAWING = """
needs_review            eligible closed_no_breach pending_human_approval superseded lapsed
pending_human_approval  approved rejected superseded lapsed
eligible                requested expired superseded lapsed
requested               under_review rejected expired superseded lapsed
under_review            approved rejected superseded lapsed
approved                applying blocked_suspended held_chargeback superseded lapsed
blocked_suspended       approved superseded lapsed
held_chargeback         approved superseded lapsed
applying                applied apply_unknown
apply_unknown           applied approved
applied
rejected
expired
superseded
lapsed
closed_no_breach
"""
ARROWS = {
    CreditState(words[0]): {CreditState(word) for word in words[1:]}
    for words in map(str.split, DRAWING.strip().splitlines())
}
PAIRS = list(product(CreditState, CreditState))


def needed(after: CreditState) -> dict[str, Any]:
    if after is CreditState.REQUESTED:
        return {"ticket": "TCK-9"}
    if after is CreditState.REJECTED:
        return {"reason": "No corresponde", "clause": "10a"}
    return {}


def test_the_drawing_knows_every_state() -> None:
    assert ARROWS.keys() == set(CreditState)


@pytest.mark.parametrize(("before", "after"), [(b, a) for b, a in PAIRS if a in ARROWS[b]])
def test_an_arrow_of_the_drawing_is_a_step(before: CreditState, after: CreditState) -> None:
    record = standing(before)
    step = advance(record, after, by("luz"), **needed(after))
    assert (step.before, step.after, step.actor) == (before, after, "luz")
    assert (step.seq, record.with_step(step).state) == (record.revision + 1, after)


@pytest.mark.parametrize(("before", "after"), [(b, a) for b, a in PAIRS if a not in ARROWS[b]])
def test_what_is_no_arrow_is_refused(before: CreditState, after: CreditState) -> None:
    with pytest.raises(Refused, match=r"credit\.no_arrow"):
        advance(standing(before), after, by("luz"), **needed(after))


@pytest.mark.parametrize("state", CreditState)
def test_a_credit_begins_where_the_drawing_begins(state: CreditState) -> None:
    wanted = {"eligible", "needs_review", "pending_human_approval"}
    assert next_states(None) == FIRST == {CreditState(name) for name in wanted}
    if state.value in wanted:
        assert begin(credit(), state, by()).state is state
    else:
        with pytest.raises(ValueError, match="begins"):
            begin(credit(), state, by())


def test_what_may_be_applied_already_gives_way_to_nothing() -> None:
    maybe = {CreditState.APPLYING, CreditState.APPLY_UNKNOWN}
    assert OVER | REPLACEABLE | maybe == set(CreditState)
    assert not OVER & REPLACEABLE
    assert not maybe & REPLACEABLE


def test_a_request_needs_a_ticket() -> None:
    record = standing(CreditState.ELIGIBLE)
    with pytest.raises(Refused, match="ticket_required"):
        request(record, "", by())
    with pytest.raises(Refused, match="ticket_required"):
        advance(record, REQUESTED, by())


REQUESTED = CreditState.REQUESTED


@pytest.mark.parametrize("lacking", ["reason", "clause"])
def test_a_rejection_needs_reason_and_clause(lacking: str) -> None:
    words = needed(CreditState.REJECTED) | {lacking: ""}
    with pytest.raises(Refused, match="reason_required"):
        advance(standing(REQUESTED), CreditState.REJECTED, by(), **words)


@pytest.mark.parametrize("state", CreditState)
def test_a_second_ticket_joins_what_is_requested_and_not_over(state: CreditState) -> None:
    record = standing(state)
    if state in JOINABLE:
        step = request(record, "TCK-2", by("eva"))
        assert step is not None
        joined = record.with_step(step)
        assert (joined.state, joined.tickets) == (state, ("TCK-1", "TCK-2"))
        assert request(joined, "TCK-2", by("eva")) is None
    elif state is not CreditState.ELIGIBLE:
        with pytest.raises(Refused, match="no_arrow"):
            request(record, "TCK-2", by("eva"))


def test_nobody_approves_what_he_asked_for_or_what_rests_on_his_proposal() -> None:
    record = standing(CreditState.UNDER_REVIEW)
    joined = record.with_step(join(record, "TCK-2", "eva"))
    for name, proposers in (("ana", ()), ("eva", ()), ("luz", ("luz",))):
        with pytest.raises(Refused, match="two_people"):
            approve(joined, proposers, by(name))
    assert approve(joined, ("rosa",), by("luz")).after is CreditState.APPROVED


def test_nobody_approves_what_he_took_unknown_seconds_for() -> None:
    record = standing(CreditState.NEEDS_REVIEW, due("-6.86", worst="1.00"), ordinal=1)
    waiting = record.with_step(decide(record, Assumed.UP, by("luz"), reason="x"))
    with pytest.raises(Refused, match="two_people"):
        approve(waiting, (), by("luz"))
    assert approve(waiting, (), by("eva")).after is CreditState.APPROVED


def join(record: CreditRecord, ticket: str, name: str) -> Any:
    return request(record, ticket, by(name))


def test_a_decision_about_unknown_seconds_says_what_it_comes_to() -> None:
    record = standing(CreditState.NEEDS_REVIEW, due("0.00", worst="5.10"))
    assert [str(money) for _, money in record.amounts] == ["0.00 USD"]
    down = record.with_step(decide(record, Assumed.DOWN, by(), reason="El registro del servidor"))
    assert down.state is CreditState.ELIGIBLE
    assert [str(money) for _, money in down.amounts] == ["5.10 USD"]
    up = record.with_step(decide(record, Assumed.UP, by(), reason="El registro del servidor"))
    assert up.state is CreditState.CLOSED_NO_BREACH
    assert [str(money) for _, money in up.amounts] == ["0.00 USD"]


def test_a_decision_that_takes_back_what_was_applied_waits_for_a_person() -> None:
    record = standing(CreditState.NEEDS_REVIEW, due("-6.86", worst="1.00"), ordinal=1)
    assert decide(record, Assumed.UP, by(), reason="x").after is CreditState.PENDING_HUMAN_APPROVAL
    assert decide(record, Assumed.DOWN, by(), reason="x").after is CreditState.ELIGIBLE


def test_nobody_decides_about_seconds_that_no_invoice_prices() -> None:
    unpriced = begin(replace(credit(), lines=()), CreditState.NEEDS_REVIEW, by())
    with pytest.raises(Refused, match="unpriced"):
        decide(unpriced, Assumed.DOWN, by(), reason="x")


@pytest.mark.parametrize("state", [CreditState.ELIGIBLE, CreditState.NEEDS_REVIEW])
def test_a_credit_is_never_negative(state: CreditState) -> None:
    with pytest.raises(ValueError, match="take money away"):
        begin(credit(due("-0.01")), state, by())


def test_a_negative_adjustment_does_not_begin_as_one_to_give() -> None:
    with pytest.raises(ValueError, match="take money away"):
        begin(credit(due("-0.01"), ordinal=1), CreditState.ELIGIBLE, by())
    waiting = begin(credit(due("-0.01"), ordinal=1), CreditState.PENDING_HUMAN_APPROVAL, by())
    assert waiting.state is CreditState.PENDING_HUMAN_APPROVAL

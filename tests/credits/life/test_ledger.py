"""Each arrow is one balanced posting, and the accounts hold what the credits come to."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.contract import ContractId
from credits.life.credit import (
    Assumed,
    CreditId,
    CreditRecord,
    LineDue,
    LineKey,
    advance,
    begin,
    decide,
    request,
)
from credits.life.ledger import (
    Holding,
    LedgerAccount,
    Posting,
    PostingId,
    account_of,
    balances,
    credited,
    first_fault,
    in_minor_units,
    is_balanced,
    money_of,
    opening,
    posting_of,
    postings_of,
)
from credits.life.states import CreditState, next_states
from credits.money import Money
from monitor.domain.time.interval import Second
from tests.credits.life.builders import by, credit, due, standing, walked

A, S = LedgerAccount, CreditState
_LINE = LineKey(ContractId("C-1"), "F-1", "L1")


def held(*records: CreditRecord) -> dict[LedgerAccount, int]:
    postings = [p for record in records for p in postings_of(record)]
    found = balances(entry for posting in postings for entry in posting.entries)
    return {holding.account: minor for holding, minor in found.items()}


@st.composite
def lives(draw: st.DrawFn) -> CreditRecord:
    """A credit, or an adjustment, that took any legal steps."""
    ordinal = draw(st.integers(0, 1))
    client = draw(st.sampled_from(["77", "78"]))
    amounts = draw(st.lists(st.integers(-400 if ordinal else 0, 900), min_size=1, max_size=3))
    is_undecided = draw(st.booleans())
    worst = [amount + draw(st.integers(0, 500)) for amount in amounts]
    lines = [
        LineDue(
            invoice_id="F-1", line_id=f"L{n}",
            amount=money_of(amount, "USD" if n else "CLP"),
            if_down=money_of(worst[n], "USD" if n else "CLP") if is_undecided else None,
        )
        for n, amount in enumerate(amounts)
    ]  # fmt: skip
    first = S.NEEDS_REVIEW if is_undecided else S.ELIGIBLE
    if not is_undecided and min(amounts) < 0:
        first = S.PENDING_HUMAN_APPROVAL
    made = credit(*lines, ordinal=ordinal, client=client)
    record = begin(made, first, by("estado"))
    for _ in range(draw(st.integers(0, 9))):
        following = sorted(next_states(record.state))
        if not following:
            break
        if record.state is S.NEEDS_REVIEW and draw(st.booleans()):
            step = decide(record, draw(st.sampled_from(Assumed)), by(), reason="x")
            record = record.with_step(step)
            continue
        after = draw(st.sampled_from(following))
        if record.state is S.NEEDS_REVIEW and after not in (S.SUPERSEDED, S.LAPSED):
            continue
        step = advance(record, after, by(), ticket="T", reason="x", clause="10a")
        record = record.with_step(step)
        if draw(st.booleans()) and record.state is S.REQUESTED:
            joined = request(record, "T-2", by())
            record = record if joined is None else record.with_step(joined)
    return record


@given(lives())
def test_each_posting_balances(record: CreditRecord) -> None:
    assert all(map(is_balanced, postings_of(record)))
    assert len({p.id for p in postings_of(record)}) == len(record.steps)


@given(st.lists(lives(), max_size=4))
def test_an_account_holds_what_the_credits_in_its_states_come_to(found: list[CreditRecord]) -> None:
    records = [replace_id(record, number) for number, record in enumerate(found)]
    wanted: Counter[Holding] = Counter()
    for record in records:
        account = account_of(record.state)
        if account is A.EXPENSE or (account is A.CLOSED and not was_owed(record)):
            continue
        for _, money in record.amounts:
            holding = Holding(record.credit.client_id, money.currency, account)
            wanted[holding] += in_minor_units(money)
            wanted[holding._replace(account=A.EXPENSE)] -= in_minor_units(money)
    postings = [p for record in records for p in postings_of(record)]
    got = balances(entry for posting in postings for entry in posting.entries)
    assert got == {holding: minor for holding, minor in wanted.items() if minor}


def replace_id(record: CreditRecord, number: int) -> CreditRecord:
    name = CreditId(f"BON-{number}")
    steps = tuple(replace(step, credit=name) for step in record.steps)
    return CreditRecord(replace(record.credit, id=name), steps)


def was_owed(record: CreditRecord) -> bool:
    return any(account_of(step.after) not in (A.EXPENSE, A.CLOSED) for step in record.steps)


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_postings_changes_no_balance(
    record: CreditRecord, chance: random.Random
) -> None:
    entries = [entry for posting in postings_of(record) for entry in posting.entries]
    mixed = list(entries)
    chance.shuffle(mixed)
    assert balances(mixed) == balances(entries)


@given(lives())
def test_what_a_credit_gives_is_never_negative(record: CreditRecord) -> None:
    if record.credit.ordinal:
        return
    entries = [entry for posting in postings_of(record) for entry in posting.entries]
    found = balances(entries)
    assert all(minor > 0 for holding, minor in found.items() if holding.account is not A.EXPENSE)
    assert all(minor >= 0 for minor in credited(entries).values())


def test_every_arrow_moves_the_whole_amount_from_its_account_to_the_next() -> None:
    record = begin(credit(due("6.86")), S.ELIGIBLE, by())
    assert held(record) == {A.EXPENSE: -686, A.OWED: 686}
    for after, account in (
        (S.REQUESTED, A.OWED),
        (S.UNDER_REVIEW, A.OWED),
        (S.APPROVED, A.APPROVED),
        (S.BLOCKED_SUSPENDED, A.APPROVED),
        (S.APPROVED, A.APPROVED),
        (S.APPLYING, A.APPROVED),
        (S.APPLY_UNKNOWN, A.APPROVED),
        (S.APPLIED, A.APPLIED),
    ):
        record = record.with_step(advance(record, after, by(), ticket="T"))
        assert len(posting_of(record).entries) == 2
        assert held(record) == {A.EXPENSE: -686, account: 686}


@pytest.mark.parametrize("end", [S.REJECTED, S.EXPIRED, S.SUPERSEDED, S.LAPSED])
def test_what_came_to_nothing_is_closed(end: CreditState) -> None:
    assert held(standing(end)) == {A.EXPENSE: -686, A.CLOSED: 686}


def test_nothing_has_moved_while_a_person_still_has_to_say_whether_there_is_anything() -> None:
    waiting = standing(S.PENDING_HUMAN_APPROVAL, due("-2.29"), ordinal=1)
    unknown = standing(S.NEEDS_REVIEW, due("0.00", worst="5.10"))
    assert held(waiting) == held(unknown) == {}
    for record in (waiting, unknown):
        assert held(record.with_step(advance(record, S.SUPERSEDED, by()))) == {}
    taken = waiting.with_step(advance(waiting, S.APPROVED, by("luz")))
    assert held(taken) == {A.EXPENSE: 229, A.APPROVED: -229}
    down = unknown.with_step(decide(unknown, Assumed.DOWN, by(), reason="x"))
    assert held(down) == {A.EXPENSE: -510, A.OWED: 510}


def test_a_ticket_that_joins_moves_nothing() -> None:
    record = standing(S.REQUESTED)
    step = request(record, "TCK-2", by())
    assert step is not None
    assert posting_of(record.with_step(step)).entries == ()


def test_currencies_and_clients_are_never_added_together() -> None:
    dollars = standing(S.ELIGIBLE, due("6.86"), due("62", line="L2", currency="CLP"))
    other = begin(credit(due("1.00"), client="78"), S.ELIGIBLE, by())
    entries = [e for one in (dollars, other) for p in postings_of(one) for e in p.entries]
    assert balances(entries) == {
        Holding("77", "CLP", A.EXPENSE): -62,
        Holding("77", "CLP", A.OWED): 62,
        Holding("77", "USD", A.EXPENSE): -686,
        Holding("77", "USD", A.OWED): 686,
        Holding("78", "USD", A.EXPENSE): -100,
        Holding("78", "USD", A.OWED): 100,
    }


def test_what_was_credited_before_is_one_opening_posting_however_often_it_is_read() -> None:
    given_before = Money(Decimal("12.50"), "USD")
    first, again = (opening(_LINE, "77", given_before, Second(at)) for at in (1, 2))
    assert first.id == again.id == "opening/C-1/F-1/L1"
    assert is_balanced(first)
    assert balances(first.entries) == {
        Holding("77", "USD", A.EXPENSE): -1250, Holding("77", "USD", A.APPLIED): 1250,
    }  # fmt: skip
    nothing = opening(_LINE, "77", Money(Decimal(0), "USD"), Second(1))
    assert (len(nothing.entries), balances(nothing.entries)) == (2, {})


def test_a_cap_leaves_no_room_for_what_is_pending_and_room_for_what_came_to_nothing() -> None:
    entries = [
        entry
        for record in (standing(S.APPLIED), standing(S.ELIGIBLE), standing(S.REJECTED))
        for posting in postings_of(record)
        for entry in posting.entries
    ]
    before = opening(_LINE, "77", Money(Decimal("1.00"), "USD"), Second(1))
    assert credited([*entries, *before.entries])[_LINE] == 686 + 686 + 100


def test_an_amount_has_no_part_of_a_minor_unit() -> None:
    with pytest.raises(ValueError, match="minor unit"):
        in_minor_units(Money(Decimal("0.5"), "CLP"))


def kept(*records: CreditRecord) -> dict[PostingId, Posting]:
    return {p.id: p for record in records for p in postings_of(record) if p.entries}


def test_an_audit_computes_each_posting_again_and_names_the_first_that_differs() -> None:
    record = walked([S.ELIGIBLE, S.REQUESTED, S.UNDER_REVIEW, S.APPROVED], due("6.86"))
    stored = kept(record)
    last = stored[PostingId(f"{record.id}/3")]
    assert first_fault([record], stored) is None
    for broken in (
        {k: v for k, v in stored.items() if not k.endswith("/3")},
        stored | {last.id: replace(last, entries=())},
        stored | {PostingId(f"{record.id}/9"): replace(last, id=PostingId(f"{record.id}/9"))},
    ):
        fault = first_fault([record], broken)
        assert fault is not None
        assert fault.posting[-2:] in ("/3", "/9")


def test_an_audit_knows_an_opening_and_wants_it_balanced() -> None:
    whole = opening(_LINE, "77", Money(Decimal("1.00"), "USD"), Second(1))
    assert first_fault([], {whole.id: whole}) is None
    half = replace(whole, entries=whole.entries[:1])
    assert first_fault([], {half.id: half}) is not None

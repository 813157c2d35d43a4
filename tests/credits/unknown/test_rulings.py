"""Unknown time is explained, one account says what it was, another one decides: all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from credits.handling.commands import CreditCommands
from credits.journal import BillingTransaction
from credits.life.credit import Assumed, CreditId, CreditRecord, advance, begin
from credits.life.ledger import LedgerAccount, first_fault
from credits.life.ruling import Chosen, RulingStatus
from credits.life.states import CreditState
from credits.money import Money
from credits.unknown.commands import RulingDraft
from credits.unknown.fields import ruled_fields, source_fields
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE, Actor
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.refusals import sentence, sentence_in
from tests.credits.life.builders import by
from tests.credits.test_classification import ROOT, person, refused
from tests.credits.test_contracts import OCTOBER
from tests.credits.unknown.conftest import (
    ANA,
    DARK,
    EVA,
    LUZ,
    NIGHT,
    OUTAGE,
    UNPRICED,
    WORDS,
    ZOE,
    Night,
)
from tests.support.clock import second

S = CreditState
DRAFT = RulingDraft(assumed="down", evidence=WORDS, chosen=NIGHT)
CLOSE = "2026-11-02T12:00:00Z"
NEXT = "2026-12-02T12:00:00Z"


def balances(night: Night) -> dict[tuple[str, LedgerAccount], int]:
    with night.journal.transaction() as tx:
        held = tx.credits.balances()
        assert first_fault(
            tx.credits.page(CreditId(""), 500),
            {p.id: p for p in tx.credits.postings() if p.credit is not None},
        ) is None  # fmt: skip
    return {(h.currency, h.account): minor for h, minor in held.items()}


def changes(night: Night) -> list[tuple[str, str]]:
    kinds = ("ruling.proposed", "ruling.revised", "ruling.approved", "ruling.refused")
    with night.journal.transaction() as tx:
        return [(change.kind, change.actor) for change in tx.changes.of_kinds(kinds, 0)]


def zone(night: Night) -> ZoneInfo:
    return night.ruling().catalogues.present(night.clock.now()).catalogue.zone


async def test_what_waits_is_shown_by_where_its_unknown_time_came_from(night: Night) -> None:
    await night.close(CLOSE)
    (source,) = night.ruling().sources()
    (episode,) = source.episodes
    assert (episode.cause, source.contracts) == ("monitor_down", 2)
    assert episode.span == Interval(second(DARK[0]), second(DARK[1]))
    assert source.checks == ("web-1-tcp",)
    assert source.components == ("web-1",)
    document = source_fields(source, zone(night))
    assert document["totals"] == [
        {"currency": "ARS", "if_up": "0.00", "if_down": "241.94"},
        {"currency": "USD", "if_up": "0.00", "if_down": "3.32"},
    ]
    assert night.ruling().sources("2026-11") == []


async def test_down_makes_it_due_and_up_closes_it(night: Night) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    assert night.standing() == [("eligible", "3.32")]
    assert balances(night)["USD", LedgerAccount.OWED] == 332
    (record,) = night.credits()
    assert (record.steps[-1].actor, record.steps[-1].assumed) == ("luz", Assumed.DOWN)


@pytest.mark.parametrize("assumed", [Assumed.UP, Assumed.CLOSED])
async def test_up_and_closed_make_nothing_due(night: Night, assumed: Assumed) -> None:
    await night.close(CLOSE)
    night.decided(assumed)
    assert night.standing() == [("closed_no_breach", "0.00")]
    assert balances(night) == {}


async def test_one_decision_covers_all_that_waited_for_the_same_cause(night: Night) -> None:
    await night.close(CLOSE)
    done = night.decided(Assumed.DOWN)
    assert len(done.credits) == 2
    assert {one.state for one in done.credits} == {S.ELIGIBLE}
    assert night.ruling().sources() == []
    assert changes(night) == [("ruling.proposed", "ana"), ("ruling.approved", "luz")]
    with night.journal.transaction() as tx:
        (change,) = tx.changes.of_kinds(("ruling.approved",), 0)
    assert (change.after["credits"], change.after["owed"]) == (2, 2)


async def test_the_money_is_shown_before_it_is_decided(night: Night) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    luz = night.ruling(LUZ)
    found = luz.show(reference)
    document = ruled_fields(found, luz.sources_of(found), zone(night))
    assert document["totals"][1] == {
        "currency": "USD", "if_up": "0.00", "if_down": "3.32", "before": "0.00", "after": "3.32",
    }  # fmt: skip
    assert (document["contracts"], document["unfit_count"]) == (2, 0)
    assert document["sources"][0]["episodes"][0]["cause"] == "monitor_down"
    assert {one["contract_id"] for one in document["listed"]} == {"C-1", "C-4"}


async def test_nobody_decides_what_he_has_proposed_nor_by_turns(night: Night) -> None:
    chief = person("chief", AccountRole.ADMIN)
    await night.close(CLOSE)
    reference = night.asked(by=chief)
    with refused("ruling.own"):
        night.ruling(chief).approve(reference, reason="Sí")
    token = person("chief", AccountRole.ADMIN, token="T-2")
    with refused("ruling.own"):
        night.ruling(token).approve(reference, reason="Sí")
    night.ruling(ANA).revise(reference, DRAFT)
    with refused("ruling.own"):
        night.ruling(chief).approve(reference, reason="Sí", revision=2)
    with refused("ruling.own"):
        night.ruling(chief).refuse(reference, reason="Sí", revision=2)
    night.ruling(LUZ).approve(reference, reason="Sí", revision=2)


@pytest.mark.parametrize("actor", [ROOT, MACHINE])
async def test_neither_the_shell_nor_the_machine_says_or_decides(
    night: Night, actor: Actor
) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    commands = night.ruling(actor)
    acts: list[Callable[[], object]] = [
        lambda: commands.propose(DRAFT),
        lambda: commands.revise(reference, DRAFT),
        lambda: commands.approve(reference, reason="x"),
        lambda: commands.refuse(reference, reason="x"),
    ]
    for act in acts:
        with refused("account.needed"):
            act()
    assert commands.show(reference).record.status is RulingStatus.PROPOSED


async def test_each_role_may_do_what_is_its_own(night: Night) -> None:
    await night.close(CLOSE)
    with refused("scope.missing"):
        night.ruling(LUZ).propose(DRAFT)
    reference = night.asked()
    with refused("scope.missing"):
        night.ruling(EVA).approve(reference, reason="x")
    with refused("scope.missing"):
        night.ruling(person("op", AccountRole.OPERATOR)).sources()
    bounded = person("ana", AccountRole.ADMIN, services=["hosting"])
    acts: list[Callable[[], object]] = [
        lambda: night.ruling(bounded).sources(),
        lambda: night.ruling(bounded).propose(DRAFT),
        lambda: night.ruling(bounded).show(reference),
        lambda: night.ruling(bounded).approve(reference, reason="x"),
    ]
    for act in acts:
        with refused("scope.every_service"):
            act()


async def test_a_refused_one_leaves_all_waiting_and_may_be_proposed_anew(night: Night) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    night.ruling(LUZ).refuse(reference, reason="Falta el registro")
    assert night.standing() == [("needs_review", "0.00")]
    with refused("ruling.not_pending"):
        night.ruling(LUZ).approve(reference, reason="Sí")
    again = night.ruling().revise(reference, replace(DRAFT, assumed="up"), revision=2)
    assert again.record.newest.revision == 3
    with refused("ruling.which_revision"):
        night.ruling(LUZ).approve(reference, reason="Sí")
    night.ruling(LUZ).approve(reference, reason="Sí", revision=3)
    with refused("ruling.over"):
        night.ruling().revise(reference, DRAFT)


async def test_what_has_changed_since_it_was_seen_is_stale(night: Night) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    night.ruling().revise(reference, DRAFT)
    with refused("revision.stale", Stale):
        night.ruling(LUZ).approve(reference, reason="Sí", revision=1)
    with refused("name.unknown", NotFound):
        night.ruling(LUZ).show("zzzzzz")


async def test_what_no_longer_fits_is_refused_by_name_and_nothing_is_decided(night: Night) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    record = night.credits("C-4")[0]
    with night.journal.transaction() as tx:
        gone = record.with_step(advance(record, S.SUPERSEDED, by("estado")))
        tx.credits.append([gone])
    shown = night.ruling(LUZ).show(reference)
    assert shown.unfit == (record.id,)
    with refused("ruling.unfit") as caught:
        night.ruling(LUZ).approve(reference, reason="Sí")
    assert record.id in sentence(caught.value)
    assert record.id in sentence_in(caught.value, "es")[0]
    assert night.standing() == [("needs_review", "0.00")]
    assert night.ruling().show(reference).record.status is RulingStatus.PROPOSED
    night.ruling().revise(reference, DRAFT)
    assert len(night.ruling(LUZ).approve(reference, reason="Sí", revision=2).credits) == 1


async def test_of_two_about_the_same_the_second_is_refused_by_name(night: Night) -> None:
    await night.close(CLOSE)
    first, second_ = night.asked(), night.asked(Assumed.UP, by=EVA)
    assert night.ruling().show(second_).overlaps == (first,)
    night.ruling(LUZ).approve(first, reason="Sí")
    with refused("ruling.unfit"):
        night.ruling(LUZ).approve(second_, reason="Sí")
    assert night.standing() == [("eligible", "3.32")]


async def test_a_proposal_chooses_by_month_time_and_cause(night: Night) -> None:
    await night.close(CLOSE)
    whole = Interval(Second(second(DARK[0]) - 60), Second(second(DARK[1]) + 60))
    short = Interval(whole.start, Second(whole.end - 600))
    found = night.ruling().show(night.asked(chosen=replace(NIGHT, span=whole)))
    assert found.record.newest.credits == 2
    for chosen in (
        replace(NIGHT, span=short), replace(NIGHT, cause="offline"), Chosen(month="2026-11")
    ):  # fmt: skip
        with refused("ruling.nothing_waits"):
            night.asked(chosen=chosen)
    with refused("ruling.month"):
        night.asked(chosen=Chosen(month="2026-13"))
    with refused("ruling.which_credits"):
        night.ruling().propose(replace(DRAFT, credits=("BON-1",)))
    with refused("ruling.which_credits"):
        night.ruling().propose(replace(DRAFT, chosen=None))
    with refused("ruling.assumed"):
        night.ruling().propose(replace(DRAFT, assumed="maybe"))


async def test_credits_are_named_one_by_one(night: Night) -> None:
    await night.close(CLOSE)
    (record,) = night.credits()
    draft = replace(DRAFT, chosen=None, credits=(record.id, record.id))
    asked = night.ruling().propose(draft)
    assert asked.record.newest.credits == 1
    night.ruling(LUZ).approve(asked.record.reference, reason="Sí")
    assert night.standing("C-4") == [("needs_review", "0.00")]
    with refused("ruling.not_waiting"):
        night.ruling().propose(draft)
    with refused("credit.unknown", NotFound):
        night.ruling().propose(replace(draft, credits=("BON-0",)))
    with refused("ruling.too_many_named"):
        night.ruling().propose(replace(draft, credits=tuple(f"B-{n}" for n in range(1_001))))


async def test_without_an_invoice_it_can_be_closed_and_nothing_else(night: Night) -> None:
    night.bring(UNPRICED)
    await night.close(CLOSE)
    by_cause = {source.chosen.cause: source for source in night.ruling().sources() if source.chosen}
    assert by_cause["no_invoice"].contracts == 1
    unpriced = Chosen(month="2026-10", cause="no_invoice")
    with refused("ruling.unpriced"):
        night.asked(Assumed.DOWN, unpriced)
    night.decided(Assumed.CLOSED, unpriced)
    assert night.standing("C-5") == [("closed_no_breach", "")]


async def test_a_decision_is_about_one_cause(night: Night) -> None:
    night.bring(UNPRICED)
    await night.close(CLOSE)
    with refused("ruling.causes"):
        night.asked(Assumed.CLOSED, Chosen(month="2026-10"))


async def test_a_decided_amount_stays_decided_in_the_next_close(night: Night) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    night.approved(OUTAGE)
    await night.close(NEXT)
    assert night.standing() == [("eligible", "3.32")]
    assert night.ruling().sources() == []


async def test_other_facts_are_asked_anew_with_the_former_decision_in_view(night: Night) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    ask(night, night.credits()[0])
    halve(night)
    await night.close(NEXT)
    assert night.standing() == [("superseded", "3.32"), ("needs_review", "0.00")]
    (source,) = (s for s in night.ruling().sources() if s.asked_before)
    (former,) = next(one.former for one in source.waiting if one.former)
    assert (former.id, former.assumed) == (night.credits()[0].id, Assumed.DOWN)
    reference = night.asked()
    commands = night.ruling(LUZ)
    found = commands.show(reference)
    listed = ruled_fields(found, commands.sources_of(found), zone(night))["listed"]
    (before,) = [f for one in listed for f in one["former"] if one["contract_id"] == "C-1"]
    assert (before["assumed"], before["reason"]) == ("down", "Consta en el registro")
    # What the customer had asked for goes on being asked for.
    commands.approve(reference, reason="También esta parte")
    record = night.credits()[1]
    assert (record.state, record.tickets) == (S.REQUESTED, ("TCK-1",))


def ask(night: Night, record: CreditRecord) -> None:
    night.walk(record, S.REQUESTED)


def halve(night: Night) -> None:
    """Twenty minutes of the dark time were the customer's own."""
    start = second(DARK[0])
    night.approved(replace(OUTAGE, start=start, end=Second(start + 1_200)))


async def test_later_credits_of_the_line_leave_no_room_for_more_than_its_cap(night: Night) -> None:
    """While it waited, another window took all of the line."""
    tiny = (
        "C-6,81,506,Hosting,standard,web-1,2026-01-10,,,F-6,L1,2026-10-01,2026-11-01,100.00,USD,,\n"
    )
    night.bring(tiny)
    await night.close(CLOSE)
    assert night.standing("C-6") == [("needs_review", "0.00")]
    reference = night.asked()
    use_up(night, "C-6")
    with refused("ruling.beyond_cap") as caught:
        night.ruling(LUZ).approve(reference, reason="Sí")
    assert night.credits("C-6")[0].id in sentence(caught.value)
    assert night.standing() == [("needs_review", "0.00")]


class Interrupted:
    """A journal before whose last of three transactions somebody else acts: ruling and credits have
    been read by then."""

    def __init__(self, night: Night, act: Callable[[], object]) -> None:
        self._night = night
        self._act = act
        self._begun = 0

    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        self._begun += 1
        if self._begun == 3:
            self._act()
        return self._night.journal.transaction()


async def test_what_changes_while_it_is_read_is_refused_all_the_same(night: Night) -> None:
    await night.close(CLOSE)
    reference = night.asked()
    cheaper = OCTOBER.replace("1234.56", "1.00")

    def supersede() -> None:
        record = night.credits("C-4")[0]
        with night.journal.transaction() as tx:
            tx.credits.append([record.with_step(advance(record, S.SUPERSEDED, by("estado")))])

    acts: dict[str, Callable[[], object]] = {
        "ruling.beyond_cap": lambda: night.bring(cheaper),
        "ruling.unfit": supersede,
        "revision.stale": lambda: night.ruling().revise(reference, DRAFT),
    }
    for code, act in acts.items():
        luz = replace(night.ruling(LUZ), journal=Interrupted(night, act))
        with refused(code):
            luz.approve(reference, reason="Sí")
        assert night.standing() == [("needs_review", "0.00")]
        if code == "ruling.beyond_cap":
            night.bring(OCTOBER)


def use_up(night: Night, contract: str) -> None:
    """The whole line was given in another window."""
    (record,) = night.credits(contract)
    window = record.credit.key.window
    later = Interval(window.end, Second(window.end + 86_400))
    (line,) = record.credit.lines
    whole = replace(line, amount=Money(Decimal("100.00"), "USD"), if_down=None)
    made = replace(
        record.credit, id=CreditId("BON-2026-11-later"), lines=(whole,),
        key=record.credit.key._replace(window=later),
    )  # fmt: skip
    with night.journal.transaction() as tx:
        tx.credits.begin([begin(made, S.ELIGIBLE, by("estado"))])


async def test_neither_of_the_two_may_approve_what_comes_of_it(night: Night) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    (record,) = night.credits()

    def of(actor: Actor) -> CreditCommands:
        return CreditCommands(journal=night.journal, clock=night.clock, actor=actor)

    of(EVA).request(record.id, ticket="TCK-1", client="77")
    of(EVA).review(record.id)
    for name in ("ana", "luz"):
        with refused("credit.two_people") as caught:
            of(person(name, AccountRole.APPROVER)).approve(record.id)
        assert caught.value.fields["why"] == "decided"
    assert of(ZOE).approve(record.id).state is S.APPROVED


def test_refusals_have_sentences_in_both_languages() -> None:
    found = Refused("ruling.own", id="k3f9a2", name="ana")
    assert "somebody else decides" in sentence(found)
    assert "decide otra persona" in sentence_in(found, "es")[0]

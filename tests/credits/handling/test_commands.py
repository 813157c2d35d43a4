"""People act on credits: each step is somebody's, and money takes two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from credits.handling.commands import MOST_AT_ONCE, Chosen
from credits.journal import BillingTransaction
from credits.life.credit import CreditId
from credits.life.ledger import Holding, LedgerAccount
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import MACHINE, Actor
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.i18n.refusals import sentence, sentence_in
from monitor.journal.access import SqlJournal
from tests.credits.handling.counter import CHIEF, EVA, LUZ, ROOT, Counter, owed, person
from tests.credits.life.builders import due

S = CreditState
BON = "BON-2026-10-1"


def refused(code: str, kind: type[Refused] = Refused) -> Any:
    return pytest.raises(kind, match=code.replace(".", r"\."))


def test_one_asks_and_another_approves(counter: Counter) -> None:
    counter.keep(owed())
    asked = counter.of(EVA).request(BON, ticket=" #abc-1 ", client="77")
    assert (asked.state, asked.tickets) == (S.REQUESTED, ("ABC-1",))
    assert counter.of(EVA).review(BON, revision=2).state is S.UNDER_REVIEW
    done = counter.of(LUZ).approve(BON, reason=" Consta. ", revision=3)
    assert (done.state, done.steps[-1].reason) == (S.APPROVED, "Consta.")
    assert counter.audit() == [
        ("credit.requested", "eva", BON), ("credit.under_review", "eva", BON),
        ("credit.approved", "luz", BON),
    ]  # fmt: skip
    assert counter.is_balanced()
    with counter.journal.transaction() as tx:
        assert tx.credits.balances()[Holding("77", "USD", LedgerAccount.APPROVED)] == 686


def test_a_second_ticket_joins_and_the_same_one_changes_nothing(counter: Counter) -> None:
    counter.keep(owed())
    for ticket in ("ABC-1", "ABC-2", "#abc-1"):
        counter.of(EVA).request(BON, ticket=ticket, client="77")
    found = counter.record()
    assert (found.state, found.revision, found.tickets) == (S.REQUESTED, 3, ("ABC-1", "ABC-2"))
    assert [kind for kind, _, _ in counter.audit()] == ["credit.requested", "credit.joined"]
    assert counter.is_balanced()


def test_a_rejection_has_a_reason_and_a_clause(counter: Counter) -> None:
    counter.keep(owed())
    counter.of(EVA).request(BON, ticket="ABC-1", client="77")
    for reason, clause in (("", "13b"), ("Sobrecarga", " ")):
        with refused("text.empty"):
            counter.of(LUZ).reject(BON, reason=reason, clause=clause)
    done = counter.of(LUZ).reject(BON, reason="Sobrecarga", clause="13b")
    assert (done.state, done.steps[-1].clause) == (S.REJECTED, "13b")
    assert counter.is_balanced()


@pytest.mark.parametrize("client", ["78", "", "7"])
def test_a_ticket_of_another_client_asks_for_nothing(counter: Counter, client: str) -> None:
    counter.keep(owed())
    with refused("credit.of_other_client"):
        counter.of(EVA).request(BON, ticket="ABC-1", client=client)
    assert counter.record().state is S.ELIGIBLE


def test_a_ticket_that_asked_for_one_client_asks_for_no_other(counter: Counter) -> None:
    counter.keep(owed(), owed("BON-2026-10-2", client="78", contract="C-2"))
    counter.of(EVA).request(BON, ticket="ABC-1", client="77")
    with refused("credit.ticket_of_other"):
        counter.of(EVA).request("BON-2026-10-2", ticket="abc-1", client="78")
    assert counter.record("BON-2026-10-2").state is S.ELIGIBLE


def test_one_ticket_may_ask_for_several_credits_of_its_client(counter: Counter) -> None:
    counter.keep(owed(), owed("BON-2026-10-2", contract="C-2"))
    for name in (BON, "BON-2026-10-2"):
        assert counter.of(EVA).request(name, ticket="ABC-1", client="77").state is S.REQUESTED


@pytest.mark.parametrize("ticket", ["", "#", "a b", "ABC-", "../x", "x" * 33, "ñ1", "1;2"])
def test_what_is_no_code_of_a_ticket_asks_for_nothing(counter: Counter, ticket: str) -> None:
    counter.keep(owed())
    with refused("credit.ticket_code"):
        counter.of(EVA).request(BON, ticket=ticket, client="77")
    assert counter.record().state is S.ELIGIBLE


class Watched:
    """Implements `credits.journal.BillingJournal`, and counts what each transaction changes."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.changes: list[int] = []

    @contextmanager
    def transaction(self) -> Iterator[BillingTransaction]:
        with self._journal.transaction() as tx:
            before = tx.changes.last()
            yield tx
            self.changes.append(tx.changes.last() - before)


class Panel:
    """Implements `credits.handling.tickets.Tickets`."""

    def __init__(self, owners: dict[str, str]) -> None:
        self._owners = owners

    def client_of(self, ticket: str) -> str | None:
        return self._owners.get(ticket)


def test_a_ticket_that_the_panel_does_not_know_is_forged(counter: Counter) -> None:
    counter.keep(owed())
    counter.tickets = Panel({"ABC-1": "77", "ABC-2": "78"})
    with refused("credit.ticket_unknown"):
        counter.of(EVA).request(BON, ticket="ABC-9", client="77")
    with refused("credit.ticket_of_other"):
        counter.of(EVA).request(BON, ticket="ABC-2", client="77")
    assert counter.record().state is S.ELIGIBLE
    assert counter.of(EVA).request(BON, ticket="abc-1", client="77").state is S.REQUESTED


def test_nobody_approves_alone_not_even_an_admin_or_by_two_tokens(counter: Counter) -> None:
    counter.keep(owed())
    one = person("chief", AccountRole.ADMIN, token="t1")
    counter.of(one).request(BON, ticket="ABC-1", client="77")
    counter.of(one).review(BON)
    for alone in (one, replace(one, token="t2"), CHIEF):
        with refused("credit.two_people") as found:
            counter.of(alone).approve(BON)
        assert found.value.fields["why"] == "asked"
    assert counter.record().state is S.UNDER_REVIEW


def test_two_who_ask_by_turns_approve_nothing_of_each_other(counter: Counter) -> None:
    counter.keep(owed())
    counter.reviewed()
    counter.of(person("ana", AccountRole.ADMIN)).request(BON, ticket="ABC-2", client="77")
    for name in ("ana", "eva"):
        with refused("credit.two_people"):
            counter.of(person(name, AccountRole.ADMIN)).approve(BON)


def test_who_asked_for_what_it_replaced_does_not_approve_it(counter: Counter) -> None:
    counter.keep(owed())
    counter.of(CHIEF).request(BON, ticket="ABC-1", client="77")
    counter.keep(owed("BON-2026-10-9", ordinal=1))
    counter.reviewed("BON-2026-10-9")
    with refused("credit.two_people") as found:
        counter.of(CHIEF).approve("BON-2026-10-9")
    assert "asked for BON-2026-10-9, or for the same time" in sentence(found.value)
    assert counter.of(LUZ).approve("BON-2026-10-9").state is S.APPROVED


@pytest.mark.parametrize(("component", "may"), [("web-1", False), ("dns-1", True)])
def test_who_proposed_an_exclusion_that_it_rests_on_does_not_approve_it(
    counter: Counter, component: str, may: bool
) -> None:
    counter.keep(owed())
    counter.proposes("luz", component)
    counter.reviewed()
    if may:
        assert counter.of(LUZ).approve(BON).state is S.APPROVED
        return
    with refused("credit.two_people") as found:
        counter.of(LUZ).approve(BON)
    assert "proposed an exclusion" in sentence(found.value)
    assert "propuso una exclusión" in sentence_in(found.value, "es")[0]


@pytest.mark.parametrize("actor", [ROOT, MACHINE], ids=["shell", "machine"])
def test_neither_the_shell_nor_the_machine_asks_or_approves(counter: Counter, actor: Actor) -> None:
    counter.keep(owed(), owed("BON-2026-10-2", contract="C-2"))
    counter.reviewed("BON-2026-10-2")
    commands = counter.of(actor)
    acts: list[Callable[[], object]] = [
        lambda: commands.request(BON, ticket="ABC-1", client="77"),
        lambda: commands.review(BON),
        lambda: commands.approve("BON-2026-10-2"),
        lambda: commands.reject("BON-2026-10-2", reason="r", clause="1"),
        lambda: commands.approve_all([Chosen(credit=CreditId("BON-2026-10-2"))]),
        lambda: commands.review_all([Chosen(credit=CreditId(BON))]),
    ]
    for act in acts:
        with refused("account.needed") as found:
            act()
        assert "--url" in sentence(found.value)
    assert counter.reading(ROOT).show(BON).record.state is S.ELIGIBLE


@pytest.mark.parametrize(
    ("scope", "act"),
    [
        (Scope.CREDITS_REQUEST, "request"),
        (Scope.CREDITS_REQUEST, "review"),
        (Scope.CREDITS_APPROVE, "approve"),
        (Scope.CREDITS_APPROVE, "reject"),
        (Scope.CREDITS_READ, "show"),
    ],
)
def test_each_step_takes_its_own_scope_and_every_service(
    counter: Counter, scope: Scope, act: str
) -> None:
    counter.keep(owed())
    without = replace(CHIEF, scopes=frozenset(set(Scope) - {scope}))
    bounded = person("chief", AccountRole.ADMIN, services=("hosting",))
    for actor, code in ((without, "scope.missing"), (bounded, "scope.every_service")):
        commands = counter.of(actor)
        acts: dict[str, Callable[[], object]] = {
            "request": partial(commands.request, BON, ticket="ABC-1", client="77"),
            "review": partial(commands.review, BON),
            "approve": partial(commands.approve, BON),
            "reject": partial(commands.reject, BON, reason="r", clause="1"),
            "show": partial(counter.reading(actor).show, BON),
        }
        with refused(code):
            acts[act]()
    assert counter.record().revision == 1


def test_an_approval_takes_a_review_and_happens_once(counter: Counter) -> None:
    counter.keep(owed())
    for state in ("eligible", "requested"):
        with refused("credit.no_arrow") as found:
            counter.of(LUZ).approve(BON)
        assert found.value.fields["state"] == state
        counter.of(EVA).request(BON, ticket="ABC-1", client="77")
    counter.of(EVA).review(BON)
    counter.of(LUZ).approve(BON)
    with refused("credit.no_arrow") as found:
        counter.of(CHIEF).approve(BON)
    assert sentence_in(found.value, "es")[0] == f"{BON} está aprobada: de ahí no pasa a estar " + (
        "aprobada"
    )


@pytest.mark.parametrize("state", [S.BLOCKED_SUSPENDED, S.HELD_CHARGEBACK])
def test_what_is_held_back_is_released_by_no_approval(counter: Counter, state: CreditState) -> None:
    counter.keep(owed())
    counter.reviewed()
    approved = counter.of(LUZ).approve(BON)
    step = replace(
        approved.steps[-1], seq=approved.revision + 1, before=S.APPROVED, after=state, reason=""
    )
    with counter.journal.transaction() as tx:
        tx.credits.append([approved.with_step(step)])
    with refused("credit.no_arrow"):
        counter.of(CHIEF).approve(BON)


def test_what_has_changed_since_it_was_seen_is_not_decided_about(counter: Counter) -> None:
    counter.keep(owed())
    counter.reviewed()
    counter.of(EVA).request(BON, ticket="ABC-2", client="77")
    with refused("revision.stale", Stale):
        counter.of(LUZ).approve(BON, revision=3)
    assert counter.of(LUZ).approve(BON, revision=4).state is S.APPROVED


def test_of_two_who_approve_at_once_one_does(counter: Counter) -> None:
    counter.keep(owed())
    counter.reviewed()
    both = Barrier(2)

    def approves(actor: Actor) -> str:
        both.wait(30)
        try:
            return str(counter.of(actor).approve(BON).state)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(approves, (LUZ, CHIEF)))
    assert found == ["approved", "credit.no_arrow"]
    assert counter.record().revision == 4
    assert counter.is_balanced()


def test_many_are_approved_at_once_each_judged_by_itself(counter: Counter) -> None:
    names = [f"BON-2026-10-{n}" for n in range(1, 6)]
    counter.keep(*(owed(n, contract=f"C-{n}") for n in names))
    for name in names[:3]:
        counter.reviewed(name)
    counter.of(CHIEF).request(names[3], ticket="ABC-9", client="77")
    counter.of(EVA).review(names[3])
    chosen = [Chosen(credit=CreditId(n)) for n in (*names, "BON-none")]
    chosen[1] = replace(chosen[1], revision=2)
    found = counter.of(CHIEF).approve_all(chosen, reason="La noche del 12")
    assert [(one.credit, one.refusal and one.refusal.code) for one in found] == [
        (names[0], None), (names[1], "revision.stale"), (names[2], None),
        (names[3], "credit.two_people"), (names[4], "credit.no_arrow"),
        ("BON-none", "credit.unknown"),
    ]  # fmt: skip
    assert [counter.record(n).state for n in names] == [
        S.APPROVED, S.UNDER_REVIEW, S.APPROVED, S.UNDER_REVIEW, S.ELIGIBLE,
    ]  # fmt: skip
    assert counter.record(names[2]).steps[-1].reason == "La noche del 12"
    approved = [row for row in counter.audit() if row[0] == "credit.approved"]
    assert approved == [
        ("credit.approved", "chief", names[0]),
        ("credit.approved", "chief", names[2]),
    ]
    assert counter.is_balanced()


def test_a_night_of_thousands_is_taken_up_and_approved_in_a_few_calls(counter: Counter) -> None:
    names = [CreditId(f"BON-2026-10-{n:04}") for n in range(MOST_AT_ONCE)]
    counter.keep(*(owed(n, contract=f"C-{n}") for n in names))
    for name in names[:250]:
        counter.of(EVA).request(name, ticket="ABC-1", client="77")
    chosen = [Chosen(credit=name) for name in names]
    taken = counter.of(EVA).review_all(chosen)
    assert sum(one.record is not None for one in taken) == 250
    approved = counter.of(LUZ).approve_all(chosen[:250], reason="La noche del 12")
    assert all(one.record is not None for one in approved)
    assert counter.is_balanced()
    with refused("credit.too_many"):
        counter.of(LUZ).approve_all([*chosen, Chosen(credit=CreditId("one-more"))])
    with refused("credit.twice"):
        counter.of(LUZ).approve_all(chosen[:1] * 2)


def test_no_transaction_holds_the_journal_for_a_whole_night(counter: Counter) -> None:
    """The core decides between any two of them."""
    names = [CreditId(f"BON-2026-10-{n:04}") for n in range(60)]
    counter.keep(*(owed(n, contract=f"C-{n}") for n in names))
    for name in names:
        counter.of(EVA).request(name, ticket="ABC-1", client="77")
    watched = Watched(counter.journal)
    commands = replace(counter.of(EVA), journal=watched)
    commands.review_all([Chosen(credit=name) for name in names])
    assert sum(watched.changes) == 60
    assert max(watched.changes) <= 25


def test_to_leave_an_overpayment_with_the_customer_takes_two_people_too(counter: Counter) -> None:
    counter.keep(owed())
    counter.of(CHIEF).request(BON, ticket="ABC-1", client="77")
    less = owed("BON-2026-11-1", ordinal=1, lines=(due("-2.00"),))
    counter.keep(less, state=S.PENDING_HUMAN_APPROVAL)
    for act in ("approve", "reject"):
        with refused("credit.two_people"):
            if act == "approve":
                counter.of(CHIEF).approve("BON-2026-11-1")
            else:
                counter.of(CHIEF).reject("BON-2026-11-1", reason="r", clause="4b")
    done = counter.of(LUZ).reject("BON-2026-11-1", reason="Es nuestro error", clause="4b")
    assert done.state is S.REJECTED


def test_who_asked_may_withdraw_the_request_of_a_customer(counter: Counter) -> None:
    """No money moves: a rejection of a request is one approver's."""
    counter.keep(owed())
    counter.of(CHIEF).request(BON, ticket="ABC-1", client="77")
    assert counter.of(CHIEF).reject(BON, reason="Pedido por error", clause="9a").state is S.REJECTED


def test_there_is_none_of_that_name(counter: Counter) -> None:
    with refused("credit.unknown", NotFound):
        counter.of(LUZ).approve("BON-none")
    with refused("credit.unknown", NotFound):
        counter.reading().show("BON-none")

"""Credits are steps that nobody edits, the ledger follows, and the database wants two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from credits.contract import ContractId
from credits.life.credit import (
    Assumed,
    By,
    Credit,
    CreditId,
    CreditKey,
    CreditRecord,
    LineKey,
    advance,
    approve,
    begin,
    decide,
    request,
)
from credits.life.ledger import Holding, LedgerAccount, PostingId, first_fault, opening
from credits.life.states import FIRST, JOINABLE, CreditState, next_states
from credits.money import Money
from credits.ports import WantedCredits
from monitor.domain.change import Via
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.time.interval import Second
from monitor.journal import migrate as migrating
from monitor.journal.access import SqlJournal, migrate, open_journal, recover
from monitor.journal.database import open_engine, parse_url
from monitor.journal.migrations.versions import r0014_credits
from monitor.journal.ports import JournalError
from monitor.journal.tables import credit_event, exclusion
from tests.credits.life.builders import by, due
from tests.credits.life.builders import credit as built
from tests.journal.builders import rule, window
from tests.support.journals import new_journal

S = CreditState
BON = CreditId("BON-2026-04-77-0")
WAY = [S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLIED]


def one(name: str = BON, *, ordinal: int = 0, contract: str = "C-1", start: int = 0) -> Credit:
    key = CreditKey(ContractId(contract), window(start, start + 1_000), "ab" * 32)
    made = built(due("6.86"), due("62", line="L2", currency="CLP"), ordinal=ordinal)
    return replace(made, id=CreditId(name), key=key)


def keep(journal: SqlJournal, *credits: Credit) -> list[CreditRecord]:
    records = [begin(c, S.ELIGIBLE, by("estado")) for c in credits]
    with journal.transaction() as tx:
        tx.credits.begin(records)
    return records


def take(journal: SqlJournal, *states: CreditState, of: CreditId = BON) -> CreditRecord:
    """Steps as the use cases take them, each in a transaction."""
    for state in states:
        with journal.transaction() as tx:
            record = tx.credits.get(of)
            who = by("luz" if state is S.APPROVED else "ana")
            step = advance(record, state, who, ticket="T" if state is S.REQUESTED else "")
            tx.credits.append([record.with_step(step)])
    with journal.transaction() as tx:
        return tx.credits.get(of)


def write(journal: SqlJournal, **fields: Any) -> None:
    """A step past every use case, as a hand at the database would write it."""
    row = {
        "credit_id": BON, "seq": 4, "state_before": "under_review", "state_after": "approved",
        "at": 2_000, "actor": "luz", "via": "console", "ticket": "", "reason": "", "clause": "",
        "assumed": None, "reference": "",
    }  # fmt: skip
    with journal._engine.begin() as connection:
        connection.execute(sa.insert(credit_event), row | fields)


def propose(journal: SqlJournal, who: str, *, start: int = 100, component: str = "web-1") -> None:
    """An exclusion as a hand at the database would write it."""
    row = {
        "reference": f"x-{who}-{component}-{start}", "revision": 1, "component": component,
        "start": start, "end": start + 100, "cause": "customer", "evidence": "a",
        "proposed_by": who, "decided_at": 300, "withdrawn": False,
    }  # fmt: skip
    with journal._engine.begin() as connection:
        connection.execute(sa.insert(exclusion), row)


def test_it_reads_a_credit_with_every_step_back_equal(journal: SqlJournal) -> None:
    (record,) = keep(journal, replace(one(), lines=(due("0.00", worst="5.10"),)))
    full = By(actor="ana", at=Second(2**40), via=Via.API)
    asked = record.with_step(advance(record, S.REQUESTED, full, ticket="Ñandú-1"))
    step = advance(asked, S.REJECTED, full, reason="Sobrecarga", clause="13b")
    for taken in (asked, asked.with_step(step)):
        with journal.transaction() as tx:
            tx.credits.append([taken])
    with journal.transaction() as tx:
        assert tx.credits.get(BON) == taken
        assert list(tx.credits.within(window(999, 1_500))) == [taken]
        assert list(tx.credits.within(window(1_000, 1_500))) == []
        with pytest.raises(NotFound):
            tx.credits.get(CreditId("BON-2026-04-78-0"))


def test_it_lists_credits_by_their_state_page_by_page(journal: SqlJournal) -> None:
    names = [f"BON-{n}" for n in range(5)]
    keep(journal, *(one(name, contract=f"C-{name}") for name in names))
    take(journal, S.REQUESTED, of=CreditId("BON-3"))
    with journal.transaction() as tx:
        assert [r.id for r in tx.credits.page(CreditId(""), 3)] == names[:3]
        assert [r.id for r in tx.credits.page(CreditId("BON-2"), 9)] == names[3:]
        assert [r.id for r in tx.credits.page(CreditId(""), 9, S.REQUESTED)] == ["BON-3"]
        assert len(tx.credits.page(CreditId(""), 9, S.ELIGIBLE)) == 4


def test_there_is_one_credit_of_a_contract_a_window_and_terms(journal: SqlJournal) -> None:
    keep(journal, one(), one("BON-2", ordinal=1), one("BON-3", start=1_000))
    with pytest.raises(JournalError):
        keep(journal, one("BON-4"))
    with pytest.raises(JournalError):
        keep(journal, one("BON-5", ordinal=1))


def test_what_shares_time_of_the_contract_is_beside_it(journal: SqlJournal) -> None:
    keep(journal, one(), one("BON-2", ordinal=1), one("BON-3", start=1_000), one("B", contract="D"))
    with journal.transaction() as tx:
        assert [r.id for r in tx.credits.beside(one())] == ["BON-2"]


def test_each_step_is_in_the_ledger_with_it(journal: SqlJournal) -> None:
    keep(journal, one())
    record = take(journal, *WAY)
    with journal.transaction() as tx:
        assert first_fault([record], {p.id: p for p in tx.credits.postings()}) is None
        assert tx.credits.balances() == {
            Holding("77", "CLP", LedgerAccount.APPLIED): 62,
            Holding("77", "CLP", LedgerAccount.EXPENSE): -62,
            Holding("77", "USD", LedgerAccount.APPLIED): 686,
            Holding("77", "USD", LedgerAccount.EXPENSE): -686,
        }


def test_what_was_credited_before_is_opened_once(journal: SqlJournal) -> None:
    line = LineKey(ContractId("C-1"), "F-1", "L1")
    for amount in ("1.00", "9.00"):
        money = Money(Decimal(amount), "USD")
        with journal.transaction() as tx:
            tx.credits.open_lines([opening(line, "77", money, Second(5))])
    keep(journal, one())
    with journal.transaction() as tx:
        assert tx.credits.credited()[line] == 100 + 686
        assert tx.credits.credited([ContractId("C-2")]) == {}
        assert tx.credits.credited([ContractId("C-1")], besides=window(0, 10))[line] == 100


def test_it_reads_what_was_opened_page_by_page(journal: SqlJournal) -> None:
    lines = [LineKey(ContractId("C-1"), "F-1", f"L{n}") for n in range(3)]
    opened = [opening(line, "77", Money(Decimal("1.00"), "USD"), Second(5)) for line in lines]
    keep(journal, one())
    with journal.transaction() as tx:
        tx.credits.open_lines(opened)
        first = tx.credits.openings(PostingId(""), 2)
        assert [*first, *tx.credits.openings(first[-1].id, 2)] == opened


def test_what_an_older_schema_held_as_credited_opens_the_ledger(empty_url: str) -> None:
    migrating.upgrade(parse_url(empty_url), "r0013")
    engine = open_engine(parse_url(empty_url))
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO contract (id, client_id, service_id, product, is_suspended)"
                " VALUES ('C-1', '77', '501', 'Hosting', false)"
            )
        )
        for place, credited in enumerate(("12.5", "0")):
            connection.execute(
                sa.text(
                    "INSERT INTO price_segment (contract_id, position, invoice_id, line_id,"
                    ' start, "end", net, currency, weight, already_credited) VALUES'
                    " ('C-1', :place, 'F-1', :line, 0, 100, '100', 'USD', '1', :credited)"
                ),
                {"place": place, "line": f"L{place}", "credited": credited},
            )
    engine.dispose()
    migrate(empty_url, backup=False)
    with open_journal(empty_url) as journal, journal.transaction() as tx:
        found = list(tx.credits.postings())
        lines = [LineKey(ContractId("C-1"), "F-1", f"L{n}") for n in range(2)]
        sums = [Money(Decimal(text), "USD") for text in ("12.50", "0")]
        wanted = [opening(lines[n], "77", sums[n], Second(0)) for n in range(2)]
        assert found == wanted
        tx.credits.open_lines([replace(wanted[1], at=Second(9)), replace(wanted[0], at=Second(9))])
        assert list(tx.credits.postings()) == wanted


def test_of_two_that_take_the_same_step_one_is_stale(journal: SqlJournal) -> None:
    keep(journal, one())
    seen = take(journal, *WAY[:2])
    for name, is_first in (("luz", True), ("eva", False)):
        step = approve(seen, (), by(name))
        if is_first:
            with journal.transaction() as tx:
                tx.credits.append([seen.with_step(step)])
        else:
            with pytest.raises(Stale), journal.transaction() as tx:
                tx.credits.append([seen.with_step(step)])


@pytest.mark.parametrize("last", [S.APPROVED, S.APPLYING])
def test_of_two_processes_that_approve_or_apply_at_once_one_wins(
    url: str, last: CreditState
) -> None:
    with open_journal(url) as journal:
        keep(journal, one())
        take(journal, *WAY[: WAY.index(last)])
    both = Barrier(2)

    def tries(name: str) -> str:
        with open_journal(url) as journal:
            both.wait(30)
            try:
                with journal.transaction() as tx:
                    record = tx.credits.get(BON)
                    tx.credits.append([record.with_step(advance(record, last, by(name)))])
            except Refused:
                return "refused"
            return name

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(tries, ("luz", "eva")))
    with open_journal(url) as journal, journal.transaction() as tx:
        record = tx.credits.get(BON)
        assert said == {record.steps[-1].actor, "refused"}
        assert record.state is last
        assert sum(tx.credits.balances().values()) == 0


def test_of_two_hands_at_the_database_that_approve_at_once_one_wins(url: str) -> None:
    """Past the lock of the use cases: both have seen the same step."""
    with open_journal(url) as journal:
        keep(journal, one())
        take(journal, *WAY[:2])
    both = Barrier(2)

    def tries(name: str) -> str:
        with open_journal(url) as journal:
            both.wait(30)
            try:
                write(journal, actor=name)
            except sa.exc.DBAPIError:
                return "refused"
            return name

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(tries, ("luz", "eva")))
    with open_journal(url) as journal, journal.transaction() as tx:
        assert said == {tx.credits.get(BON).steps[-1].actor, "refused"}


@pytest.fixture
def reviewed(journal: SqlJournal) -> SqlJournal:
    """A credit that ana asked for, under review."""
    keep(journal, one())
    take(journal, *WAY[:2])
    return journal


def refuses(rule: str) -> Any:
    return pytest.raises(sa.exc.DBAPIError, match=f"credit_event: {rule}")


def test_the_database_lets_nobody_approve_what_he_asked_for(reviewed: SqlJournal) -> None:
    with refuses("two_people"):
        write(reviewed, actor="ana")
    write(reviewed)


def test_the_database_knows_who_joined_with_a_ticket(reviewed: SqlJournal) -> None:
    with reviewed.transaction() as tx:
        record = tx.credits.get(BON)
        joined = request(record, "T-2", by("luz"))
        assert joined is not None
        tx.credits.append([record.with_step(joined)])
    with refuses("two_people"):
        write(reviewed, seq=5)
    write(reviewed, seq=5, actor="eva")


def test_the_database_lets_nobody_approve_what_rests_on_his_proposal(
    reviewed: SqlJournal,
) -> None:
    propose(reviewed, "eva", component="mail-1")
    propose(reviewed, "eva", start=1_000)
    propose(reviewed, "luz", start=900)
    with refuses("two_people"):
        write(reviewed)
    write(reviewed, actor="eva")


def test_the_database_lets_nobody_approve_what_took_the_place_of_what_he_asked_for(
    reviewed: SqlJournal,
) -> None:
    take(reviewed, S.SUPERSEDED)
    (record,) = keep(reviewed, one("BON-2", ordinal=1))
    carried = advance(record, S.REQUESTED, by("estado"), ticket="T")
    with reviewed.transaction() as tx:
        tx.credits.append([record.with_step(carried)])
    take(reviewed, S.UNDER_REVIEW, of=CreditId("BON-2"))
    with refuses("two_people"):
        write(reviewed, credit_id="BON-2", actor="ana")
    write(reviewed, credit_id="BON-2")


def test_the_database_lets_nobody_approve_what_he_took_unknown_seconds_for(
    journal: SqlJournal,
) -> None:
    unsure = replace(one(ordinal=1), lines=(due("-6.86", worst="1.00"),))
    record = begin(unsure, S.NEEDS_REVIEW, by("estado"))
    with journal.transaction() as tx:
        tx.credits.begin([record])
    rule(journal, record, Assumed.UP, proposed_by="ana", approved_by="luz")
    with journal.transaction() as tx:
        tx.credits.append([record.with_step(decide(record, Assumed.UP, by("luz"), reason="x"))])
    with refuses("two_people"):
        write(journal, seq=3, state_before="pending_human_approval")
    write(journal, seq=3, state_before="pending_human_approval", actor="eva")


@pytest.mark.parametrize("via", ["", "shell"])
def test_neither_the_machine_nor_the_shell_approves(reviewed: SqlJournal, via: str) -> None:
    with refuses("account"):
        write(reviewed, via=via)


def test_the_database_refuses_what_is_no_arrow(reviewed: SqlJournal) -> None:
    with refuses("arrow"):
        write(reviewed, state_after="applied")
    with refuses("arrow"):
        write(reviewed, state_after="under_review")
    with refuses("follows"):
        write(reviewed, state_before="applying", state_after="applied")
    with refuses("follows"):
        write(reviewed, seq=9)
    with refuses("reason"):
        write(reviewed, state_after="rejected", reason="x")


def test_the_database_lets_a_life_begin_where_the_drawing_does(journal: SqlJournal) -> None:
    keep(journal, one())
    with refuses("ticket"):
        write(journal, seq=2, state_before="eligible", state_after="requested")
    other = one("BON-2", ordinal=1)
    first = replace(begin(other, S.ELIGIBLE, by()).steps[0], after=S.APPROVED)
    with pytest.raises(JournalError, match="credit_event: first"), journal.transaction() as tx:
        tx.credits.begin([CreditRecord(other, (first,))])


def test_the_database_knows_the_same_arrows_as_the_product() -> None:
    arrows = {before: set(after.split()) for before, after in r0014_credits.ARROWS.items()}
    assert arrows == {s.value: {a.value for a in next_states(s)} for s in S if next_states(s)}
    assert set(r0014_credits.FIRST.split()) == {s.value for s in FIRST}
    assert set(r0014_credits._JOINABLE.split()) == {s.value for s in JOINABLE}


@pytest.mark.parametrize("table", ["credit", "credit_event", "ledger_entry"])
@pytest.mark.parametrize("edit", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_nobody_edits_a_credit_a_step_or_an_entry(
    journal: SqlJournal, table: str, edit: str
) -> None:
    keep(journal, one())
    column = {"credit": "period", "credit_event": "actor", "ledger_entry": "account"}[table]
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.credits._connection.execute(sa.text(edit.format(table, column)))


@pytest.mark.parametrize("table", ["credit", "credit_event", "ledger_entry"])
def test_nobody_puts_a_row_into_the_place_of_another(tmp_path: Path, table: str) -> None:
    """SQLite's REPLACE deletes without a trigger."""
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        keep(journal, one())
        statement = sa.text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
        with pytest.raises(JournalError, match="has it already"), journal.transaction() as tx:
            tx.credits._connection.execute(statement)


def test_what_was_approved_once_is_recovered_whatever_was_proposed_since(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with open_journal(new_journal(file)) as journal:
        keep(journal, one())
        record = take(journal, *WAY[:3])
        propose(journal, "luz")
    recover(file, tmp_path / "new.db")
    with open_journal(f"sqlite:///{tmp_path / 'new.db'}") as journal:
        with journal.transaction() as tx:
            assert tx.credits.get(BON) == record
        with refuses("arrow"):
            write(journal, seq=5, state_before="approved")


def test_they_are_found_from_the_newest_month_back_and_by_their_ticket(journal: SqlJournal) -> None:
    names = [f"BON-2026-0{n}-1" for n in range(1, 6)]
    keep(journal, *(one(name, contract=f"C-{name}") for name in names))
    take(journal, S.REQUESTED, of=CreditId(names[3]))
    with journal.transaction() as tx:
        found = tx.credits.listed(WantedCredits(), None, 2)
        assert [r.id for r in found] == names[:-3:-1]
        found = tx.credits.listed(WantedCredits(state=S.ELIGIBLE), CreditId(names[4]), 9)
        assert [r.id for r in found] == names[2::-1]
        found = tx.credits.listed(WantedCredits(contract=f"C-{names[1]}", client="77"), None, 9)
        assert [r.id for r in found] == [names[1]]
        assert tx.credits.listed(WantedCredits(period="2025-01"), None, 9) == []
        assert tx.credits.clients_of_ticket("T") == {"77"}
        assert tx.credits.clients_of_ticket("t") == frozenset()


def test_those_that_are_eligible_since_then_are_found_page_by_page(journal: SqlJournal) -> None:
    names = [f"BON-{n}" for n in range(4)]
    keep(journal, *(one(name, contract=f"C-{name}") for name in names))
    take(journal, S.REQUESTED, of=CreditId(names[1]))
    at = by("estado").at
    with journal.transaction() as tx:
        first = tx.credits.eligible_since(at, CreditId(""), 2)
        assert [r.id for r in first] == [names[0], names[2]]
        assert [r.id for r in tx.credits.eligible_since(at, first[-1].id, 2)] == [names[3]]
        assert tx.credits.eligible_since(Second(at - 1), CreditId(""), 9) == []


def test_only_an_account_releases_what_nobody_knows_the_end_of(journal: SqlJournal) -> None:
    """Neither the machine nor a hand at the shell, past every use case."""
    keep(journal, one())
    take(journal, S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLY_UNKNOWN)
    step = {"seq": 7, "state_before": "apply_unknown", "state_after": "approved"}
    for actor, via in (("estado", ""), ("root", "shell")):
        with pytest.raises(sa.exc.DBAPIError, match="released"):
            write(journal, **step, actor=actor, via=via)
    write(journal, **step, actor="ana", via="api")


def test_nothing_takes_the_place_of_what_a_panel_was_asked_for(journal: SqlJournal) -> None:
    keep(journal, one())
    take(journal, S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLY_UNKNOWN, S.APPROVED)
    step = {"seq": 8, "state_before": "approved", "actor": "estado", "via": ""}
    with pytest.raises(sa.exc.DBAPIError, match="sent"):
        write(journal, **step, state_after="superseded")
    write(journal, **step, state_after="lapsed")

"""What unknown time was is said by two people: the database itself wants both, and neither of them
approves what comes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from credits.life.credit import Assumed, CreditId, CreditRecord, advance, begin, decide
from credits.life.ruling import Chosen, Covered, RulingReference
from credits.life.states import CreditState
from monitor.domain.change import Via
from monitor.domain.exclusions.classification import RevisionState
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal, recover
from monitor.journal.ports import JournalError
from monitor.journal.tables import ruling as ruling_table
from monitor.journal.tables import ruling_credit
from tests.credits.life.builders import by, due
from tests.journal.builders import rule, ruling
from tests.journal.test_credits import BON, one, refuses, write
from tests.support.journals import new_journal

S = CreditState
R1 = RulingReference("r1")
APPROVED, REFUSED = RevisionState.APPROVED, RevisionState.REFUSED


@pytest.fixture
def unsure(journal: SqlJournal) -> CreditRecord:
    """A credit that waits: nothing where its unknown seconds were up, else 5.10."""
    return waiting(journal)


def waiting(journal: SqlJournal, name: str = BON, *, ordinal: int = 0) -> CreditRecord:
    made = replace(one(name, ordinal=ordinal), lines=(due("0.00", worst="5.10"),))
    record = begin(made, S.NEEDS_REVIEW, by("estado"))
    with journal.transaction() as tx:
        tx.credits.begin([record])
    return record


def step(record: CreditRecord, assumed: Assumed, who: str) -> CreditRecord:
    return record.with_step(decide(record, assumed, by(who), reason="Consta"))


def keep(journal: SqlJournal, record: CreditRecord) -> None:
    with journal.transaction() as tx:
        tx.credits.append([record])


def insert(journal: SqlJournal, **fields: Any) -> None:
    """A step of a ruling past every use case."""
    row = {
        "reference": "r1", "revision": 2, "assumed": "down", "credits": 1, "evidence": "x",
        "files": [], "links": [], "proposed_by": "ana", "approved_by": "luz", "reason": "x",
        "via": "api", "at": 500,
    }  # fmt: skip
    with journal._engine.begin() as connection:
        connection.execute(sa.insert(ruling_table), row | fields)


def ruled(rule: str) -> Any:
    return pytest.raises(sa.exc.DBAPIError, match=rule)


def test_it_reads_each_step_back_equal_with_what_it_covers(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    asked = ruling()
    steps = [asked, asked.decided(REFUSED, by="luz", reason="Falta el registro", at=Second(400))]
    steps.append(replace(asked, revision=3, chosen=Chosen(month="2026-04")))
    steps.append(replace(asked, revision=4, chosen=None, assumed=Assumed.CLOSED, at=Second(2**40)))
    covered = [Covered(credit=unsure.id, seq=1)]
    for taken in steps:
        with journal.transaction() as tx:
            tx.rulings.append(taken, Via.API, covered if taken.state is not REFUSED else ())
    with journal.transaction() as tx:
        assert list(tx.rulings.get(R1).steps) == steps
        assert [record.newest for record in tx.rulings.every()] == steps[-1:]
        assert [tx.rulings.covered(R1, n) for n in (1, 2, 4)] == [covered, [], covered]
        assert tx.rulings.covering([unsure.id]) == {R1}
        assert tx.rulings.covering([CreditId("BON-2")]) == frozenset()
        assert tx.rulings.speakers(unsure.credit) == {"ana"}
        with pytest.raises(NotFound):
            tx.rulings.get(RulingReference("r2"))


def test_of_two_that_take_the_same_step_one_is_stale(journal: SqlJournal) -> None:
    asked = ruling()
    decided = asked.decided(APPROVED, by="luz", reason="Consta", at=Second(400))
    for taken in (asked, decided):
        with journal.transaction() as tx:
            tx.rulings.append(taken, Via.API)
    with pytest.raises(Stale), journal.transaction() as tx:
        tx.rulings.append(replace(decided, decided_by="eva", state=REFUSED), Via.API)


def test_the_database_wants_somebody_else_to_decide(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    with journal.transaction() as tx:
        tx.rulings.append(ruling(), Via.API)
        tx.rulings.append(replace(ruling(by="eva"), revision=2), Via.API)
    for name in ("ana", "eva"):
        for column in ("approved_by", "refused_by"):
            decision = {"approved_by": None, column: name}
            with ruled("ruling: two_people"):
                insert(journal, revision=3, proposed_by="eva", **decision)
    insert(journal, revision=3, proposed_by="eva")


@pytest.mark.parametrize("via", ["", "shell"])
@pytest.mark.parametrize("approved_by", [None, "luz"])
def test_neither_the_machine_nor_the_shell_says_what_was(
    journal: SqlJournal, via: str, approved_by: str | None
) -> None:
    with journal.transaction() as tx:
        tx.rulings.append(ruling(), Via.API)
    with ruled("ruling: account"):
        insert(journal, via=via, approved_by=approved_by)
    insert(journal, via="console", approved_by=approved_by)


@pytest.mark.parametrize(
    "other", [{"assumed": "up"}, {"proposed_by": "eva"}, {"revision": 3}, {"reference": "r2"}]
)
def test_a_decision_is_about_the_proposal_right_before_it(
    journal: SqlJournal, other: dict[str, Any]
) -> None:
    with journal.transaction() as tx:
        tx.rulings.append(ruling(), Via.API)
    with ruled("ruling: decides"):
        insert(journal, **other)
    insert(journal)


def test_nothing_follows_an_approval_and_nobody_adds_to_what_was_decided(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    rule(journal, unsure, Assumed.DOWN, proposed_by="ana", approved_by="luz")
    other = waiting(journal, "BON-2", ordinal=1)
    with ruled("ruling: over"):
        insert(journal, revision=3, approved_by=None)
    held = {"reference": "r1", "revision": 1, "credit_id": other.id, "seq": 1}
    with ruled("ruling_credit: decided"), journal._engine.begin() as connection:
        connection.execute(sa.insert(ruling_credit), held)


def test_the_database_lets_a_credit_be_decided_by_an_approved_ruling_alone(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    decision = {"seq": 2, "state_before": "needs_review", "state_after": "eligible"}
    with refuses("ruled"):
        write(journal, **decision, assumed="down")
    with journal.transaction() as tx:
        tx.rulings.append(ruling(), Via.API, [Covered(credit=unsure.id, seq=1)])
    with refuses("ruled"):
        write(journal, **decision, assumed="down")
    insert(journal)
    for wrong in ({"assumed": "up"}, {"assumed": None}, {"assumed": "down", "actor": "ana"}):
        with refuses("ruled"):
            write(journal, **decision, **wrong)
    with refuses("ruled"):
        write(journal, **{**decision, "state_after": "closed_no_breach"}, assumed="closed")
    write(journal, **decision, assumed="down")


def test_a_ruling_that_was_refused_or_is_about_an_older_step_decides_nothing(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    stale = Covered(credit=unsure.id, seq=2)
    with journal.transaction() as tx:
        tx.rulings.append(ruling(), Via.API, [Covered(credit=unsure.id, seq=1)])
        tx.rulings.append(ruling(reference="r2"), Via.API, [stale])
    insert(journal, approved_by=None, refused_by="luz")
    insert(journal, reference="r2")
    with refuses("ruled"):
        write(journal, seq=2, state_before="needs_review", state_after="eligible", assumed="down")


def test_a_month_that_is_counted_anew_supersedes_what_waits_without_a_ruling(
    journal: SqlJournal, unsure: CreditRecord
) -> None:
    keep(journal, unsure.with_step(advance(unsure, S.SUPERSEDED, by("estado"))))


@pytest.mark.parametrize("who", ["ana", "luz"])
def test_the_database_lets_neither_of_the_two_approve_what_comes_of_it(
    journal: SqlJournal, unsure: CreditRecord, who: str
) -> None:
    rule(journal, unsure, Assumed.DOWN, proposed_by="ana", approved_by="luz")
    record = step(unsure, Assumed.DOWN, "luz")
    keep(journal, record)
    for state in (S.REQUESTED, S.UNDER_REVIEW):
        ticket = "T" if state is S.REQUESTED else ""
        record = record.with_step(advance(record, state, by("eva"), ticket=ticket))
        keep(journal, record)
    with refuses("two_people"):
        write(journal, seq=5, actor=who)
    write(journal, seq=5, actor="zoe")


@pytest.mark.parametrize("who", ["ana", "luz"])
def test_nor_what_took_its_place_when_the_month_was_counted_anew(
    journal: SqlJournal, unsure: CreditRecord, who: str
) -> None:
    rule(journal, unsure, Assumed.DOWN, proposed_by="ana", approved_by="luz")
    record = step(unsure, Assumed.DOWN, "luz")
    keep(journal, record)
    keep(journal, record.with_step(advance(record, S.SUPERSEDED, by("estado"))))
    made = replace(one("BON-2", ordinal=1), adjusts=BON)
    fresh = begin(made, S.ELIGIBLE, by("estado"))
    with journal.transaction() as tx:
        tx.credits.begin([fresh])
        assert tx.rulings.speakers(made) == {"ana", "luz"}
    for state in (S.REQUESTED, S.UNDER_REVIEW):
        ticket = "T" if state is S.REQUESTED else ""
        fresh = fresh.with_step(advance(fresh, state, by("eva"), ticket=ticket))
        keep(journal, fresh)
    with refuses("two_people"):
        write(journal, credit_id="BON-2", actor=who)
    write(journal, credit_id="BON-2", actor="zoe")


@pytest.mark.parametrize("edit", ["UPDATE {} SET revision = 9", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["ruling", "ruling_credit"])
def test_nobody_edits_what_was_said(
    journal: SqlJournal, unsure: CreditRecord, table: str, edit: str
) -> None:
    rule(journal, unsure, Assumed.UP, proposed_by="ana", approved_by="luz")
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.rulings._connection.execute(sa.text(edit.format(table)))


def test_nobody_puts_a_row_into_the_place_of_another(tmp_path: Path) -> None:
    """SQLite's REPLACE deletes without a trigger."""
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        with journal.transaction() as tx:
            tx.credits.begin([begin(one(), S.ELIGIBLE, by("estado"))])
            tx.rulings.append(ruling(), Via.API, [Covered(credit=BON, seq=1)])
        said = sa.text("INSERT OR REPLACE INTO ruling SELECT * FROM ruling")
        with journal.transaction() as tx:
            assert tx.rulings._connection.execute(said).rowcount == 0
        held = sa.text("INSERT OR REPLACE INTO ruling_credit SELECT * FROM ruling_credit")
        with pytest.raises(JournalError, match="has it already"), journal.transaction() as tx:
            tx.rulings._connection.execute(held)


def test_what_was_decided_once_is_recovered_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with open_journal(new_journal(file)) as journal:
        unsure = waiting(journal)
        rule(journal, unsure, Assumed.DOWN, proposed_by="ana", approved_by="luz")
        decided = step(unsure, Assumed.DOWN, "luz")
        keep(journal, decided)
    recover(file, tmp_path / "new.db")
    with open_journal(f"sqlite:///{tmp_path / 'new.db'}") as journal:
        with journal.transaction() as tx:
            assert tx.credits.get(BON) == decided
            assert tx.rulings.get(R1).newest.decided_by == "luz"
        with refuses("arrow"):
            write(journal, seq=3, state_before="eligible", state_after="applied")

"""What a report rests on is stored with it, part by part, and nobody edits it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from credits.contract import ContractId
from credits.ports import EvidencePart
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal, recover
from monitor.journal.ports import JournalError
from tests.support.journals import new_journal

MONTH = "2026-10"


def part(number: int, first: str = "") -> EvidencePart:
    return EvidencePart(number=number, first=first, hash=f"h{number}", body=bytes([0, number, 255]))


PARTS = [part(0), part(1, "C-1"), part(2, "C-4"), part(3, "Ñ-1")]


def keep(journal: SqlJournal, revisions: int = 1) -> None:
    with journal.transaction() as tx:
        for number in range(1, revisions + 1):
            tx.reports.keep(MONTH, hash=f"hash {number}", body="{}", at=Second(number))
            tx.evidence.keep(MONTH, number, PARTS[: 5 - number])


@pytest.mark.parametrize(
    ("contract", "number"), [("C-1", 1), ("C-3", 1), ("C-4", 2), ("C-9", 2), ("Ñ-1", 3)]
)
def test_a_contract_is_in_the_last_part_that_begins_before_it(
    journal: SqlJournal, contract: str, number: int
) -> None:
    keep(journal)
    with journal.transaction() as tx:
        found = tx.evidence.of(MONTH, 1, ContractId(contract))
    assert found == (PARTS[0], PARTS[number])


def test_each_revision_has_its_own(journal: SqlJournal) -> None:
    keep(journal, revisions=2)
    with journal.transaction() as tx:
        found = [tx.evidence.of(MONTH, number, ContractId("Ñ-1")) for number in (1, 2)]
    assert [pair and pair[1].number for pair in found] == [3, 2]


def test_a_report_without_any_says_so(journal: SqlJournal) -> None:
    keep(journal)
    with journal.transaction() as tx:
        assert tx.evidence.of("2026-09", 1, ContractId("C-1")) is None
        assert tx.evidence.of(MONTH, 1, ContractId("A-1")) is None


def test_nothing_is_stored_of_a_report_that_is_not_there(journal: SqlJournal) -> None:
    with pytest.raises(JournalError), journal.transaction() as tx:
        tx.evidence.keep("2026-09", 1, PARTS)


def test_what_fails_after_it_takes_it_back(journal: SqlJournal) -> None:
    """One transaction: a process that dies before its commit leaves neither report nor parts."""
    with pytest.raises(KeyboardInterrupt):
        break_off(journal)
    with journal.transaction() as tx:
        assert tx.reports.of(MONTH) == []
        assert tx.evidence.of(MONTH, 1, ContractId("C-1")) is None


def break_off(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.reports.keep(MONTH, hash="hash", body="{}", at=Second(1))
        tx.evidence.keep(MONTH, 1, PARTS)
        raise KeyboardInterrupt


@pytest.mark.parametrize("edit", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"])
def test_nobody_edits_it(journal: SqlJournal, edit: str) -> None:
    keep(journal)
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.evidence._connection.execute(sa.text(edit.format("report_evidence")))


def test_nobody_puts_a_part_into_the_place_of_another(tmp_path: Path) -> None:
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        keep(journal)
        statement = sa.text("INSERT OR REPLACE INTO report_evidence SELECT * FROM report_evidence")
        with pytest.raises(JournalError, match="has it already"), journal.transaction() as tx:
            tx.evidence._connection.execute(statement)


def test_it_is_recovered_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with open_journal(new_journal(file)) as journal:
        keep(journal)
    recover(file, tmp_path / "new.db")
    with open_journal(f"sqlite:///{tmp_path / 'new.db'}") as journal, journal.transaction() as tx:
        assert tx.evidence.of(MONTH, 1, ContractId("C-4")) == (PARTS[0], PARTS[2])

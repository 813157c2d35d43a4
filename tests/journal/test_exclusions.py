"""Classifications are steps that nobody edits, and the database itself wants two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import (
    Evidence,
    EvidenceFile,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Second
from monitor.journal import migrate as migrating
from monitor.journal.access import SqlJournal, migrate, open_journal
from monitor.journal.database import open_engine, parse_url
from monitor.journal.ports import JournalError
from monitor.journal.tables import exclusion
from tests.journal.builders import window
from tests.support.journals import new_journal

X1 = ExclusionReference("x1")
PROPOSED = ExclusionRevision(
    reference=X1, revision=1, component=ComponentId("mail"), interval=window(100, 200),
    cause="external_provider", incident=IncidentId("k3f9a2"), proposed_by="ana", at=Second(300),
    evidence=Evidence(
        text="Corte del proveedor «Ñandú»",
        files=(EvidenceFile(name="traza.txt", sha256="ab" * 32, bytes=2**40),),
        links=("https://example.org/aviso",),
    ),
)  # fmt: skip


def classify(journal: SqlJournal, **fields: Any) -> None:
    """A row past every use case, as a hand at the database would write it."""
    row = {
        "reference": "x1",
        "revision": 1,
        "component": "mail",
        "start": 100,
        "end": 200,
        "cause": "force_majeure",
        "evidence": "ticket ABC",
        "proposed_by": "ana",
        "approved_by": "luz",
        "decided_at": 300,
        "withdrawn": False,
    }
    with journal._engine.begin() as connection:
        connection.execute(sa.insert(exclusion), row | fields)


def approved(journal: SqlJournal, start: int, end: int) -> list[tuple[int, int]]:
    with journal.transaction() as tx:
        found = tx.exclusions.approved(window(start, end))
    return [(e.interval.start, e.interval.end) for e in found]


def test_it_keeps_every_step_as_it_was_taken(journal: SqlJournal) -> None:
    steps = [
        PROPOSED,
        PROPOSED.decided(RevisionState.REFUSED, by="luz", reason="Falta el aviso", at=Second(400)),
        replace(PROPOSED, revision=3, proposed_by="eva", is_withdrawal=True, incident=None),
    ]
    steps.append(steps[-1].decided(RevisionState.APPROVED, by="luz", reason="Sí", at=Second(500)))
    for step in steps:
        with journal.transaction() as tx:
            tx.exclusions.append(step)
    with journal.transaction() as tx:
        assert list(tx.exclusions.get(X1).revisions) == steps
        assert [record.newest for record in tx.exclusions.every()] == steps[-1:]
        with pytest.raises(NotFound):
            tx.exclusions.get(ExclusionReference("x2"))


def test_of_two_that_take_the_same_step_one_wins(journal: SqlJournal) -> None:
    decided = PROPOSED.decided(RevisionState.APPROVED, by="luz", reason="Sí", at=Second(400))
    for step in (PROPOSED, decided):
        with journal.transaction() as tx:
            tx.exclusions.append(step)
    with pytest.raises(Stale), journal.transaction() as tx:
        tx.exclusions.append(replace(decided, decided_by="eva", state=RevisionState.REFUSED))
    with journal.transaction() as tx:
        assert tx.exclusions.get(X1).newest == decided


def test_of_two_processes_that_decide_at_once_one_wins(url: str) -> None:
    with open_journal(url) as journal, journal.transaction() as tx:
        tx.exclusions.append(PROPOSED)
    both = Barrier(2)

    def decides(name: str) -> str:
        with open_journal(url) as journal:
            both.wait(30)
            try:
                with journal.transaction() as tx:
                    pending = tx.exclusions.get(X1).revisions[0]
                    tx.exclusions.append(
                        pending.decided(
                            RevisionState.APPROVED, by=name, reason="Sí", at=Second(400)
                        )
                    )
            except Stale:
                return "stale"
            return name

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(decides, ("luz", "eva")))
    with open_journal(url) as journal, journal.transaction() as tx:
        (winner,) = [one.decided_by for one in tx.exclusions.in_force(window(0, 1000))]
        assert len(tx.exclusions.get(X1).revisions) == 2
    assert said == {winner, "stale"}


def test_it_gives_approved_classifications_alone(journal: SqlJournal) -> None:
    classify(journal)
    classify(journal, reference="x2", approved_by=None, start=110)
    classify(journal, reference="x3", approved_by=None, refused_by="luz", start=120)
    with journal.transaction() as tx:
        found = tx.exclusions.approved(window(0, 1000))
    assert found == (
        Exclusion(component=ComponentId("mail"), interval=window(100, 200), cause="force_majeure"),
    )


def test_it_takes_the_highest_approved_revision_of_a_classification(journal: SqlJournal) -> None:
    classify(journal)
    classify(journal, revision=2, end=150)
    assert approved(journal, 0, 1000) == [(100, 150)]
    assert approved(journal, 160, 1000) == []
    classify(journal, revision=3, approved_by=None)
    classify(journal, revision=4, approved_by=None, refused_by="luz")
    assert approved(journal, 0, 1000) == [(100, 150)]
    classify(journal, revision=5, withdrawn=True)
    assert approved(journal, 0, 1000) == []


def test_it_gives_classifications_that_overlap_the_window(journal: SqlJournal) -> None:
    classify(journal)
    assert approved(journal, 200, 300) == []
    assert approved(journal, 199, 300) == [(100, 200)]
    assert approved(journal, 0, 100) == []


@pytest.mark.parametrize("decides", ["approved_by", "refused_by"])
def test_the_database_lets_nobody_decide_what_they_proposed(
    journal: SqlJournal, decides: str
) -> None:
    nobody = {"approved_by": None, "refused_by": None}
    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        classify(journal, **nobody | {decides: "ana"})


@pytest.mark.parametrize("decides", ["approved_by", "refused_by"])
def test_the_database_refuses_whoever_proposed_any_revision_of_the_reference(
    journal: SqlJournal, decides: str
) -> None:
    nobody = {"approved_by": None, "refused_by": None}
    classify(journal, **nobody)
    classify(journal, revision=2, proposed_by="eva", **nobody)
    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        classify(journal, revision=3, proposed_by="eva", **nobody | {decides: "ana"})
    classify(journal, reference="x2", proposed_by="eva", **nobody | {decides: "ana"})
    classify(journal, revision=3, proposed_by="eva", **nobody | {decides: "luz"})


def test_the_database_takes_one_decision_in_a_step(journal: SqlJournal) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="one_decision"):
        classify(journal, refused_by="eva")


@pytest.mark.parametrize(
    "edit", ["UPDATE exclusion SET approved_by = 'eva'", "DELETE FROM exclusion"]
)
def test_nobody_edits_a_step(journal: SqlJournal, edit: str) -> None:
    classify(journal)
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.exclusions._connection.execute(sa.text(edit))


def test_nobody_puts_a_step_into_the_place_of_another(tmp_path: Path) -> None:
    """SQLite's REPLACE deletes without a trigger."""
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        classify(journal)
        row = (
            'INSERT OR REPLACE INTO exclusion (reference, revision, component, start, "end", cause,'
            " evidence, proposed_by, decided_at, withdrawn, id) SELECT reference, revision,"
            " component, start, \"end\", cause, evidence, 'bob', decided_at, withdrawn, {id}"
            " FROM exclusion"
        )
        for number in ("id", "id + 1"):
            with journal.transaction() as tx:
                tx.exclusions._connection.execute(sa.text(row.format(id=number)))
            with journal.transaction() as tx:
                assert [s.proposed_by for s in tx.exclusions.get(X1).revisions] == ["ana"]


_OLD_ROW = sa.text(
    'INSERT INTO exclusion (reference, revision, component, start, "end", cause, evidence, '
    "proposed_by, approved_by, decided_at, withdrawn) VALUES "
    "(:reference, 1, 'mail', 100, 200, 'customer', 'a', 'ana', :approver, 300, false)"
)


def test_what_an_older_schema_holds_is_approved_or_waits(empty_url: str) -> None:
    migrating.upgrade(parse_url(empty_url), "r0012")
    engine = open_engine(parse_url(empty_url))
    with engine.begin() as connection:
        for reference, approver in (("x1", "luz"), ("x2", None)):
            connection.execute(_OLD_ROW, {"reference": reference, "approver": approver})
    engine.dispose()
    migrate(empty_url, backup=False)
    with open_journal(empty_url) as journal, journal.transaction() as tx:
        states = {r.reference: r.newest.state for r in tx.exclusions.every()}
        assert states == {"x1": RevisionState.APPROVED, "x2": RevisionState.PROPOSED}
        assert tx.exclusions.get(X1).newest.evidence == Evidence(text="a")
        assert [one.decided_by for one in tx.exclusions.in_force(window(0, 1000))] == ["luz"]

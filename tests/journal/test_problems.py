"""What customers said, as it is stored: whole, newest first, gone after its time."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import Problem, ProblemKind, ProblemRef, Said
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal

WEB = ComponentId("web")
FIRST = Problem(
    said=Said(
        ref=ProblemRef("AAAA2222"), kind=ProblemKind.FAILS, component=WEB, text="Ñandú\n<b>",
        locale="es", sender="s", at=Second(100),
    ),
    level="sla-1",
)  # fmt: skip
SECOND = replace(
    FIRST,
    said=replace(FIRST.said, ref=ProblemRef("BBBB2222"), component=None, at=Second(200)),
    answer_by=Second(300), incident=IncidentId("k3f9a2"), looked_at=Second(210), seen="web: up",
    closed_at=Second(400), closed_by="ana", note="x",
)  # fmt: skip


def test_it_is_read_as_it_was_saved(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.problems.save(FIRST)
        tx.problems.save(SECOND)
    with journal.transaction() as tx:
        assert tx.problems.get(FIRST.said.ref) == FIRST
        assert tx.problems.listed(10, with_closed=True) == [SECOND, FIRST]
        assert tx.problems.listed(10, with_closed=False) == [FIRST]
        assert tx.problems.of_component(WEB, Second(100)) == [FIRST]
        assert tx.problems.of_component(WEB, Second(101)) == []


def test_what_is_old_is_forgotten(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.problems.save(FIRST)
        tx.problems.save(SECOND)
        assert tx.problems.forget(Second(200)) == 1
        assert tx.problems.listed(10, with_closed=True) == [SECOND]


def test_when_operators_heard_is_remembered(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.problems.told_at(WEB) is None
        tx.problems.tell(WEB, Second(5))
    with journal.transaction() as tx:
        assert tx.problems.told_at(WEB) == Second(5)

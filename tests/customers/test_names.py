"""The list of domains: read with all its mistakes, replaced as a whole, joined with contracts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.customers.names import read_names, replace_names, served_names
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from tests.support.journals import new_journal

WEB, MAIL, OWN = map(ComponentId, ("web-1", "mail-1", "own"))
KNOWN = (WEB, MAIL, OWN)
ANA = Actor(id="ana", kind=ActorKind.PERSON)
NOW = Second(1_000)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    with open_journal(new_journal(tmp_path / "journal.db")) as opened:
        yield opened


def test_a_file_is_read_as_billing_exports_it() -> None:
    text = "components;name\r\nweb-1 mail-1;www.Ejemplo.com\r\nown;ejemplo.com\r\n"
    found = read_names(io.StringIO(text), KNOWN)
    assert found.problems == []
    assert found.names == {"ejemplo.com": {WEB, MAIL, OWN}}


def test_every_mistake_is_told_with_its_line() -> None:
    text = "name,components\nnada,web-1\na.example,\nb.example,web-2 mail-1\nc.example\n"
    found = read_names(io.StringIO(text), KNOWN)
    assert found.problems == [
        (2, "wanted a domain such as example.com, got 'nada'"),
        (3, "wanted at least one component, got 'none'"),
        (4, "wanted a component (web-1?), got 'web-2'"),
        (5, "wanted 2 cells, got '1'"),
    ]


def test_other_columns_are_refused() -> None:
    found = read_names(io.StringIO("domain,components\na.example,web-1\n"), KNOWN)
    assert found.problems == [
        (1, "wanted the columns name and components, got 'domain, components'")
    ]


def test_a_list_replaces_the_one_before_and_its_record_names_nobody(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        replace_names(tx, {"a.example": {WEB}, "b.example": {WEB}}, ANA, NOW)
    with journal.transaction() as tx:
        done = replace_names(tx, {"b.example": {MAIL}, "c.example": {WEB}}, ANA, NOW)
    assert (done.total, done.added, done.changed, done.removed) == (2, 1, 1, 1)
    with journal.transaction() as tx:
        assert tx.customer_names.listed() == {"b.example": (MAIL,), "c.example": (WEB,)}
        (_, second) = tx.changes.since(0, 10)
    assert (second.kind, second.actor) == ("names.imported", "ana")
    assert dict(second.after) == {"total": 2, "added": 1, "changed": 1, "removed": 1}


def test_the_same_list_again_changes_nothing(journal: SqlJournal) -> None:
    for _ in range(2):
        with journal.transaction() as tx:
            replace_names(tx, {"a.example": {WEB}}, ANA, NOW)
    with journal.transaction() as tx:
        assert tx.customer_names.version() == 1
        assert len(tx.changes.since(0, 10)) == 1


def test_what_is_private_serves_nobody(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        replace_names(tx, {"a.example": {WEB, OWN}, "b.example": {OWN}}, ANA, NOW)
        assert served_names(tx, {WEB, MAIL}, NOW) == {"a.example": [WEB]}

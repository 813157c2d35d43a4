"""A transaction is one: all of it or nothing, alone, and durable when it returns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from monitor.domain.refusals import NotFound, Stale
from monitor.domain.text import Text
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import Journal, JournalError
from tests.journal.builders import WEB, change, decided, incident, step, window
from tests.journal.postgres import cut_sessions
from tests.journal.processes import STOP_MIDWAY, WRITE_CHANGES, kill, rest, running, said


@pytest.fixture
def command(url: str) -> Iterator[SqlJournal]:
    """The same journal as another process has it open."""
    with open_journal(url) as opened:
        yield opened


def subjects(journal: SqlJournal) -> list[str]:
    with journal.transaction() as tx:
        return [c.subject for c in tx.changes.since(0, 1000)]


def fail_midway(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("half")])
        tx.transitions.append(decided(step("down", 100)))
        tx.folds.save({}, 77)
        raise NotFound("on purpose")


def test_it_is_a_journal(journal: SqlJournal) -> None:
    port: Journal = journal
    with port.transaction() as tx:
        assert tx.changes.last() == 0


def test_it_keeps_nothing_of_what_failed_and_goes_on(journal: SqlJournal) -> None:
    with pytest.raises(NotFound):
        fail_midway(journal)
    with journal.transaction() as tx:
        assert (tx.changes.last(), tx.folds.cursor()) == (0, 0)
        assert tx.transitions.drawing(window(0, 999)) == {}
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 100)))
    with journal.transaction() as tx:
        assert tx.transitions.drawing(window(0, 999)) == {WEB: [step("down", 100)]}


def test_it_lets_core_and_command_meet_in_the_revision(
    journal: SqlJournal, command: SqlJournal
) -> None:
    with journal.transaction() as tx:
        seen = tx.incidents.save(incident())
    with command.transaction() as tx:
        titled = tx.incidents.save(replace(seen, person_title=Text({"es": "Correo lento"})))
    with pytest.raises(Stale), journal.transaction() as tx:
        tx.incidents.save(seen)
    with journal.transaction() as tx:
        assert tx.incidents.get(seen.id) == titled


def test_it_has_a_second_transaction_wait_so_that_seq_is_the_order_of_commit(
    journal: SqlJournal, command: SqlJournal, url: str
) -> None:
    seen: list[int] = []

    def act() -> None:
        with command.transaction() as tx:
            seen.append(tx.changes.last())
            tx.changes.append([change("second")])

    other = threading.Thread(target=act)
    with journal.transaction() as tx:
        tx.changes.append([change("first")])
        other.start()
        if url.startswith("postgresql"):
            wait_for_a_waiting_session(url)
        assert seen == []
        tx.changes.append([change("first too")])
    other.join()
    assert seen == [2]
    assert subjects(journal) == ["first", "first too", "second"]


def wait_for_a_waiting_session(url: str) -> None:
    """Until somebody waits for somebody else's lock: then the order is no accident."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(url, autocommit=True) as session:
        while session.execute(waiting).fetchone() == (0,):
            pass


def test_it_may_be_used_by_one_thread_after_another(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("here")])
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(subjects, journal).result() == ["here"]
    assert subjects(journal) == ["here"]


def test_it_goes_on_after_the_server_cut_its_session(postgres_url: str) -> None:
    with open_journal(postgres_url) as journal:
        with journal.transaction() as tx:
            tx.changes.append([change("before")])
        cut_sessions(postgres_url, "estado")
        assert subjects(journal) == ["before"]


def test_it_keeps_nothing_of_a_transaction_whose_session_was_cut(postgres_url: str) -> None:
    with open_journal(postgres_url) as journal:
        with pytest.raises(JournalError, match="terminat"):
            write_while_cut(journal, postgres_url)
        assert subjects(journal) == []


def write_while_cut(journal: SqlJournal, url: str) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("lost")])
        cut_sessions(url, "estado")
        tx.changes.append([change("lost too")])


def test_it_writes_from_two_processes_at_once_and_loses_nothing(url: str) -> None:
    with (
        running(WRITE_CHANGES, url) as one,
        running(WRITE_CHANGES, url) as two,
        open_journal(url) as journal,
    ):
        assert (len(rest(one)), len(rest(two))) == (10, 10)
        with journal.transaction() as tx:
            changes = tx.changes.since(0, 100)
    assert [c.seq for c in changes] == list(range(1, 21))
    assert sorted(c.subject for c in changes) == sorted(2 * [str(n) for n in range(10)])


def test_it_leaves_nothing_half_where_the_process_is_killed_midway(
    url: str, journal: SqlJournal
) -> None:
    with running(STOP_MIDWAY, url) as child:
        assert said(child) == "written"
        kill(child)
    with journal.transaction() as tx:
        assert tx.changes.last() == 0
        assert tx.incidents.unresolved() == ()
        assert tx.transitions.drawing(window(0, 999)) == {}


@pytest.mark.parametrize(
    ("point", "kept"), [("journal.commit.before", 2), ("journal.commit.after", 3)]
)
def test_it_keeps_what_was_committed_before_a_kill(
    url: str, journal: SqlJournal, point: str, kept: int
) -> None:
    with running(WRITE_CHANGES, url, ESTADO_KILL_AT=f"{point}:3") as child:
        acknowledged = rest(child)
        assert child.wait() == -9
    assert acknowledged == ["0", "1"]
    assert len(subjects(journal)) == kept


def test_it_speaks_of_the_database_without_its_password(postgres_url: str) -> None:
    url = postgres_url.replace("postgres@", "postgres:s3cret@").replace("journal_", "absent_")
    with pytest.raises(JournalError, match="does not exist") as refused:
        open_journal(url)
    assert "s3cret" not in str(refused.value)
    assert "***" in str(refused.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://localhost/x", "SQLite or PostgreSQL, got mysql"),
        ("sqlite://", "a SQLite journal is a file"),
        ("here.db", "not understood"),
    ],
)
def test_it_names_what_an_address_should_look_like(address: str, words: str) -> None:
    with pytest.raises(JournalError, match=words):
        open_journal(address)


def test_it_writes_through_to_the_disk_in_sqlite(sqlite_url: str) -> None:
    full = 2
    with open_journal(sqlite_url) as journal, journal._engine.begin() as connection:
        wanted = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.execute(sa.text(f"PRAGMA {name}")).scalar() for name in wanted]
    assert found == ["wal", full, 1, 10_000]

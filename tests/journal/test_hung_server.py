"""A PostgreSQL that is there and silent: the journal gives up in time, and works again after it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from monitor.journal import postgres
from monitor.journal.access import SqlJournal, open_journal, open_lease
from monitor.journal.database import open_engine, parse_url
from monitor.journal.locks import session_lock
from monitor.journal.ports import JournalError
from tests.journal.builders import change
from tests.journal.conftest import new_database
from tests.journal.postgres import PostgresServer
from tests.support.standstill import stop_and_wait


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(postgres, "ANSWER_S", 0.4)
    return 0.4


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """One to silence, which nobody else asks."""
    server = PostgresServer.start()
    yield server
    server.stop()


def subjects(journal: SqlJournal) -> list[str]:
    with journal.transaction() as tx:
        return [c.subject for c in tx.changes.since(0, 1000)]


def until_it_answers(journal: SqlJournal) -> list[str]:
    for _ in range(100):
        try:
            return subjects(journal)
        except JournalError:
            pass
    raise AssertionError("it never answered")


def write_to_silence(journal: SqlJournal) -> int:
    """A transaction whose session is stopped in the middle of it; the session's process."""
    with journal.transaction() as tx:
        tx.changes.append([change("half")])
        pid = int(tx.changes._connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
        stop_and_wait(pid)
        try:
            tx.changes.append([change("unheard")])
        finally:
            os.kill(pid, signal.SIGCONT)
    return pid


def test_it_gives_up_a_session_that_says_nothing_and_goes_on_with_another(
    postgres_url: str, limit: float
) -> None:
    with open_journal(postgres_url) as journal:
        began = time.monotonic()
        with pytest.raises(JournalError, match=f"has not answered for {limit:g} s"):
            write_to_silence(journal)
        assert limit <= time.monotonic() - began < limit + 5
        assert subjects(journal) == []


def test_it_waits_as_long_as_anything_comes(postgres_url: str, limit: float) -> None:
    """Rows that trickle in over more than the limit are an answer; so are statements in a row."""
    slowly = sa.text("SELECT pg_sleep(0.05) FROM generate_series(1, 4)")
    engine = open_engine(parse_url(postgres_url))
    began = time.monotonic()
    with engine.connect() as connection:
        for _ in range(3):
            assert len(connection.execute(slowly).all()) == 4
    engine.dispose()
    assert time.monotonic() - began > limit


def test_it_gives_up_a_server_that_takes_connections_and_says_nothing(
    own_server: PostgresServer, postgres_template: str
) -> None:
    url = f"{own_server.url(new_database(own_server))}&connect_timeout=2"
    with own_server.silent(), pytest.raises(JournalError, match="timeout expired"):
        open_journal(url)
    with pytest.raises(JournalError, match="is empty"):
        open_journal(url)


@pytest.mark.usefixtures("limit")
def test_it_notices_that_the_session_of_its_lock_says_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.journal.locks.lease._CHECK_EVERY_S", 0.0)
    lease = open_lease(postgres_url)
    with lease as epoch, open_journal(postgres_url, epoch=epoch, lease=lease) as journal:
        lock = lease._lock
        assert isinstance(lock, session_lock.SessionLock)
        assert lock._session is not None
        pid = lock._session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        stop_and_wait(pid)
        # The stopped session holds the lock until it hears that it was left.
        with pytest.raises(JournalError, match="still held by our own former session"):
            subjects(journal)
        os.kill(pid, signal.SIGCONT)
        assert until_it_answers(journal) == []


def test_the_server_ends_a_statement_that_takes_too_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_S", 1)
    engine = open_engine(parse_url(postgres_url))
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="timeout"):
        connection.execute(sa.text("SELECT pg_sleep(20)"))
    engine.dispose()


@pytest.mark.parametrize(("patient", "wanted"), [(False, "30s"), (True, "0")])
def test_a_migration_may_take_longer_than_a_core(
    postgres_url: str, patient: bool, wanted: str
) -> None:
    engine = open_engine(parse_url(postgres_url), patient=patient)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == wanted
        driver = connection.connection.driver_connection
        assert isinstance(driver, postgres.BoundedConnection) is not patient
    engine.dispose()


def test_it_keeps_what_the_address_itself_says(postgres_url: str) -> None:
    url = f"{postgres_url}&keepalives_idle=77&options=-c%20statement_timeout%3D7s"
    engine = open_engine(parse_url(url))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        told = driver.info.get_parameters()
        limit = connection.execute(sa.text("SHOW statement_timeout")).scalar()
        wait = connection.execute(sa.text("SHOW lock_timeout")).scalar()
    engine.dispose()
    assert (told["keepalives_idle"], told["tcp_user_timeout"]) == ("77", "20000")
    assert (limit, wait) == ("7s", "10s")

"""A process that is stopped within its transaction: who it is, and how long others wait for it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.journal.access import SqlJournal, open_journal, open_lease
from monitor.journal.database import (
    CORE_BUSY_MS,
    GUEST_STOPPED_MS,
    HELD_BUSY_MS,
    open_engine,
    parse_url,
)
from monitor.journal.locks.holder import find_holder, is_held
from monitor.journal.ports import JournalBusy, JournalError
from monitor.runtime.processes.other_process import look_at
from tests.journal.builders import change
from tests.journal.processes import STOP_MIDWAY, running, said

_HOLD = """
import sqlite3, sys
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("PRAGMA locking_mode = " + sys.argv[2])
holder.execute("BEGIN " + sys.argv[3])
holder.execute("UPDATE change_counter SET seq = seq")
print("held", flush=True)
sys.stdin.readline()
"""


def file_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


@pytest.mark.parametrize("mode", [("NORMAL", "IMMEDIATE"), ("EXCLUSIVE", "EXCLUSIVE")])
def test_the_kernel_names_who_holds_the_journal(sqlite_url: str, mode: tuple[str, str]) -> None:
    assert find_holder(sqlite_url) is None
    with running(_HOLD, file_of(sqlite_url), *mode) as other:
        assert said(other) == "held"
        assert find_holder(sqlite_url) == other.pid
        assert is_held(sqlite_url)
        found = look_at(other.pid)
        assert found is not None
        assert not found.is_stopped
        other.send_signal(signal.SIGSTOP)
        stopped(other)
        found = look_at(other.pid)
        assert found is not None
        assert found.is_stopped
    assert find_holder(sqlite_url) is None
    assert not is_held(sqlite_url)


def test_to_ask_releases_none_of_our_own_locks(sqlite_url: str) -> None:
    with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as own:
        own.execute("PRAGMA journal_mode = WAL")
        own.execute("BEGIN IMMEDIATE")
        assert find_holder(sqlite_url) is not None
        with running(_HOLD, file_of(sqlite_url), "NORMAL", "IMMEDIATE") as other:
            assert said(other) == "", "another process began beside us"
        own.execute("ROLLBACK")


def test_one_who_only_reads_holds_nobody_up(sqlite_url: str) -> None:
    with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM change_counter").fetchall()
        assert find_holder(sqlite_url) is None
        assert not is_held(sqlite_url)


def test_nobody_is_named_where_there_is_no_journal(tmp_path: Path) -> None:
    assert find_holder(f"sqlite:///{tmp_path / 'none.db'}") is None
    assert not (tmp_path / "none.db").exists()


def stopped(other: subprocess.Popen[str]) -> None:
    """Until the signal has reached it."""
    while (found := look_at(other.pid)) is not None and not found.is_stopped:
        time.sleep(0.01)


def test_a_core_waits_a_moment_and_then_hardly_at_all(sqlite_url: str) -> None:
    lease = open_lease(sqlite_url)
    with lease as epoch, open_journal(sqlite_url, epoch=epoch, lease=lease) as journal:
        with running(_HOLD, file_of(sqlite_url), "NORMAL", "IMMEDIATE") as other:
            said(other)
            waits = []
            for _ in range(3):
                began = time.monotonic()
                with pytest.raises(JournalBusy, match="locked"), journal.transaction():
                    pass
                waits.append(1000 * (time.monotonic() - began))
            assert waits[0] > CORE_BUSY_MS * 0.9
            assert max(waits[1:]) < CORE_BUSY_MS * 0.9
            assert min(waits[1:]) > HELD_BUSY_MS * 0.5
        with journal.transaction() as tx:
            tx.changes.append([change("afterwards")])


def test_a_failure_within_a_transaction_is_not_taken_for_a_wait(sqlite_url: str) -> None:
    """What the caller holds may be ahead of the journal then."""
    busy = sa.exc.OperationalError("", {}, sqlite3.OperationalError("database is locked"))
    with (
        open_journal(sqlite_url) as journal,
        pytest.raises(JournalError) as caught,
        journal.transaction(),
    ):
        raise busy
    assert not isinstance(caught.value, JournalBusy)


def subjects(journal: SqlJournal) -> list[str]:
    with journal.transaction() as tx:
        return [c.subject for c in tx.changes.since(0, 10)]


def test_postgresql_ends_a_guest_that_is_stopped_and_the_core_goes_on(postgres_url: str) -> None:
    lease = open_lease(postgres_url)
    with (
        lease as epoch,
        open_journal(postgres_url, epoch=epoch, lease=lease) as journal,
        running(STOP_MIDWAY, postgres_url) as guest,
    ):
        assert said(guest) == "written"
        guest.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(JournalBusy, match="lock timeout"):
            subjects(journal)
        while time.monotonic() - began < GUEST_STOPPED_MS / 1000 + 10:
            with suppress(JournalBusy):
                assert subjects(journal) == []
                break
        assert time.monotonic() - began < GUEST_STOPPED_MS / 1000 + 5
        guest.send_signal(signal.SIGCONT)
        guest.communicate(input="go on\n", timeout=30)
        assert guest.returncode == 1, "it says that its transaction was ended"
        assert subjects(journal) == []


@pytest.mark.parametrize("is_core", [True, False])
def test_a_session_is_limited_by_what_it_is_for(postgres_url: str, is_core: bool) -> None:
    wanted = {
        "lock_timeout": "1500ms" if is_core else "10s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min" if is_core else "10s",
    }
    url = parse_url(postgres_url)
    engine = (
        open_engine(url, busy_ms=CORE_BUSY_MS)
        if is_core
        else open_engine(url, stopped_ms=GUEST_STOPPED_MS)
    )
    with engine.connect() as connection:
        shown = {name: connection.execute(sa.text(f"SHOW {name}")).scalar() for name in wanted}
    engine.dispose()
    assert shown == wanted

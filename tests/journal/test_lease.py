"""One core per journal: the second is refused by name, death frees it, the cut off one is told."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from monitor.journal import migrate as migrating
from monitor.journal.access import SqlJournal, migrate, open_journal, open_lease
from monitor.journal.database import parse_url
from monitor.journal.locks import lease as lease_module
from monitor.journal.locks.ports import Lease, LeaseTaken
from monitor.journal.ports import Deposed, JournalError
from monitor.journal.schema import HEAD
from tests.journal.builders import change
from tests.journal.postgres import cut_sessions
from tests.journal.processes import HOLD_LEASE, HOLD_LOCK, kill, running, said
from tests.support.patience import PATIENCE_S


def test_it_counts_an_epoch_for_each_holder(url: str) -> None:
    lease: Lease = open_lease(url)
    with lease as first:
        pass
    with open_lease(url) as second:
        assert (first, second) == (1, 2)


def test_it_refuses_a_second_core_naming_host_and_pid(url: str) -> None:
    with open_lease(url), pytest.raises(LeaseTaken) as refused, open_lease(url):
        pass
    assert f"on {socket.gethostname()} (pid {os.getpid()})" in str(refused.value)


def test_it_refuses_while_another_process_holds_it_and_is_freed_by_its_death(url: str) -> None:
    with running(HOLD_LEASE, url) as holder:
        assert said(holder) == "1"
        with pytest.raises(LeaseTaken, match=rf"pid {holder.pid}\b"), open_lease(url):
            pass
        kill(holder)
        with open_lease(url) as epoch:
            assert epoch == 2


def test_it_counts_no_epoch_for_who_is_refused(url: str) -> None:
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        with pytest.raises(LeaseTaken), open_lease(url):
            pass
        with journal.transaction() as tx:
            tx.changes.append([change("still mine")])


def test_it_tells_a_deposed_core_at_its_next_transaction(url: str) -> None:
    with open_lease(url) as old:
        pass
    with open_journal(url, epoch=old) as deposed, open_journal(url) as command:
        with deposed.transaction() as tx:
            tx.changes.append([change("mine")])
        with open_lease(url), pytest.raises(Deposed, match=rf"pid {os.getpid()}\b"):
            write_something(deposed)
        with command.transaction() as tx:
            assert [c.subject for c in tx.changes.since(0, 9)] == ["mine"]


def write_something(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("void")])


def test_it_deposes_a_core_whose_session_the_server_lost(postgres_url: str) -> None:
    url = postgres_url
    with open_lease(url) as old, open_journal(url, epoch=old) as cut_off:
        cut_sessions(url, "on ")
        with open_lease(url) as new, open_journal(url, epoch=new) as holder:
            write_something(holder)
            with pytest.raises(Deposed):
                write_something(cut_off)


@pytest.fixture
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "_CHECK_EVERY_S", 0.0)


@pytest.mark.usefixtures("_looks_each_time")
def test_it_takes_its_lock_again_where_the_server_lost_it(postgres_url: str) -> None:
    lease = open_lease(postgres_url)
    with lease as epoch, open_journal(postgres_url, epoch=epoch, lease=lease) as journal:
        for _ in range(2):
            cut_sessions(postgres_url, "on ")
            write_something(journal)
            with pytest.raises(LeaseTaken), open_lease(postgres_url):
                pass
    with open_lease(postgres_url) as after:
        assert after == 2


@pytest.mark.usefixtures("_looks_each_time")
def test_it_stops_a_core_whose_lock_went_to_somebody_else(postgres_url: str) -> None:
    """A migration holds the lock without an epoch: the lock alone tells."""
    lease = open_lease(postgres_url)
    with lease as epoch, open_journal(postgres_url, epoch=epoch, lease=lease) as journal:
        cut_sessions(postgres_url, "on ")
        with running(HOLD_LOCK, postgres_url) as migration:
            assert said(migration) == "held"
            with pytest.raises(Deposed, match=rf"lock was lost.*pid {migration.pid}\b"):
                write_something(journal)


def test_a_migration_deposes_a_core_that_did_not_notice_it(empty_url: str) -> None:
    migrate(empty_url)
    with open_lease(empty_url) as epoch, open_journal(empty_url, epoch=epoch) as core:
        migrating.upgrade(parse_url(empty_url), HEAD, depose=True)
        with pytest.raises(Deposed):
            write_something(core)


def test_it_outwaits_a_holder_that_says_nothing_any_more(postgres_url: str) -> None:
    with running(HOLD_LEASE, postgres_url) as holder:
        assert said(holder) == "1"
        end = threading.Timer(0.5, kill, [holder])
        end.start()
        with open_lease(postgres_url, patience_s=30) as epoch:
            assert epoch == 2
        end.join()


@pytest.mark.usefixtures("_looks_each_time")
def test_it_does_not_outwait_a_core_that_lives(postgres_url: str) -> None:
    lease = open_lease(postgres_url)
    ended = threading.Event()

    def work() -> None:
        with lease as epoch, open_journal(postgres_url, epoch=epoch, lease=lease) as journal:
            began.set()
            while not ended.is_set():
                write_something(journal)

    began = threading.Event()
    core = threading.Thread(target=work)
    core.start()
    assert began.wait(PATIENCE_S)
    since = time.monotonic()
    try:
        with pytest.raises(LeaseTaken), open_lease(postgres_url, patience_s=50):
            pass
    finally:
        ended.set()
        core.join()
    assert time.monotonic() - since < 20


def test_it_lets_commands_write_while_a_core_holds_it(url: str) -> None:
    with open_lease(url), open_journal(url) as command, command.transaction() as tx:
        tx.changes.append([change("by hand")])


def test_it_gives_the_lease_back_where_the_schema_is_not_current(empty_url: str) -> None:
    with pytest.raises(JournalError, match="estado journal migrate"), open_lease(empty_url):
        pass
    migrate(empty_url)
    with open_lease(empty_url) as epoch:
        assert epoch == 1

"""What a request reads is of one moment, by one transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from monitor.api.ports import ApiJournal, ApiTransaction
from monitor.api.shared_reading import SharedReading
from monitor.domain.accounts.permissions import AccountRole
from monitor.journal.ports import JournalError
from monitor.roles.console.journal import ReadingJournal, WritingJournal
from tests.api.service import service
from tests.console.visitor import Visitor
from tests.journal.builders import change
from tests.support.journals import new_journal


class Counting:
    """Implements `ApiJournal`; it counts transactions by thread."""

    def __init__(self, journal: ApiJournal) -> None:
        self._journal = journal
        self.begun: list[str] = []

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        self.begun.append(threading.current_thread().name)
        with self._journal.transaction() as tx:
            yield tx


class Away:
    """Implements `ApiJournal`: there is none."""

    def transaction(self) -> AbstractContextManager[ApiTransaction]:
        raise JournalError("away")


@pytest.mark.parametrize("path", ["/", "/monitor", "/components/web", "/checks/web-check"])
async def test_a_screen_reads_the_journal_once(tmp_path: Path, path: str) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    counting = Counting(ReadingJournal(lambda: url))
    async with service(tmp_path, with_pages=True, reading=counting) as made:
        visitor = Visitor(made)
        await visitor.sign_in(AccountRole.ADMIN)
        await visitor.get(path)
        counting.begun.clear()
        assert (await visitor.get(path)).status == 200
        # The month's budgets are counted on a thread of their own.
        assert sum(name.startswith("api") for name in counting.begun) == 1


async def test_an_operation_that_reads_does_so_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    counting = Counting(ReadingJournal(lambda: url))
    async with service(tmp_path, reading=counting) as made:
        key = made.key_of(AccountRole.ADMIN)
        for path in ("/state", "/monitor", "/incidents"):
            counting.begun.clear()
            assert (await made.ask("GET", path, key=key)).status == 200
            assert sum(name.startswith("api") for name in counting.begun) == 1


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_journal(tmp_path / "journal.db")


def test_a_moment_does_not_move_and_the_next_transaction_sees_what_came(url: str) -> None:
    shared, writing = SharedReading(ReadingJournal(lambda: url)), WritingJournal(lambda: url)
    with shared.moment():
        with shared.transaction() as tx:
            before = tx.changes.last()
        with writing.transaction() as tx:
            tx.changes.append([change("incident.opened")])
        with shared.transaction() as tx:
            assert tx.changes.last() == before
    with shared.transaction() as tx:
        assert tx.changes.last() == before + 1


def test_another_thread_has_a_transaction_of_its_own(url: str) -> None:
    counting = Counting(ReadingJournal(lambda: url))
    shared = SharedReading(counting)

    def read() -> None:
        with shared.transaction() as tx:
            tx.changes.last()

    with shared.moment():
        read()
        thread = threading.Thread(target=read, name="another")
        thread.start()
        thread.join()
        read()
    assert counting.begun == ["MainThread", "another"]


def test_a_moment_in_which_nothing_is_read_opens_nothing() -> None:
    with SharedReading(Away()).moment():
        pass


def test_what_reads_hears_that_the_journal_is_away_and_may_try_again() -> None:
    shared = SharedReading(Away())
    with shared.moment():
        for _ in range(2):
            with pytest.raises(JournalError, match="away"), shared.transaction():
                raise AssertionError("it was read")

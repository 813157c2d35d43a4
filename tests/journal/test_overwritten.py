"""A journal that is overwritten in place under its core: the same name and inode, other pages."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.journal.access import SqlJournal, migrate, open_journal, open_lease
from monitor.journal.locks import lease, own_file
from monitor.journal.ports import Deposed, JournalDamaged
from tests.journal.builders import change

OVERWRITTEN = r"journal.db was overwritten by another file while it was in use; stop the product"


@pytest.fixture(autouse=True)
def _every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and stamps come with each transaction."""
    monkeypatch.setattr(lease, "_CHECK_EVERY_S", -1.0)
    monkeypatch.setattr(own_file, "_STAMP_S", -1.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "journal.db"
    migrate(address(file), backup=False)
    return file


def address(file: Path) -> str:
    return f"sqlite:///{file}"


@contextmanager
def core(file: Path) -> Iterator[SqlJournal]:
    held = open_lease(address(file))
    with held as epoch, open_journal(address(file), epoch=epoch, lease=held) as journal:
        yield journal


def write(journal: SqlJournal, *words: str) -> None:
    for word in words:
        with journal.transaction() as tx:
            tx.changes.append([change(word)])


def look(journal: SqlJournal) -> None:
    held = journal._lease
    assert held is not None
    held.keep()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def subjects(file: Path) -> list[str]:
    with open_journal(address(file)) as journal, journal.transaction() as tx:
        return [found.subject for found in tx.changes.since(0, 1_000)]


def copied_over(source: Path, file: Path) -> None:
    """As `cp` does: into the same inode."""
    inode = file.stat().st_ino
    shutil.copyfile(source, file)
    assert file.stat().st_ino == inode


def foreign(folder: Path, *words: str) -> Path:
    """Of another installation, whose core was started as often, and later."""
    folder.mkdir()
    file = folder / "journal.db"
    migrate(address(file), backup=False)
    with core(file) as journal:
        write(journal, *words)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE core_epoch SET pid = pid + 1, taken_at = taken_at + 100")
    return file


def checkpoint(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()


def test_another_journal_copied_over_it_is_noticed_and_stays_as_it_was_copied(
    file: Path, tmp_path: Path
) -> None:
    other = foreign(tmp_path / "other", "theirs", "theirs too")
    with core(file) as journal:
        write(journal, *(f"mine {number}" for number in range(20)))
        copied_over(other, file)
        with pytest.raises(Deposed, match=OVERWRITTEN), journal.transaction():
            pass
    assert file.read_bytes() == other.read_bytes(), "nothing of ours was written into it"
    assert subjects(file) == subjects(other)


def test_a_copy_of_an_earlier_run_is_another_file(file: Path, tmp_path: Path) -> None:
    with core(file) as journal:
        write(journal, "first")
    backup = shutil.copyfile(file, tmp_path / "backup.db")
    with core(file) as journal:
        write(journal, "second")
        copied_over(backup, file)
        with pytest.raises(Deposed, match=OVERWRITTEN), journal.transaction():
            pass
    assert subjects(file) == subjects(backup)


def test_a_copy_of_the_same_run_is_known_by_its_age(file: Path, tmp_path: Path) -> None:
    with core(file) as journal:
        write(journal, "first")
        checkpoint(file)
        backup = shutil.copyfile(file, tmp_path / "backup.db")
        write(journal, "second", "third")
        checkpoint(file)
        write(journal, "fourth")
        copied_over(backup, file)
        with pytest.raises(Deposed, match=OVERWRITTEN), journal.transaction():
            pass
    assert subjects(file) == subjects(backup)


def test_an_emptied_file_is_noticed_at_the_second_look_and_stays_empty(file: Path) -> None:
    with core(file) as journal:
        write(journal, "mine")
        file.write_bytes(b"")
        look(journal)
        with pytest.raises(Deposed, match=OVERWRITTEN):
            look(journal)
    assert file.read_bytes() == b""


def test_what_cannot_be_read_is_damage_and_costs_nothing_of_the_log(file: Path) -> None:
    with core(file) as journal:
        write(journal, "mine")
        file.write_bytes(b"not a database, " * 1_000)
        for _ in range(3):
            look(journal)
        with pytest.raises(JournalDamaged, match="file is not a database"):
            look(journal)
        assert file.with_name("journal.db-wal").stat().st_size > 0


def test_a_copy_that_is_half_done_at_a_look_is_named_once_it_is_whole(
    file: Path, tmp_path: Path
) -> None:
    other = foreign(tmp_path / "other", "theirs")
    with core(file) as journal:
        write(journal, "mine")
        file.write_bytes(other.read_bytes()[:8192])
        look(journal)
        copied_over(other, file)
        with pytest.raises(Deposed, match=OVERWRITTEN):
            look(journal)
    assert file.read_bytes() == other.read_bytes()


def test_a_journal_that_is_only_written_read_and_checkpointed_is_its_own(file: Path) -> None:
    with core(file) as journal, open_journal(address(file)) as command:
        before = 0
        for number in range(60):
            write(journal, f"mine {number}")
            write(command, f"a command's {number}")
            if number % 7 == 0:
                checkpoint(file)
            if number == 20:
                before = open_files()
        assert open_files() <= before, "looks leave no file open"


def test_a_look_takes_no_lock_from_the_connections_of_its_process(file: Path) -> None:
    with core(file) as journal, journal.transaction() as tx:
        tx.changes.append([change("mine")])
        look(journal)
        with (
            closing(sqlite3.connect(file, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")


def test_a_core_that_starts_beside_a_reader_is_not_taken_for_another(file: Path) -> None:
    with core(file) as journal:
        write(journal, "of the run before")
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM core_epoch").fetchall()
        with core(file) as journal:
            write(journal, "mine", "mine too")
            reader.execute("COMMIT")
            checkpoint(file)
            write(journal, "and on")

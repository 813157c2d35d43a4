"""A damaged SQLite journal: found, never written to, and what can be read goes into a new file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.change import Change
from monitor.domain.time.interval import Second
from monitor.journal.access import check_integrity, migrate, open_journal, recover
from monitor.journal.database import parse_url
from monitor.journal.locks.file_lock import FileLock
from monitor.journal.ports import Deposed, JournalDamaged, JournalError

PAGE = 4096
INTERIOR = 5
"""What the first byte of such a page of a table is."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A journal with two thousand changes, all of it in its one file."""
    made = tmp_path / "journal.db"
    migrate(address(made), backup=False)
    changes = [
        Change(
            at=Second(n), actor="machine", kind="note", subject=f"s{n}", before={}, after={"n": n}
        )
        for n in range(2_000)
    ]
    with open_journal(address(made)) as journal, journal.transaction() as tx:
        tx.changes.append(changes)
        tx.revisions.add(hash="h", text="t", effective_from=Second(0))
    with sqlite3.connect(made) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return made


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def spoil_leaf(file: Path) -> None:
    """One page in the middle of the changes becomes garbage."""
    content = file.read_bytes()
    page = content.index(b"s1000") // PAGE
    with file.open("r+b") as opened:
        opened.seek(page * PAGE)
        opened.write(os.urandom(PAGE))


def test_a_whole_journal_passes(file: Path) -> None:
    check_integrity(address(file))


def test_damage_in_the_middle_of_a_page_is_found_before_it_is_needed(file: Path) -> None:
    spoil_leaf(file)
    with open_journal(address(file)) as journal, journal.transaction() as tx:
        assert tx.revisions.headers()
    with pytest.raises(JournalDamaged):
        check_integrity(address(file))


def test_what_is_no_database_is_called_damaged_by_whoever_opens_it(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 500)
    with pytest.raises(JournalDamaged, match="not a database"):
        open_journal(address(file))


def test_one_bad_page_costs_the_rows_on_it_and_no_others(file: Path, tmp_path: Path) -> None:
    spoil_leaf(file)
    before = file.read_bytes()
    done = {table.name: table for table in recover(file, tmp_path / "new.db")}
    assert file.read_bytes() == before
    assert 1_900 < done["change"].rows < 2_000
    assert not done["change"].is_whole
    assert (done["catalogue_revision"].rows, done["catalogue_revision"].is_whole) == (1, True)
    check_integrity(address(tmp_path / "new.db"))
    with open_journal(address(tmp_path / "new.db")) as journal, journal.transaction() as tx:
        assert [kept.hash for kept in tx.revisions.headers()] == ["h"]
        assert tx.changes.last() == 2_000


def test_a_bad_page_high_in_a_table_costs_the_rows_beneath_it_and_no_others(
    file: Path, tmp_path: Path
) -> None:
    """Of thousands of rows that cannot be reached, thousands behind them were lost as well."""
    grow(file, 60_000)
    spoil_interior(file)
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as source:
        reached = {row for row in map(reads_behind(source), range(60_000)) if row is not None}
    assert 10_000 < len(reached) < 55_000
    done = {table.name: table.rows for table in recover(file, tmp_path / "new.db")}
    assert done["change"] == len(reached)


def grow(file: Path, rows: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(change)")]
        copied = ", ".join("n" if name == "seq" else name for name in columns)
        connection.execute(
            "WITH RECURSIVE number(n) AS (SELECT 2001 UNION ALL SELECT n + 1 FROM number"  # noqa: S608
            f" WHERE n < {rows}) INSERT INTO change SELECT {copied} FROM number,"
            " (SELECT * FROM change LIMIT 1)"
        )
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def spoil_interior(file: Path) -> None:
    """The page that the first cell of the root of the changes' tree points to, which is no leaf."""
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'change'"
        ).fetchone()
    content, begin = file.read_bytes(), (root - 1) * PAGE
    cell = begin + int.from_bytes(content[begin + 12 : begin + 14], "big")
    child = (int.from_bytes(content[cell : cell + 4], "big") - 1) * PAGE
    assert (content[begin], content[child]) == (INTERIOR, INTERIOR)
    with file.open("r+b") as opened:
        opened.seek(child)
        opened.write(os.urandom(PAGE))


def reads_behind(source: sqlite3.Connection) -> Callable[[int], int | None]:
    def read(position: int) -> int | None:
        query = "SELECT rowid, * FROM change WHERE rowid > ? ORDER BY rowid LIMIT 1"
        try:
            return int(source.execute(query, (position,)).fetchone()[0])
        except sqlite3.DatabaseError:
            return None

    return read


def test_a_whole_journal_is_recovered_row_by_row(file: Path, tmp_path: Path) -> None:
    done = recover(file, tmp_path / "new.db")
    assert all(table.is_whole for table in done)
    assert {t.name: t.rows for t in done}["change"] == 2_000


def test_recovery_overwrites_nothing(file: Path) -> None:
    with pytest.raises(JournalError, match="is there already: name a new file"):
        recover(file, file)


def test_a_header_that_is_gone_is_said_as_such(file: Path, tmp_path: Path) -> None:
    file.write_bytes(os.urandom(PAGE) + file.read_bytes()[PAGE:])
    with pytest.raises(JournalError, match=r"nothing of .* can be read .*: put back a copy of it"):
        recover(file, tmp_path / "new.db")


@pytest.mark.parametrize(
    ("is_replaced", "words"), [(True, "replaced by another file"), (False, "moved away")]
)
def test_a_journal_taken_from_under_its_core_is_noticed_and_named(
    file: Path, is_replaced: bool, words: str
) -> None:
    lock = FileLock(parse_url(address(file)))
    with lock:
        lock.keep()
        file.rename(file.with_name("elsewhere.db"))
        if is_replaced:
            file.write_bytes(b"")
        with pytest.raises(Deposed, match=f"{file} was {words} while it was in use"):
            lock.keep()

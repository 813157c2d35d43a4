"""Whoever only looks on sees what is committed, waits for nobody and cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.checks.fold import FoldState
from monitor.domain.time.interval import Second
from monitor.journal import migrate as migrating
from monitor.journal.access import SqlJournal, migrate, open_journal, open_journal_to_read
from monitor.journal.database import parse_url
from monitor.journal.ports import JournalError
from monitor.journal.schema import REVISIONS
from tests.journal.builders import MAIL, WEB, change, decided, step, window


@pytest.fixture
def reading(url: str, journal: SqlJournal) -> Iterator[SqlJournal]:
    with open_journal_to_read(url) as opened:
        yield opened


def test_it_sees_what_is_committed_and_does_not_wait_for_the_rest(
    journal: SqlJournal, reading: SqlJournal
) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100)))
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 200)))
        with reading.transaction() as seen:
            assert len(seen.transitions.drawing(window(0, 1000))[WEB]) == 1
    with reading.transaction() as seen:
        assert len(seen.transitions.drawing(window(0, 1000))[WEB]) == 2


def test_it_sees_one_moment_throughout(journal: SqlJournal, reading: SqlJournal) -> None:
    with reading.transaction() as seen:
        assert seen.transitions.newest() == 0
        with journal.transaction() as tx:
            tx.transitions.append(decided(step("up", 100)))
        assert seen.transitions.newest() == 0


def test_it_cannot_write(reading: SqlJournal) -> None:
    with pytest.raises(JournalError, match=r"read-?only"), reading.transaction() as tx:
        tx.changes.append([change("nobody")])


def test_it_gives_the_folds_that_are_named(journal: SqlJournal, reading: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
        tx.transitions.append(decided(step("up", 100), step("down", 300), key=MAIL))
        tx.folds.save({WEB: FoldState(failures=1), MAIL: FoldState(failures=2)}, cursor=1)
    with reading.transaction() as tx:
        assert tx.folds.states([MAIL]) == {MAIL: FoldState(failures=2)}
        drawn = tx.transitions.drawing(window(250, 1000), [WEB])
        assert {key: len(found) for key, found in drawn.items()} == {WEB: 1}
        assert tx.transitions.drawing(window(0, 1000), []) == {}


def test_the_newest_revision_is_known_without_its_text(
    journal: SqlJournal, reading: SqlJournal
) -> None:
    with reading.transaction() as tx:
        assert tx.revisions.newest() == 0
    with journal.transaction() as tx:
        tx.revisions.add(hash="a", text="x", effective_from=Second(0))
        kept = tx.revisions.add(hash="b", text="y", effective_from=Second(60))
    with reading.transaction() as tx:
        assert tx.revisions.newest() == kept.number


def test_a_journal_that_was_put_in_its_place_is_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    migrate(url)
    other_url = f"sqlite:///{tmp_path / 'other.db'}"
    migrate(other_url)
    with open_journal_to_read(url) as reading:
        with open_journal(other_url) as other, other.transaction() as tx:
            tx.revisions.add(hash="a", text="x", effective_from=Second(0))
        (tmp_path / "other.db").replace(tmp_path / "journal.db")
        with reading.transaction() as tx:
            assert tx.revisions.newest() == 1


def test_a_journal_of_another_schema_in_its_place_is_not_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    migrate(url)
    migrating.upgrade(parse_url(f"sqlite:///{tmp_path / 'old.db'}"), REVISIONS[0])
    with open_journal_to_read(url) as reading:
        (tmp_path / "old.db").replace(tmp_path / "journal.db")
        with pytest.raises(JournalError, match="estado journal migrate"), reading.transaction():
            raise AssertionError("it was read")


def test_what_holds_no_journal_is_told_with_the_way_out(empty_url: str, tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    if empty_url.startswith("sqlite"):
        with pytest.raises(JournalError, match="is empty; make it with"):
            open_journal_to_read(empty_url)
        assert not file.exists(), "reading makes no file"
        file.touch()
    with (
        open_journal_to_read(empty_url) as reading,
        pytest.raises(JournalError, match="is empty; make it with"),
        reading.transaction(),
    ):
        raise AssertionError("it was read")

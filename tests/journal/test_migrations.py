"""The schema grows by steps that nobody edits, after a copy, and never under a running core."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.journal import migrate as migrating
from monitor.journal.access import (
    Migrated,
    SchemaState,
    migrate,
    open_journal,
    open_lease,
    schema_state,
)
from monitor.journal.database import open_engine, parse_url
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import JournalError
from monitor.journal.schema import HEAD, REVISIONS
from monitor.journal.tables import METADATA
from tests.journal.builders import WEB, decided, step, window
from tests.journal.processes import HOLD_LEASE, running, said


@pytest.fixture
def old_url(empty_url: str) -> str:
    """A journal of the first schema with a row in it."""
    migrating.upgrade(parse_url(empty_url), REVISIONS[0])
    execute(empty_url, "INSERT INTO cursor (name, seq) VALUES ('results.fold', 41)")
    return empty_url


def execute(url: str, statement: str) -> None:
    engine = open_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def differences(url: str) -> list[Any]:
    """What separates the tables in the code from those in the database."""
    engine = open_engine(parse_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, METADATA)
    engine.dispose()
    return list(found)


def cursor_of(url: str) -> int:
    with open_journal(url) as journal, journal.transaction() as tx:
        return tx.folds.cursor()


def test_it_makes_the_tables_that_the_code_names(empty_url: str) -> None:
    assert migrate(empty_url) == Migrated(before=None, after=HEAD)
    assert differences(empty_url) == []


def test_it_would_notice_a_column_that_the_code_does_not_name(url: str) -> None:
    execute(url, "ALTER TABLE cursor ADD COLUMN stray BIGINT")
    assert [d[0] for d in differences(url)] == ["remove_column"]


def test_it_lists_every_step_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating._SCRIPTS))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == REVISIONS


def test_it_tells_how_a_schema_stands(empty_url: str) -> None:
    assert schema_state(empty_url) is SchemaState.EMPTY
    migrating.upgrade(parse_url(empty_url), REVISIONS[0])
    assert schema_state(empty_url) is SchemaState.BEHIND
    migrate(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT
    execute(empty_url, "UPDATE alembic_version SET version_num = 'r9999'")
    assert schema_state(empty_url) is SchemaState.AHEAD


def test_it_makes_no_file_by_looking(tmp_path: Path) -> None:
    assert schema_state(f"sqlite:///{tmp_path}/journal.db") is SchemaState.EMPTY
    assert list(tmp_path.iterdir()) == []


def test_it_opens_no_journal_without_a_schema(empty_url: str) -> None:
    with pytest.raises(JournalError, match="is empty; make it with: estado journal migrate"):
        open_journal(empty_url)


def test_it_opens_no_journal_of_an_older_schema(old_url: str) -> None:
    with pytest.raises(JournalError, match=r"has schema r0001.*estado journal migrate"):
        open_journal(old_url)


def test_it_touches_no_journal_of_a_newer_schema(url: str) -> None:
    execute(url, "UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(JournalError, match=r"r9999, which is newer .* put back the copy"):
        open_journal(url)
    with pytest.raises(JournalError, match="r9999"):
        migrate(url)


def test_it_brings_an_older_journal_up_to_date_with_its_rows(old_url: str) -> None:
    assert migrate(old_url).before == REVISIONS[0]
    assert differences(old_url) == []
    assert cursor_of(old_url) == 41


def test_it_copies_a_sqlite_journal_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    migrating.upgrade(parse_url(url), REVISIONS[0])
    execute(url, "INSERT INTO cursor (name, seq) VALUES ('results.fold', 41)")
    copy = migrate(url).backup
    assert copy is not None
    assert re.fullmatch(r"journal-r0001-\d{8}T\d{6}Z\.db", copy.name)
    assert schema_state(f"sqlite:///{copy}") is SchemaState.BEHIND
    migrate(f"sqlite:///{copy}", backup=False)
    assert cursor_of(f"sqlite:///{copy}") == 41


def test_a_copy_that_was_broken_off_never_looks_like_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    migrating.upgrade(parse_url(url), REVISIONS[0])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(url)
    assert [file.name for file in tmp_path.glob("journal-*")] == ["journal-r0001-unfinished.db"]
    whole = migrate(url).backup
    assert list(tmp_path.glob("journal-*")) == [whole]


def test_it_copies_nothing_where_nothing_is_to_do_or_nobody_asks(old_url: str) -> None:
    assert migrate(old_url, backup=False).backup is None
    assert migrate(old_url) == Migrated(before=HEAD, after=HEAD)


def test_it_changes_nothing_while_a_core_holds_the_journal(old_url: str) -> None:
    migrate(old_url)
    with running(HOLD_LEASE, old_url) as core:
        assert said(core) == "2"
        execute(old_url, "UPDATE alembic_version SET version_num = 'r0001'")
        with pytest.raises(LeaseTaken, match=rf"pid {core.pid}\b"):
            migrate(old_url)
    assert schema_state(old_url) is SchemaState.BEHIND


def test_it_changes_nothing_where_a_step_fails(old_url: str) -> None:
    execute(old_url, "CREATE TABLE report (id BIGINT)")
    with pytest.raises(JournalError, match="report"):
        migrate(old_url)
    execute(old_url, "DROP TABLE report")
    assert schema_state(old_url) is SchemaState.BEHIND
    migrate(old_url)
    assert differences(old_url) == []


def test_it_frees_the_journal_after_a_migration(old_url: str) -> None:
    migrate(old_url)
    with open_lease(old_url) as epoch, open_journal(old_url, epoch=epoch) as journal:
        with journal.transaction() as tx:
            tx.transitions.append(decided(step("up", 100)))
        with journal.transaction() as tx:
            assert tx.transitions.drawing(window(0, 200)) == {WEB: [step("up", 100)]}

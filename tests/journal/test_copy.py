"""A copied journal is the same one in another database, and is none before it is whole."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.journal import database
from monitor.journal import migrate as migrating
from monitor.journal.access import (
    Copied,
    CopyStage,
    SchemaState,
    copy_journal,
    migrate,
    open_journal,
    open_lease,
    schema_state,
)
from monitor.journal.database import open_engine, parse_url
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import JournalError
from monitor.journal.tables import METADATA
from tests.journal.builders import change, decided, owed, step
from tests.journal.conftest import new_database
from tests.journal.copies import BATCH, BEYOND_32_BITS, ROWS, Unwatched, content, fill
from tests.journal.postgres import PostgresServer
from tests.journal.processes import COPY_UNDER_KILLS, HOLD_LEASE, rest, running, said

KILLS = int(os.environ.get("ESTADO_KILLS", "20"))
FEW = ("subject", "transition")
MANY = frozenset(METADATA.tables)
APPEND_ONLY = ("catalogue_revision", "transition", "change", "terms", "report")


@pytest.fixture(params=["to postgresql", "to sqlite"])
def ways(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A full journal in one database, nothing in the other."""
    server: PostgresServer = request.getfixturevalue("postgres")
    if request.param == "to postgresql":
        source, target = request.getfixturevalue("sqlite_url"), server.url(new_database(server))
    else:
        source, target = request.getfixturevalue("postgres_url"), f"sqlite:///{tmp_path}/copy.db"
    fill(source)
    return source, target


@pytest.fixture
def source(sqlite_url: str) -> str:
    fill(sqlite_url)
    return sqlite_url


@pytest.fixture
def empty_postgres(postgres: PostgresServer) -> str:
    return postgres.url(new_database(postgres))


def copy(source: str, target: str, *, replace_nul: bool = False) -> Copied:
    return copy_journal(source, target, Unwatched(), replace_nul=replace_nul, batch=BATCH)


def execute(url: str, *statements: str) -> None:
    engine = open_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def commits(tables: int) -> int:
    """Schema and beginning, two rows that a schema is made with, batches, end."""
    return 2 + 2 + tables * math.ceil(ROWS / BATCH) + 1


class CutShort(Exception):
    """In place of a kill, where a test wants the target half copied."""


@contextmanager
def cut_after(copied: int) -> Iterator[Callable[[str, str], None]]:
    class Cutter(Unwatched):
        def __init__(self) -> None:
            self.left = copied

        def passes(self, stage: CopyStage, rows: int) -> None:
            self.left -= rows if stage is CopyStage.COPY else 0
            if self.left <= 0:
                raise CutShort

    def run(source: str, target: str) -> None:
        with pytest.raises(CutShort):
            copy_journal(source, target, Cutter(), batch=BATCH)

    yield run


@pytest.fixture
def half(source: str, empty_postgres: str) -> str:
    with cut_after(20) as run:
        run(source, empty_postgres)
    return empty_postgres


def test_it_copies_every_row_as_it_is(ways: tuple[str, str]) -> None:
    source, target = ways
    before = content(source)
    assert min(len(rows) for rows in before.values()) >= 1
    done = copy(source, target)
    assert done == Copied(rows=sum(map(len, before.values())), before=0, replaced=0)
    assert content(target) == before == content(source)


@pytest.mark.kills
@pytest.mark.timeout(120 + KILLS * 6)
def test_it_ends_the_same_however_often_it_is_killed(sqlite_url: str, empty_postgres: str) -> None:
    """Before and after each of its commits; of every table where there is time for it."""
    source, target = sqlite_url, empty_postgres
    fill(source, MANY if KILLS > 100 else FEW)
    with running(COPY_UNDER_KILLS, source, target) as siege:
        (kills,) = rest(siege)
        assert siege.wait() == 0
    tables = [t for t, rows in content(source).items() if len(rows) == ROWS]
    assert int(kills) == 2 * commits(len(tables))
    assert content(target) == content(source)
    assert schema_state(target) is SchemaState.CURRENT


def test_it_counts_on_where_the_source_stood(ways: tuple[str, str]) -> None:
    _, target = ways
    copy(*ways)
    with open_lease(target) as epoch, open_journal(target, epoch=epoch) as journal:
        assert epoch == 42
        with journal.transaction() as tx:
            tx.changes.append([change("next")])
            tx.transitions.append(decided(step("down", 100)))
            assert tx.outbox.enqueue([owed("incident:new:opening")]) == 1
            assert tx.changes.last() == BEYOND_32_BITS + ROWS + 1
    numbers = {name: [row[0] for row in rows] for name, rows in content(target).items()}
    for name in ("subject", "transition", "notification"):
        assert numbers[name] == list(range(1, ROWS + 2)), name


def test_it_keeps_append_only_what_was(source: str, empty_postgres: str) -> None:
    copy(source, empty_postgres)
    for name in APPEND_ONLY:
        key = METADATA.tables[name].primary_key.columns[0].name
        for statement in (f"DELETE FROM {name}", f"UPDATE {name} SET {key} = {key}"):  # noqa: S608
            with pytest.raises(sa.exc.SQLAlchemyError, match=f"{name} is append-only"):
                execute(empty_postgres, statement)
    assert content(empty_postgres) == content(source)


def test_it_goes_on_with_a_copy_that_was_cut_short(source: str, half: str) -> None:
    done = copy(source, half)
    assert 20 <= done.before < done.rows
    assert content(half) == content(source)
    assert copy(source, half).before == done.rows


def test_half_a_journal_is_none(half: str) -> None:
    assert schema_state(half) is SchemaState.COPYING
    for use in (open_journal, migrate):
        with pytest.raises(JournalError, match=r"half of a copy; .*estado journal copy"):
            use(half)
    with pytest.raises(JournalError, match="half of a copy"), open_lease(half):
        pass


def test_it_does_not_go_on_with_what_was_written_to_since(source: str, half: str) -> None:
    execute(source, "UPDATE incident SET phase = 'resolved'")
    with pytest.raises(JournalError, match=r"written to since \(in incident\)"):
        copy(source, half)


def test_it_does_not_go_on_with_another_versions_copy(source: str, half: str) -> None:
    execute(half, "UPDATE alembic_version SET version_num = 'copying-r0001'")
    with pytest.raises(JournalError, match=r"another version began \(copying-r0001\)"):
        copy(source, half)


def test_it_puts_nothing_into_another_journal(source: str, postgres_url: str) -> None:
    with open_journal(postgres_url) as journal, journal.transaction() as tx:
        tx.changes.append([change("theirs")])
    before = content(postgres_url)
    with pytest.raises(JournalError, match="holds another journal already"):
        copy(source, postgres_url)
    assert content(postgres_url) == before


def test_it_fills_a_journal_that_was_only_made(source: str, postgres_url: str) -> None:
    copy(source, postgres_url)
    assert content(postgres_url) == content(source)


@pytest.mark.parametrize("held", [0, 1], ids=["source", "target"])
def test_it_refuses_while_a_core_runs_on_either_side(
    source: str, postgres_url: str, held: int
) -> None:
    with running(HOLD_LEASE, (source, postgres_url)[held]) as core:
        said(core)
        with pytest.raises(LeaseTaken, match=rf"pid {core.pid}\b"):
            copy(source, postgres_url)


@pytest.mark.parametrize("old", [0, 1], ids=["source", "target"])
def test_it_copies_between_present_schemas_only(
    source: str, empty_postgres: str, tmp_path: Path, old: int
) -> None:
    urls = [source, empty_postgres]
    urls[old] = [f"sqlite:///{tmp_path}/old.db", empty_postgres][old]
    migrating.upgrade(parse_url(urls[old]), "r0001")
    with pytest.raises(JournalError, match=r"has schema r0001.*estado journal migrate"):
        copy(urls[0], urls[1])


def test_it_refuses_to_copy_a_journal_onto_itself(source: str) -> None:
    with pytest.raises(JournalError, match="the same database"):
        copy(source, source)


def test_it_names_the_rows_that_postgresql_cannot_keep(source: str, empty_postgres: str) -> None:
    execute(
        source,
        "UPDATE incident_update SET actor = 'a' || char(0) || 'na' WHERE number = 2",
        "UPDATE notification SET attempts = 2147483648 WHERE id = 3",
    )
    with pytest.raises(JournalError) as refused:
        copy(source, empty_postgres)
    assert str(refused.value).splitlines() == [
        "PostgreSQL cannot keep these rows, nothing was copied:",
        "  notification id 3: attempts is beyond 32 bits, 2147483648",
        "  incident_update incident_id 'Inc-Z', number 2: actor holds a NUL byte "
        "(--replace-nul writes ␀ instead)",
    ]
    assert schema_state(empty_postgres) is SchemaState.CURRENT
    assert sum(map(len, content(empty_postgres).values())) == 2


def test_it_writes_a_sign_for_a_nul_where_that_is_asked_for(
    source: str, empty_postgres: str
) -> None:
    execute(source, "UPDATE incident_update SET actor = 'a' || char(0) || 'na' WHERE number = 2")
    assert copy(source, empty_postgres, replace_nul=True).replaced == 1
    wanted = content(source)
    wanted["incident_update"][:] = [
        tuple("a␀na" if value == "a\0na" else value for value in row)
        for row in wanted["incident_update"]
    ]
    assert content(empty_postgres) == wanted


def test_it_makes_no_journal_of_a_copy_that_differs(source: str, postgres_url: str) -> None:
    """A trigger of somebody's changes one row on its way in."""
    execute(
        postgres_url,
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.revision := 1; RETURN NEW; END'",
        "CREATE TRIGGER meddle BEFORE INSERT ON incident FOR EACH ROW "
        "WHEN (NEW.id = 'Inc-_') EXECUTE FUNCTION meddle()",
    )
    with pytest.raises(JournalError, match=r"differs from its source in incident \(5 rows, 5 in"):
        copy(source, postgres_url)
    assert schema_state(postgres_url) is SchemaState.COPYING


def test_nobody_writes_to_the_source_meanwhile(
    source: str, empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Meddler(Unwatched):
        tried = 0

        def begins(self, stage: CopyStage, rows: int) -> None:
            monkeypatch.setattr(database, "BUSY_MS", 10)
            with (
                pytest.raises(JournalError, match="locked"),
                open_journal(source) as journal,
                journal.transaction(),
            ):
                pass
            self.tried += 1

    meddler = Meddler()
    copy_journal(source, empty_postgres, meddler, batch=BATCH)
    assert meddler.tried == len(CopyStage)

"""Copies a whole journal into an empty database while nobody writes to either.

First the rows of the source are summed up. Then they are copied in batches, each committed with
the progress. Then the rows of the target are summed up: only a copy that has the same rows becomes
a journal. A second run of an interrupted copy continues where the first one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.copying.incompatible_rows import IncompatibleRows
from monitor.journal.copying.rows import (
    TABLES,
    Content,
    Sum,
    Values,
    batches,
    count,
    key_of,
)
from monitor.journal.copying.target import CopyTarget, require_unfinished
from monitor.journal.database import explain, is_sqlite, open_engine, parse_url
from monitor.journal.locks.lease import lock_of
from monitor.journal.migrate import upgrade
from monitor.journal.ports import JournalError
from monitor.journal.schema import (
    HEAD,
    SchemaState,
    require_current,
    revision_of,
    state_of,
)
from monitor.journal.transaction import lock_out_others
from monitor.runtime.kill_points import reached

BATCH = 5_000
Fit = Callable[[sa.Table, Values], Values]


class CopyStage(StrEnum):
    READ = "read"
    COPY = "copied"
    VERIFY = "verified"


class Watch(Protocol):
    """Receives the progress of a copy."""

    def begins(self, stage: CopyStage, rows: int) -> None:
        """A stage begins that will read or write so many rows."""
        ...

    def passes(self, stage: CopyStage, rows: int) -> None:
        """So many more of these rows are done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """`before`: rows that an earlier run had copied; `replaced`: texts whose NUL became ␀."""

    rows: int
    before: int
    replaced: int


def copy_journal(
    source: str, target: str, watch: Watch, *, replace_nul: bool = False, batch: int = BATCH
) -> Copied:
    """Copy every row. Neither journal may have a core; the target must be empty or half copied.

    Raises LeaseTaken, which names a holder, or JournalError; the target is then no journal yet.
    """
    from_url, to_url = parse_url(source), parse_url(target)
    if from_url == to_url:
        raise JournalError("source and target are the same database")
    require_current(from_url)
    with ExitStack() as stack:
        stack.enter_context(lock_of(from_url))
        stack.enter_context(lock_of(to_url))
        require_current(from_url)
        _prepare_schema(to_url)
        reading = stack.enter_context(_locked_source(from_url))
        engine = stack.enter_context(_engine(to_url))
        incompatible = IncompatibleRows(replace_nul=replace_nul)
        fit = _unchanged if is_sqlite(to_url) else incompatible.fit
        wanted = _contents(reading, CopyStage.READ, watch, batch, fit)
        incompatible.refuse()
        replaced = incompatible.replaced
        before = _copy(reading, CopyTarget(to_url, engine), wanted, watch, batch, fit)
    rows = sum(content.rows for content in wanted.values())
    return Copied(rows=rows, before=before, replaced=replaced)


def _prepare_schema(url: URL) -> None:
    """Create the schema to copy into where there is none."""
    revision = revision_of(url)
    require_unfinished(revision)
    match state_of(revision):
        case SchemaState.EMPTY:
            reached("copy.commit.before")
            upgrade(url, HEAD)
            reached("copy.commit.after")
        case SchemaState.COPYING:
            pass
        case _:
            require_current(url)


@contextmanager
def _locked_source(url: URL) -> Iterator[Connection]:
    """The source in one transaction, for which every other command waits."""
    with _engine(url) as engine:
        try:
            with engine.connect() as connection, connection.begin() as begun:
                lock_out_others(connection)
                yield connection
                begun.rollback()
        except SQLAlchemyError as error:
            raise explain(url, error) from error


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = open_engine(url, patient=True)
    try:
        yield engine
    finally:
        engine.dispose()


def _copy(
    reading: Connection,
    target: CopyTarget,
    wanted: Mapping[str, Content],
    watch: Watch,
    batch: int,
    fit: Fit,
) -> int:
    """Returns how many rows were there before."""
    if target.is_copying():
        _require_same(target, wanted)
    elif target.holds_rows():
        _require_copied(target, wanted, watch, batch)
        return sum(content.rows for content in wanted.values())
    else:
        target.begin(wanted)
    progress = target.progress()
    before = sum(copied for _, copied, _ in progress.values())
    watch.begins(CopyStage.COPY, sum(content.rows for content in wanted.values()) - before)
    for table in TABLES:
        _, copied, last = progress[table.name]
        for rows in batches(reading, table, size=batch, after=last):
            copied += len(rows)
            fitting = [fit(table, row) for row in rows]
            target.add(table, fitting, copied=copied, last=key_of(table, rows[-1]))
            watch.passes(CopyStage.COPY, len(rows))
    _verify(target, wanted, watch, batch)
    target.finish()
    return before


def _unchanged(_table: sa.Table, row: Values) -> Values:
    return row


def _contents(
    connection: Connection, stage: CopyStage, watch: Watch, batch: int, fit: Fit
) -> dict[str, Content]:
    watch.begins(stage, sum(count(connection, table) for table in TABLES))
    found: dict[str, Content] = {}
    for table in TABLES:
        total = Sum()
        for rows in batches(connection, table, size=batch):
            for row in rows:
                total.add(fit(table, row))
            watch.passes(stage, len(rows))
        found[table.name] = total.content
    return found


def _require_same(target: CopyTarget, wanted: Mapping[str, Content]) -> None:
    begun = {name: content for name, (content, _, _) in target.progress().items()}
    changed = [name for name in wanted if begun.get(name) != wanted[name]]
    if changed:
        raise JournalError(
            "the target holds half of a copy of another journal, or the source was written to "
            f"since (in {', '.join(changed)}); empty the database and begin again"
        )


def _require_copied(
    target: CopyTarget, wanted: Mapping[str, Content], watch: Watch, batch: int
) -> None:
    """A run that was interrupted after its last commit has nothing left to do."""
    with target.read() as connection:
        found = _contents(connection, CopyStage.VERIFY, watch, batch, _unchanged)
    if found != wanted:
        raise JournalError(
            "the target holds another journal already, and nothing was changed; a journal is "
            "copied into an empty database"
        )


def _verify(target: CopyTarget, wanted: Mapping[str, Content], watch: Watch, batch: int) -> None:
    with target.read() as connection:
        found = _contents(connection, CopyStage.VERIFY, watch, batch, _unchanged)
    wrong = [
        f"{name} ({wanted[name].rows} rows, {found[name].rows} in the target)"
        for name in wanted
        if found[name] != wanted[name]
    ]
    if wrong:
        raise JournalError(
            f"the copy differs from its source in {', '.join(wrong)}; it is not used: empty the "
            "database and begin again"
        )

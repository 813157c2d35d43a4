"""The database that is copied into. It stores its own progress, committed with the rows.

While a copy is under way the schema's version says so. So no program opens half a journal: neither
this one nor an older one that knows nothing of copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.copying.rows import TABLES, Content, Key, Values, count, plain
from monitor.journal.database import explain, is_sqlite, put
from monitor.journal.ports import JournalError
from monitor.journal.schema import (
    COPYING,
    HEAD,
    VERSION,
    SchemaState,
    revision_of,
    state_of,
)
from monitor.journal.tables import change_counter, core_epoch
from monitor.runtime.kill_points import reached

_PREFILLED = (change_counter, core_epoch)
"""A new schema has a row in each, which the journal's own row replaces."""
_PROGRESS = sa.Table(
    "journal_copy",
    sa.MetaData(),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("wanted_rows", sa.BigInteger, nullable=False),
    sa.Column("wanted_sum", sa.Text, nullable=False),
    sa.Column("copied_rows", sa.BigInteger, nullable=False),
    sa.Column("last_key", sa.JSON(none_as_null=True)),
)


class CopyTarget:
    def __init__(self, url: URL, engine: Engine) -> None:
        self._url = url
        self._engine = engine

    @contextmanager
    def commit(self) -> Iterator[Connection]:
        """One transaction. Raises JournalError where the database fails."""
        try:
            with self._engine.connect() as connection:
                begun = connection.begin()
                yield connection
                reached("copy.commit.before")
                begun.commit()
                reached("copy.commit.after")
        except SQLAlchemyError as error:
            raise explain(self._url, error) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise explain(self._url, error) from error

    def is_copying(self) -> bool:
        return revision_of(self._url) == COPYING

    def holds_rows(self) -> bool:
        """Whether anything was written since the schema was made."""
        with self.read() as connection:
            seq = connection.execute(sa.select(change_counter.c.seq)).scalar_one()
            return seq > 0 or any(count(connection, t) for t in TABLES if t not in _PREFILLED)

    def begin(self, wanted: Mapping[str, Content]) -> None:
        """Start a copy of this content, in a journal without rows."""
        with self.commit() as connection:
            _PROGRESS.create(connection)
            rows = [
                {
                    "table_name": name,
                    "wanted_rows": content.rows,
                    "wanted_sum": content.sum,
                    "copied_rows": 0,
                    "last_key": None,
                }
                for name, content in wanted.items()
            ]
            connection.execute(sa.insert(_PROGRESS), rows)
            _stamp(connection, COPYING)

    def progress(self) -> Mapping[str, tuple[Content, int, Key | None]]:
        """Per table the expected content, how many rows are copied, and the last one's key."""
        with self.read() as connection:
            rows = connection.execute(sa.select(_PROGRESS)).all()
        return {
            row.table_name: (
                Content(rows=row.wanted_rows, sum=row.wanted_sum), row.copied_rows, row.last_key,
            )
            for row in rows
        }  # fmt: skip

    def add(self, table: sa.Table, rows: list[Values], *, copied: int, last: Key) -> None:
        """Write rows and the progress of the copy, in one transaction."""
        names = [column.name for column in table.c]
        values = [dict(zip(names, row, strict=True)) for row in rows]
        progress = (
            sa.update(_PROGRESS)
            .where(_PROGRESS.c.table_name == table.name)
            .values(copied_rows=copied, last_key=last)
        )
        try:
            with self.commit() as connection:
                if table in _PREFILLED:
                    put(connection, table, values)
                else:
                    connection.execute(sa.insert(plain(table)), values)
                connection.execute(progress)
        except JournalError as error:
            raise JournalError(f"{table.name}, up to the row {last}: {error}") from error

    def finish(self) -> None:
        """Complete the copy: from here on the target is a journal like any other."""
        with self.commit() as connection:
            if not is_sqlite(self._url):
                _advance_sequences(connection)
            _PROGRESS.drop(connection)
            _stamp(connection, HEAD)


def require_unfinished(revision: str | None) -> None:
    """Raises JournalError for a half copy that this version cannot continue."""
    if state_of(revision) is SchemaState.COPYING and revision != COPYING:
        raise JournalError(
            f"the target holds a copy that another version began ({revision}); empty the "
            "database and begin again"
        )


def _stamp(connection: Connection, revision: str) -> None:
    connection.execute(sa.update(VERSION).values(version_num=revision))


def _advance_sequences(connection: Connection) -> None:
    """Advance PostgreSQL's sequences, which number new rows, behind the rows that were copied."""
    for table in TABLES:
        number = table.autoincrement_column
        if number is None or number.table is not table:
            continue
        sequence = sa.func.pg_get_serial_sequence(table.name, number.name)
        last = sa.select(sa.func.max(number)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, last)).where(last.is_not(None)))

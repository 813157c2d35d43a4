"""Every configuration that ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.time.interval import Second
from monitor.journal.ports import (
    RevisionDelta,
    RevisionHeader,
    RowNotFound,
    StoredRevision,
)
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import (
    catalogue_form,
    catalogue_revision,
    catalogue_step,
)


class SqlRevisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Stored beside the revisions, which are append-only.
        self._restamped = SqlCursors(connection, "revision_start")

    def headers(self) -> Sequence[RevisionHeader]:
        columns = catalogue_revision.c
        rows = self._connection.execute(
            sa.select(columns.number, columns.hash, columns.effective_from).order_by(columns.number)
        )
        restamped = self._restamped.all()
        return [
            RevisionHeader(
                number=number,
                hash=text_hash,
                effective_from=Second(restamped.get(str(number), start)),
            )
            for number, text_hash, start in rows
        ]

    def get(self, number: int) -> StoredRevision:
        found = self._connection.execute(
            sa.select(catalogue_revision, catalogue_form.c.form)
            .outerjoin(catalogue_form)
            .where(catalogue_revision.c.number == number)
        ).one_or_none()
        if found is None:
            raise RowNotFound("revision.unknown", number=number)
        start = self._restamped.get(str(number)) or found.effective_from
        return StoredRevision(**found._asdict() | {"effective_from": Second(start)})

    def steps(self, after: int = 0) -> Sequence[RevisionDelta]:
        rows = self._connection.execute(
            sa.select(catalogue_step)
            .where(catalogue_step.c.number > after)
            .order_by(catalogue_step.c.number)
        )
        return [RevisionDelta(**row._asdict()) for row in rows]

    def newest(self) -> int:
        last = sa.select(sa.func.max(catalogue_revision.c.number))
        return int(self._connection.execute(last).scalar_one() or 0)

    def starts(self) -> Mapping[int, Second]:
        return {header.number: header.effective_from for header in self.headers()}

    def restamp(self, number: int, effective_from: Second) -> None:
        self._restamped.set(str(number), effective_from)

    def add(self, *, hash: str, text: str, effective_from: Second) -> StoredRevision:  # noqa: A002
        last = self._connection.execute(sa.select(sa.func.max(catalogue_revision.c.number)))
        stored = StoredRevision(
            number=(last.scalar_one() or 0) + 1,
            hash=hash,
            text=text,
            effective_from=effective_from,
        )
        self._connection.execute(
            sa.insert(catalogue_revision).values(
                number=stored.number, hash=hash, text=text, effective_from=effective_from
            )
        )
        return stored

    def store_form(self, number: int, form: str) -> None:
        self._connection.execute(sa.insert(catalogue_form).values(number=number, form=form))

    def store_delta(self, delta: RevisionDelta) -> None:
        self._connection.execute(
            sa.delete(catalogue_step).where(catalogue_step.c.number == delta.number)
        )
        self._connection.execute(
            sa.insert(catalogue_step).values(
                number=delta.number,
                base_hash=delta.base_hash,
                form_hash=delta.form_hash,
                step=delta.step,
            )
        )

"""Every configuration that ran."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.adapters.journal.tables import catalogue_form, catalogue_revision
from monitor.domain.interval import Second
from monitor.ports.journal import StoredRevision


class SqlRevisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[StoredRevision]:
        rows = self._connection.execute(
            sa.select(catalogue_revision, catalogue_form.c.form)
            .outerjoin(catalogue_form)
            .order_by(catalogue_revision.c.number)
        )
        return [StoredRevision(**row._asdict()) for row in rows]

    def newest(self) -> int:
        last = sa.select(sa.func.max(catalogue_revision.c.number))
        return int(self._connection.execute(last).scalar_one() or 0)

    def add(self, *, hash: str, text: str, effective_from: Second) -> StoredRevision:  # noqa: A002
        last = self._connection.execute(sa.select(sa.func.max(catalogue_revision.c.number)))
        kept = StoredRevision(
            number=(last.scalar_one() or 0) + 1,
            hash=hash,
            text=text,
            effective_from=effective_from,
        )
        self._connection.execute(
            sa.insert(catalogue_revision).values(
                number=kept.number, hash=hash, text=text, effective_from=effective_from
            )
        )
        return kept

    def keep_form(self, number: int, form: str) -> None:
        self._connection.execute(sa.insert(catalogue_form).values(number=number, form=form))

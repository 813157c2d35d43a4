"""Every configuration that ran."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.adapters.journal.tables import (
    catalogue_form,
    catalogue_revision,
    catalogue_step,
)
from monitor.domain.interval import Second
from monitor.ports.journal import NotFound, RevisionHeader, RevisionStep, StoredRevision


class SqlRevisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def headers(self) -> Sequence[RevisionHeader]:
        of = catalogue_revision.c
        rows = self._connection.execute(
            sa.select(of.number, of.hash, of.effective_from).order_by(of.number)
        )
        return [RevisionHeader(**row._asdict()) for row in rows]

    def get(self, number: int) -> StoredRevision:
        found = self._connection.execute(
            sa.select(catalogue_revision, catalogue_form.c.form)
            .outerjoin(catalogue_form)
            .where(catalogue_revision.c.number == number)
        ).one_or_none()
        if found is None:
            raise NotFound(f"no revision {number} of the configuration; revisions are numbers")
        return StoredRevision(**found._asdict())

    def steps(self, after: int = 0) -> Sequence[RevisionStep]:
        rows = self._connection.execute(
            sa.select(catalogue_step)
            .where(catalogue_step.c.number > after)
            .order_by(catalogue_step.c.number)
        )
        return [RevisionStep(**row._asdict()) for row in rows]

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

    def keep_step(self, step: RevisionStep) -> None:
        self._connection.execute(
            sa.delete(catalogue_step).where(catalogue_step.c.number == step.number)
        )
        self._connection.execute(
            sa.insert(catalogue_step).values(
                number=step.number,
                base_hash=step.base_hash,
                form_hash=step.form_hash,
                step=step.step,
            )
        )

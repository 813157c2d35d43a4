"""Finds the rows that SQLite stores and PostgreSQL cannot, before the first row is copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from monitor.journal.copying.rows import REPLACEMENT, Values, key_of
from monitor.journal.ports import JournalError

_MAX_NAMED = 20
_INT_32 = range(-(2**31), 2**31)


class IncompatibleRows:
    """Checks each row on its way to PostgreSQL; `refuse` names those that it cannot store.

    With `replace_nul` a NUL in a text becomes ␀ and is counted instead.
    """

    def __init__(self, *, replace_nul: bool) -> None:
        self._replace_nul = replace_nul
        self._found: list[str] = []
        self._more = 0
        self.replaced = 0

    def fit(self, table: sa.Table, row: Values) -> Values:
        """The row as the target will have it."""
        fitting = list(row)
        for place, column in enumerate(table.c):
            value = row[place]
            if isinstance(value, str) and "\0" in value and self._replace_nul:
                fitting[place] = value.replace("\0", REPLACEMENT)
                self.replaced += 1
            elif reason := _why_incompatible(column.type, value):
                self._add(f"{table.name} {_row_name(table, row)}: {column.name} {reason}")
        return fitting

    def refuse(self) -> None:
        """Raises JournalError where anything was found."""
        if not self._found:
            return
        more = [f"and {self._more} more"] if self._more else []
        raise JournalError(
            "PostgreSQL cannot keep these rows, nothing was copied:\n  "
            + "\n  ".join([*self._found, *more])
        )

    def _add(self, reason: str) -> None:
        if len(self._found) < _MAX_NAMED:
            self._found.append(reason)
        else:
            self._more += 1


def _why_incompatible(kind: sa.types.TypeEngine[Any], value: Any) -> str | None:
    if isinstance(value, str) and "\0" in value:
        return "holds a NUL byte (--replace-nul writes \u2400 instead)"
    is_narrow = isinstance(kind, sa.Integer) and not isinstance(kind, sa.BigInteger)
    if is_narrow and isinstance(value, int) and value not in _INT_32:
        return f"is beyond 32 bits, {value}"
    return None


def _row_name(table: sa.Table, row: Sequence[Any]) -> str:
    names = [column.name for column in table.primary_key.columns]
    return ", ".join(f"{n} {v!r}" for n, v in zip(names, key_of(table, row), strict=True))

"""How far the close of a month is, for who waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingProgress:
    """So many of the month's contracts are computed; all of them are before it is issued.

    >>> str(ClosingProgress(month="2026-10", contracts=500, of=4_000))
    'closing 2026-10: 500 of 4000 contracts'
    """

    month: str
    contracts: int
    of: int

    def __str__(self) -> str:
        return f"closing {self.month}: {self.contracts} of {self.of} contracts"

    @property
    def fields(self) -> Mapping[str, Any]:
        """As the core answers it to other roles."""
        return {"month": self.month, "contracts": self.contracts, "of": self.of}


def closing_progress(answer: Mapping[str, Any]) -> ClosingProgress | None:
    """Of what the core answers about itself; None where no month is being closed, and of a core of
    a version before. Raises KeyError, TypeError and ValueError for what is none."""
    found = answer.get("closing")
    if found is None:
        return None
    return ClosingProgress(
        month=str(found["month"]), contracts=int(found["contracts"]), of=int(found["of"])
    )

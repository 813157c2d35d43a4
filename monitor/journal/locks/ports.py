"""One core per journal: held until its holder dies, never twice."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol


class LeaseTaken(Exception):
    """Another core runs; the message names its host and pid."""


class Lease(Protocol):
    def __enter__(self) -> int:
        """Take it; the new epoch, which each of the core's transactions checks.

        Raises LeaseTaken.
        """
        ...

    def keep(self) -> None:
        """Called before each of the core's transactions: where the lock was lost, take it again.

        Raises Deposed where another has it, or JournalError where the database fails.
        """
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

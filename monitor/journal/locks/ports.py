"""One core per journal: the lease is held until its holder dies, and never by two."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol


class LeaseTaken(Exception):
    """Another core runs; the message names its host and pid."""


class Lease(Protocol):
    def __enter__(self) -> int:
        """Take the lease. Returns the new epoch, which each of the core's transactions checks.

        Raises LeaseTaken.
        """
        ...

    def keep(self) -> None:
        """Called before each of the core's transactions. Where the lock was lost, takes it again.

        Raises Deposed where another has it, or JournalError where the database fails.
        """
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

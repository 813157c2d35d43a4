"""An inbox: whoever writes it appends, the core reads behind its cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.checks.observation import Json

UNREADABLE = "unreadable"
"""The kind of a row that is damaged: nobody appends one of it, and it has nothing in it."""


class InboxFull(Exception):
    """It takes no more until the core has read some. What it took before is safe."""


class InboxUnavailable(Exception):
    """The file can be neither read nor written; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """`kind` says what `body` means."""

    seq: int
    kind: str
    body: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Rows in order. `lineage` is the file's own: another file counts from 1 anew."""

    lineage: str
    rows: Sequence[InboxRow]


class InboxWriter(Protocol):
    def append(self, kind: str, body: Mapping[str, Json]) -> None:
        """It is on the disk when this returns. Raises InboxFull, InboxUnavailable."""
        ...


class InboxSource(Protocol):
    def lineage(self) -> str:
        """Empty where there is no file yet. Raises InboxUnavailable."""
        ...

    def unread(self, after: int, limit: int) -> Unread:
        """The first so many rows behind a `seq`. Raises InboxUnavailable."""
        ...

"""Parts of answers that were written before: what has not changed is not written again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import TypeAlias

from monitor.api.present.journal_place import JournalPlace
from monitor.journal.ports import JournalTransaction

_MOST_BYTES = 48 * 1024 * 1024
_EACH = 400
"""Bytes that one part takes beside its content, about."""

PartKey: TypeAlias = tuple[str, str]
"""What kind of part, and of what."""


class WrittenParts:
    """Each is good for one stamp: an equal one stands for equal content; a stamp of numbers that a
    journal gave, in that journal alone (see `follow`). Those that were written longest ago go where
    all of them are larger than `most`. Threads may share it."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._most = most
        self._lock = Lock()
        self._parts: OrderedDict[PartKey, tuple[object, bytes]] = OrderedDict()
        self._bytes = 0
        self._place: JournalPlace | None = None
        self.written = 0
        """How many were written since the start."""

    def follow(self, tx: JournalTransaction) -> None:
        """Keep nothing of another journal: the same revision of an incident says something else in
        one that was put back from a copy."""
        is_same = self._place is not None and self._place.is_in(tx)
        with self._lock:
            if not is_same:
                self._parts.clear()
                self._bytes = 0
            self._place = JournalPlace.read(tx)

    def find(self, key: PartKey, stamp: object) -> bytes | None:
        """The part, if it was written of that stamp."""
        kept = self._parts.get(key)
        return None if kept is None or kept[0] != stamp else kept[1]

    def put(self, key: PartKey, stamp: object, content: bytes) -> bytes:
        """Keep a part that was written just now; that part."""
        with self._lock:
            before = self._parts.pop(key, None)
            if before is not None:
                self._bytes -= len(before[1]) + _EACH
            self._parts[key] = (stamp, content)
            self._bytes += len(content) + _EACH
            self.written += 1
            while self._bytes > self._most:
                _, (_, dropped) = self._parts.popitem(last=False)
                self._bytes -= len(dropped) + _EACH
        return content


def kind_for(kind: str, services: Collection[str] | None, configuration: int) -> str:
    """A kind of part, as accounts see it that are bounded to these services; what is theirs the
    configuration says that is in force.

    >>> kind_for("incident", None, 3), kind_for("incident", {"web", "mail"}, 3)
    ('incident', 'incident of mail,web by 3')
    """
    if services is None:
        return kind
    return f"{kind} of {','.join(sorted(services))} by {configuration}"


def listed(parts: list[bytes]) -> bytes:
    """Parts of JSON as a list of it."""
    return b"[" + b",".join(parts) + b"]"

"""Parts of answers that were written before: what has not changed is not written again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TypeAlias

_MOST_BYTES = 48 * 1024 * 1024
_EACH = 400
"""Bytes that one part takes beside its content, about."""

PartKey: TypeAlias = tuple[str, str]
"""What kind of part, and of what."""


class WrittenParts:
    """Each is good for one stamp: an equal one stands for equal content. Those that were written
    longest ago go where all of them are larger than `most`. Threads may share it."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._most = most
        self._lock = Lock()
        self._parts: OrderedDict[PartKey, tuple[object, bytes]] = OrderedDict()
        self._bytes = 0
        self.written = 0
        """How many were written since the start."""

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


def listed(parts: list[bytes]) -> bytes:
    """Parts of JSON as a list of it."""
    return b"[" + b",".join(parts) + b"]"

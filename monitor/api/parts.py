"""Parts of answers that were written before: what has not changed is not written again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

_MOST_BYTES = 48 * 1024 * 1024
_EACH = 400
"""Bytes that one part takes beside its content, about."""

PartKey: TypeAlias = tuple[str, str]
"""What kind of part, and of what."""


class WrittenParts:
    """Each is good for one stamp: an equal one stands for equal content. Those that nobody has
    asked for longest go where all of them are larger than `most`. Threads may share it."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._most = most
        self._lock = Lock()
        self._parts: OrderedDict[PartKey, tuple[object, bytes]] = OrderedDict()
        self._bytes = 0
        self.written = 0
        """How many were written since the start."""

    def get(self, key: PartKey, stamp: object, write: Callable[[], bytes]) -> bytes:
        """The part, written now where there is none of that stamp."""
        kept = self.find(key, stamp)
        if kept is not None:
            return kept
        content = write()
        self.put(key, stamp, content)
        return content

    def find(self, key: PartKey, stamp: object) -> bytes | None:
        with self._lock:
            kept = self._parts.get(key)
            if kept is None or kept[0] != stamp:
                return None
            self._parts.move_to_end(key)
            return kept[1]

    def put(self, key: PartKey, stamp: object, content: bytes) -> None:
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


def listed(parts: list[bytes]) -> bytes:
    """Parts of JSON as a list of it."""
    return b"[" + b",".join(parts) + b"]"

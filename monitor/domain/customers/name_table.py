"""Which public components serve a customer's domain, as a table in which nobody can read a domain.

```
estado-names-1\n          what it is
16 bytes                  by which key it was made
{"sets": [["web-1"]]}\n   the components, each combination once
20 bytes a name, sorted   HMAC-SHA256 of the name, cut to 16 bytes; the number of its combination
```
A name is found in the same number of steps whether it is there or not.
"""

from __future__ import annotations

import hmac
import json
import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from monitor.domain.checks.observation import ComponentId

MAGIC = b"estado-names-1\n"
_DIGEST = 16
_RECORD = struct.Struct(f">{_DIGEST}sI")

Components = tuple[ComponentId, ...]


class BadTable(ValueError):
    """No table, not to its end, or made by another key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTable:
    """One that was read. `records` is its last part."""

    key: bytes
    sets: tuple[Components, ...]
    records: bytes

    def __len__(self) -> int:
        return len(self.records) // _RECORD.size

    def find(self, lookups: Iterable[str]) -> Components:
        """The components of the first of these names that is known, none of them left out; empty
        where none is."""
        found = [self._of(name) for name in lookups]
        return next(filter(None, found), ())

    def _of(self, name: str) -> Components:
        wanted = keyed_hash(self.key, name)
        low, count = 0, len(self)
        # As many steps as the longest search takes, whatever is found on the way.
        for _ in range(count.bit_length()):
            half = count // 2
            is_above = (self._record(low + half)[0] < wanted) & (count > 0)
            low, count = (low + half + 1, count - half - 1) if is_above else (low, half)
        digest, place = self._record(low)
        is_it = hmac.compare_digest(digest, wanted)
        return (self.sets[place] if place < len(self.sets) else ()) if is_it else ()

    def _record(self, place: int) -> tuple[bytes, int]:
        """That of no name behind the last one."""
        if place >= len(self):
            return b"", 0
        digest, number = _RECORD.unpack_from(self.records, place * _RECORD.size)
        return digest, number


def keyed_hash(key: bytes, name: str) -> bytes:
    """What stands for a name: without the key nobody can try names against it."""
    return hmac.digest(key, b"name\0" + name.encode(), "sha256")[:_DIGEST]


def encode_table(names: Mapping[str, Collection[ComponentId]], key: bytes) -> bytes:
    """The table of names, each with its components."""
    sets = sorted({tuple(sorted(components)) for components in names.values()})
    places = {found: place for place, found in enumerate(sets)}
    records = sorted(
        _RECORD.pack(keyed_hash(key, name), places[tuple(sorted(components))])
        for name, components in names.items()
    )
    head = json.dumps({"sets": sets}, separators=(",", ":")).encode() + b"\n"
    return b"".join([MAGIC, _mark(key), head, *records])


def decode_table(content: bytes, key: bytes) -> NameTable:
    """Raises BadTable."""
    start = len(MAGIC) + _DIGEST
    if not content.startswith(MAGIC) or not hmac.compare_digest(
        content[len(MAGIC) : start], _mark(key)
    ):
        raise BadTable("not a table made by this key")
    end = content.find(b"\n", start)
    records = content[end + 1 :]
    if end < 0 or len(records) % _RECORD.size:
        raise BadTable("it ends too early")
    try:
        sets = tuple(tuple(map(ComponentId, one)) for one in json.loads(content[start:end])["sets"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadTable("its components cannot be read") from error
    return NameTable(key=key, sets=sets, records=records)


def _mark(key: bytes) -> bytes:
    return hmac.digest(key, b"table", "sha256")[:_DIGEST]

"""Mends heads that a strict parser refuses and every browser reads, so that the parser takes them.

The strictness protects servers against smuggled requests (RFC 9112 11.2). A client that sends one
request on one connection and closes it risks nothing, and its visitor sees the page.
"""

from __future__ import annotations

import re

_END = re.compile(rb"\r?\n\r?\n")
END_SIZE = 4
"""The greatest number of bytes that end a head."""
_LINE_END = re.compile(rb"\r?\n")
_INTERIM = re.compile(rb"HTTP/\d\.\d\s+1\d\d\b")
_FOLDED = "folded header line"
_BARE = "line feed alone as line end"
_TWICE = "equal Content-Length more than once"
_BOTH = "Content-Length beside chunks"
_NAMELESS = "header line without a name"
_SPACED = "space before a header's colon"


def mend(wire: bytes) -> tuple[bytes, list[str]] | None:
    """The bytes received, with their heads in standard form, and the oddities of those heads; None
    while the last head is not whole.

    >>> mend(b"HTTP/1.1 200 OK\\nX-A: b\\n\\nhola")
    (b'HTTP/1.1 200 OK\\r\\nX-A: b\\r\\n\\r\\nhola', ['line feed alone as line end'])
    """
    done = b""
    found: dict[str, None] = {}
    while True:
        end = _END.search(wire)
        if end is None:
            return None
        head, wire = wire[: end.start()], wire[end.end() :]
        if b"\n" in (head + end[0]).replace(b"\r\n", b""):
            found[_BARE] = None
        done += b"\r\n".join((*_mended(_LINE_END.split(head), found), b"", b""))
        if not _INTERIM.match(head):
            return done + wire, list(found)


def has_end(wire: bytes | bytearray, since: int = 0) -> bool:
    """Whether a head ends in `wire`, at `since` or later."""
    return _END.search(wire, since) is not None


def _mended(lines: list[bytes], found: dict[str, None]) -> list[bytes]:
    status, *fields = lines
    return [status, *_without_doubles(_named(_unfolded(fields, found), found), found)]


def _unfolded(lines: list[bytes], found: dict[str, None]) -> list[bytes]:
    """RFC 9112 5.2: a user agent replaces a fold by a space."""
    whole: list[list[bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            whole[-1].append(line.strip())
            found[_FOLDED] = None
        else:
            whole.append([line.rstrip()])
    return [b" ".join(parts) for parts in whole]


def _named(lines: list[bytes], found: dict[str, None]) -> list[bytes]:
    """The fields: lines that are no field are dropped, and spaces around a name are removed."""
    fields: list[bytes] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not (colon and name.strip()) or b" " in name.strip():
            found[_NAMELESS] = None
            continue
        if name != name.strip():
            found[_SPACED] = None
        fields.append(name.strip() + b":" + value)
    return fields


def _without_doubles(fields: list[bytes], found: dict[str, None]) -> list[bytes]:
    """One Content-Length where all are equal, and none where the body is chunked. Contradictions
    stay as they are, to be refused: it is unknown where such a body ends."""
    named = [(field.partition(b":")[0].lower(), field) for field in fields]
    sizes = [field for name, field in named if name == b"content-length"]
    others = [field for name, field in named if name != b"content-length"]
    values = {
        part.strip() for field in sizes for part in field.partition(b":")[2].strip().split(b",")
    }
    if sizes and _is_chunked(named):
        found[_BOTH] = None
        return others
    is_double = len(sizes) > 1 or any(b"," in size for size in sizes)
    if not is_double or len(values) != 1:
        return fields
    found[_TWICE] = None
    return [*others, b"Content-Length: " + values.pop()]


def _is_chunked(named: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"transfer-encoding" and field.strip().lower().endswith(b"chunked")
        for name, field in named
    )

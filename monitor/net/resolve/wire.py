"""The light DNS codec: one query for addresses, and the answer to it (RFC 1035).

Anything deeper is left to dnspython; this is the query sent before every check run with a name.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

from monitor.net.host_names import ascii_host

_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!2H")
_RECORD = struct.Struct("!2HIH")
_RESPONSE, _TRUNCATED, _RECURSE, _INTERNET, _CNAME = 0x8000, 0x0200, 0x0100, 1, 5
_MAX_JUMPS = 64
_MAX_RECORDS = 500


class AddressType(IntEnum):
    A = 1
    AAAA = 28


class Rcode(IntEnum):
    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5


class Malformed(ValueError):
    """Bytes that are no DNS message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's answer: addresses of the name asked for, with aliases followed. An answer that
    `is_bare` has no record at all, not even the SOA by which a server says that the name has none
    of a type (RFC 2308 2.2)."""

    rcode: int
    is_truncated: bool
    is_bare: bool
    addresses: tuple[str, ...]


def encode_name(name: str) -> bytes:
    """A name's wire form; international names as IDNA. Raises Malformed where it is no name.

    >>> encode_name("a.example")
    b'\\x01a\\x07example\\x00'
    """
    try:
        text = ascii_host(name).encode("ascii")
    except ValueError as error:
        raise Malformed(str(error)) from error
    labels = text.removesuffix(b".").split(b".")
    if any(not 0 < len(label) < 64 for label in labels):
        raise Malformed(f"{name!r} is no host name")
    wire = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if len(wire) > 255:
        raise Malformed(f"{name!r} is longer than a name may be")
    return wire


def encode_query(ident: int, name: bytes, kind: AddressType) -> bytes:
    """A query with recursion desired; `name` is in wire form."""
    return _HEADER.pack(ident, _RECURSE, 1, 0, 0, 0) + name + _QUESTION.pack(kind, _INTERNET)


def answers(wire: bytes, query: bytes) -> bool:
    """Whether a message is the response to that query: same id, same question."""
    if len(wire) < len(query) or wire[:2] != query[:2] or not wire[2] & 0x80:
        return False
    # Servers may change the case of the name in the answer.
    return wire[4:6] == b"\0\1" and wire[12 : len(query)].lower() == query[12:].lower()


def decode_answer(wire: bytes, query: bytes) -> Answer:
    """Raises Malformed."""
    try:
        _, flags, _, count, authorities, _ = _HEADER.unpack_from(wire)
        if count > _MAX_RECORDS:
            raise Malformed(f"an answer of {count} records")
        found = _addresses(wire, len(query), count, query)
    except (struct.error, IndexError) as error:
        raise Malformed("a DNS message that ends too early") from error
    return Answer(
        rcode=flags & 0xF,
        is_truncated=bool(flags & _TRUNCATED),
        is_bare=not count and not authorities,
        addresses=found,
    )


def _addresses(wire: bytes, offset: int, count: int, query: bytes) -> tuple[str, ...]:
    wanted = AddressType(_QUESTION.unpack_from(query, len(query) - 4)[0])
    names = {_read_name(query, 12)[0]}
    found: list[str] = []
    for _ in range(count):
        owner, offset = _read_name(wire, offset)
        kind, klass, _, size = _RECORD.unpack_from(wire, offset)
        offset += _RECORD.size
        if owner in names and klass == _INTERNET:
            if kind == _CNAME:
                names.add(_read_name(wire, offset)[0])
            elif kind == wanted:
                found.append(_address(wire[offset : offset + size], wanted))
        offset += size
    return tuple(found)


def _address(packed: bytes, kind: AddressType) -> str:
    family = socket.AF_INET if kind is AddressType.A else socket.AF_INET6
    try:
        return socket.inet_ntop(family, packed)
    except ValueError as error:
        raise Malformed("an address record of the wrong size") from error


def _read_name(wire: bytes, offset: int) -> tuple[bytes, int]:
    """A name in lower case and the offset behind it. The number of jumps is bounded."""
    labels: list[bytes] = []
    end = 0
    for _ in range(_MAX_JUMPS * 2):
        size = wire[offset]
        if size & 0xC0 == 0xC0:
            end = end or offset + 2
            offset = (size & 0x3F) << 8 | wire[offset + 1]
        elif size:
            labels.append(wire[offset + 1 : offset + 1 + size].lower())
            offset += 1 + size
        else:
            return b".".join(labels), end or offset + 1
    raise Malformed("a name that never ends")

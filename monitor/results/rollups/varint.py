"""Whole numbers as few bytes: seven bits a byte, the lowest first (LEB128)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def pack(numbers: Iterable[int]) -> bytes:
    """
    >>> pack([0, 127, 128]).hex()
    '007f8001'

    Raises ValueError for a negative number.
    """
    out = bytearray()
    for number in numbers:
        if number < 0:
            raise ValueError(f"want no negative number, got {number}")
        left = number
        while left > 0x7F:
            out.append(left & 0x7F | 0x80)
            left >>= 7
        out.append(left)
    return bytes(out)


def unpack(packed: bytes) -> Iterator[int]:
    """What `pack` packed. Raises ValueError where the bytes end inside a number."""
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        yield number
        number = shift = 0
    if shift:
        raise ValueError("the bytes end inside a number")

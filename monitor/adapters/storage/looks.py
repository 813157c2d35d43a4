"""The looks of one check in one hour, packed: the slot and the place in the log of each.

Three or four bytes a look. They tell which looks an hour's sketch has seen, so that nothing counts
twice, and where in the log a check's results are, so that the log needs no index.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.interval import Second
from monitor.domain.varint import pack, unpack

SeqBySlot = Mapping[Second, int]


def pack_looks(start: Second, looks: SeqBySlot) -> bytes:
    """`looks` lie at or after `start`."""
    numbers: list[int] = []
    slot, seq = int(start), 0
    for at in sorted(looks):
        numbers += (at - slot, _folded(looks[at] - seq))
        slot, seq = at, looks[at]
    return pack(numbers)


def unpack_looks(start: Second, packed: bytes) -> dict[Second, int]:
    """In order of slot. Raises ValueError for bytes that `pack_looks` did not make."""
    found: dict[Second, int] = {}
    numbers = list(unpack(packed))
    slot, seq = int(start), 0
    for step, move in zip(numbers[::2], numbers[1::2], strict=True):
        slot += step
        seq += _unfolded(move)
        found[Second(slot)] = seq
    return found


def _folded(number: int) -> int:
    """Small numbers of either sign as small ones without: 0, -1, 1, -2 … as 0, 1, 2, 3 …"""
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unfolded(number: int) -> int:
    return -(number + 1 >> 1) if number & 1 else number >> 1

"""The runs of one check in one hour, packed: the slot and the place in the log of each.

Three or four bytes a run. They say which runs an hour's sketch has counted, so that nothing counts
twice, and where in the log a check's results are, so that the log needs no index. Where the clock
was set a slot may have several runs, one of each era.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.domain.time.eras import Eras
from monitor.domain.time.interval import Second
from monitor.results.rollups.varint import pack, unpack

Places = dict[Second, tuple[int, ...]]
"""By slot, in order of the log."""


def pack_runs(start: Second, runs: Mapping[Second, Sequence[int]]) -> bytes:
    """`runs` lie at or after `start`."""
    numbers: list[int] = []
    slot, seq = int(start), 0
    for at in sorted(runs):
        for place in runs[at]:
            numbers += (at - slot, _folded(place - seq))
            slot, seq = at, place
    return pack(numbers)


def unpack_runs(start: Second, packed: bytes) -> Places:
    """In order of slot. Raises ValueError for bytes that `pack_runs` did not make."""
    found: Places = {}
    numbers = list(unpack(packed))
    slot, seq = int(start), 0
    for step, move in zip(numbers[::2], numbers[1::2], strict=True):
        slot += step
        seq += _unfolded(move)
        at = Second(slot)
        # A run of another era in the same slot has the step 0.
        found[at] = (*found[at], seq) if at in found else (seq,)
    return found


def add_place(places: Places, slot: Second, seq: int, eras: Eras) -> bool:
    """Whether it was added: of two of one slot and era the first one logged counts."""
    seqs = places.get(slot, ())
    if seqs and eras.of(seq) in map(eras.of, seqs):
        return False
    places[slot] = (*seqs, seq)
    return True


def _folded(number: int) -> int:
    """Small signed numbers as small unsigned ones: 0, -1, 1, -2 … as 0, 1, 2, 3 …"""
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unfolded(number: int) -> int:
    return -(number + 1 >> 1) if number & 1 else number >> 1

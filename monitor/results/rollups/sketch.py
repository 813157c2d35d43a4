"""How long runs took, as counts in buckets that grow by 2 %: quantiles are within 1 %, and the
sketches of two spans add up to the sketch of both. A percentile of a month is never an average of
percentiles.

The buckets are those of DDSketch (Masson, Rim, Lee: VLDB 2019): bucket i holds what is above
GROWTH^(i-1) and at most GROWTH^i microseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, log

from monitor.results.rollups.varint import pack, unpack

ACCURACY = 0.01
"""A quantile is off by at most this share of itself."""
GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH = log(GROWTH)
_FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Durations in microseconds; at least one, or it is `EMPTY`."""

    counts: Mapping[int, int] = field(default_factory=dict)
    """By bucket, ascending."""
    total_us: int = 0
    least_us: int = 0
    most_us: int = 0

    @classmethod
    def of(cls, durations_us: Iterable[int]) -> Sketch:
        """
        >>> Sketch.of([1000, 2000, 4000]).runs
        3
        """
        durations = [max(1, us) for us in durations_us]
        if not durations:
            return EMPTY
        counts = Counter(map(bucket_of, durations))
        return cls(
            counts=dict(sorted(counts.items())),
            total_us=sum(durations),
            least_us=min(durations),
            most_us=max(durations),
        )

    @property
    def runs(self) -> int:
        return sum(self.counts.values())

    def __add__(self, other: Sketch) -> Sketch:
        return merged((self, other))

    def quantile_us(self, share: float) -> float:
        """What that share of the runs does not exceed (nearest rank), within 1 %; 0 of none."""
        left = max(1, ceil(share * self.runs))
        for bucket, count in self.counts.items():
            left -= count
            if left <= 0:
                middle = 2 * GROWTH**bucket / (GROWTH + 1)
                return min(max(middle, self.least_us), self.most_us)
        return 0.0

    @property
    def mean_us(self) -> float:
        """Exact; 0 of none."""
        return self.total_us / self.runs if self.counts else 0.0

    def encode(self) -> bytes:
        """About two bytes a bucket; equal sketches give equal bytes."""
        numbers = [_FORM, self.total_us, self.least_us, self.most_us]
        former = 0
        for bucket, count in self.counts.items():
            numbers += (bucket - former, count)
            former = bucket
        return pack(numbers)

    @classmethod
    def decode(cls, encoded: bytes) -> Sketch:
        """Raises ValueError for bytes that are no sketch of this form."""
        form, *numbers = unpack(encoded) if encoded else [0]
        if form != _FORM or len(numbers) < 3 or len(numbers) % 2 == 0:
            raise ValueError(f"want a sketch of form {_FORM}, got {encoded[:8].hex() or 'nothing'}")
        total, least, most, *pairs = numbers
        counts: dict[int, int] = {}
        bucket = 0
        for step, count in zip(pairs[::2], pairs[1::2], strict=True):
            bucket += step
            counts[bucket] = count
        return cls(counts=counts, total_us=total, least_us=least, most_us=most)


EMPTY = Sketch()


def merged(sketches: Iterable[Sketch]) -> Sketch:
    """The sketch of all their runs: the same as adding them up, in one pass.

    >>> merged([Sketch.of([1000, 2000]), Sketch.of([4000])]) == Sketch.of([1000, 2000, 4000])
    True
    """
    filled = [sketch for sketch in sketches if sketch.counts]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    counts: Counter[int] = Counter()
    for sketch in filled:
        counts.update(sketch.counts)
    return Sketch(
        counts=dict(sorted(counts.items())),
        total_us=sum(sketch.total_us for sketch in filled),
        least_us=min(sketch.least_us for sketch in filled),
        most_us=max(sketch.most_us for sketch in filled),
    )


def bucket_of(duration_us: int) -> int:
    """
    >>> bucket_of(1), bucket_of(1_000), bucket_of(1_000_000)
    (0, 346, 691)
    """
    return ceil(log(duration_us) / _LOG_GROWTH)

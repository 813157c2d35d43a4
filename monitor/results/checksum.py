"""A checksum of results that is the same wherever they are stored: it ignores their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from monitor.domain.checks.observation import Result

_MODULUS = 1 << 128
_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def checksum(results: Iterable[Result]) -> str:
    """The sum of each result's SHA-256, so that stores may return them in any order."""
    return f"{sum(map(_digest, results)) % _MODULUS:032x}"


def total(checksums: Iterable[str]) -> str:
    """The checksum of results whose parts have these; without parts, that of no results.

    >>> total([]) == checksum([])
    True
    """
    return f"{sum(int(part, 16) for part in checksums) % _MODULUS:032x}"


def _digest(result: Result) -> int:
    """Durations are made floats, for a store may return 1 for 1.0."""
    text = _encode(
        [
            result.check,
            result.location,
            result.slot,
            result.revision,
            result.outcome.value,
            result.failure,
            result.message,
            {name: float(ms) for name, ms in result.phases_ms.items()},
            result.evidence,
        ]
    )
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])

"""A checksum of results that is the same wherever they are stored: order does not matter to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from monitor.domain.checks.observation import Result

_MODULUS = 1 << 128
_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def checksum(results: Iterable[Result]) -> str:
    """The sum of each result's SHA-256, so that stores may hand them out in any order."""
    return f"{sum(map(_digest, results)) % _MODULUS:032x}"


def total(checksums: Iterable[str]) -> str:
    """The checksum of results whose parts have these; of none it is that of no results.

    >>> total([]) == checksum([])
    True
    """
    return f"{sum(int(part, 16) for part in checksums) % _MODULUS:032x}"


def _digest(result: Result) -> int:
    """Floats as a store may give them back: 1.0 is 1."""
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

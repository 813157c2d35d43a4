"""What probes remember from run to run, kept as long as the check looks at the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId

_MARK = 8


class ProbeStates:
    """Each memory is kept behind a mark of the check's kind and specification: with another kind
    or target the run begins anew, also where that changed while nobody probed."""

    def __init__(self, kept: Mapping[CheckId, bytes]) -> None:
        self._kept = dict(kept)
        self._marks: dict[CheckId, tuple[Check, bytes]] = {}

    def recall(self, check: Check) -> bytes | None:
        """What the last run of this check left, None where it looks at something else now."""
        kept = self._kept.get(check.id)
        if kept is None or kept[:_MARK] != self._mark(check):
            return None
        return kept[_MARK:]

    def keep(self, check: Check, memory: bytes | None) -> bytes | None:
        """Take a run's memory; what is to be stored, None where there is nothing to keep."""
        if memory is None:
            self._kept.pop(check.id, None)
            return None
        kept = self._kept[check.id] = self._mark(check) + memory
        return kept

    def _mark(self, check: Check) -> bytes:
        known = self._marks.get(check.id)
        if known is not None and known[0] is check:
            return known[1]
        looked_at = repr((check.kind, check.spec)).encode("utf-8", "replace")
        mark = hashlib.blake2b(looked_at, digest_size=_MARK).digest()
        self._marks[check.id] = (check, mark)
        return mark

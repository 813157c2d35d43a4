"""Probe states: what a probe keeps from run to run, as long as its check stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId

_MARK = 8


class ProbeStates:
    """Each state is stored behind a mark of the check's kind and specification. With another kind
    or target the run begins without state, also where that changed while no prober ran."""

    def __init__(self, stored: Mapping[CheckId, bytes]) -> None:
        self._stored = dict(stored)
        self._marks: dict[CheckId, tuple[Check, bytes]] = {}

    def recall(self, check: Check) -> bytes | None:
        """The state that the last run of this check left; None where kind or target changed."""
        stored = self._stored.get(check.id)
        if stored is None or stored[:_MARK] != self._mark(check):
            return None
        return stored[_MARK:]

    def keep(self, check: Check, memory: bytes | None) -> bytes | None:
        """Take a run's state. Returns what the log is to store, None where there is no state."""
        if memory is None:
            self._stored.pop(check.id, None)
            return None
        stored = self._stored[check.id] = self._mark(check) + memory
        return stored

    def _mark(self, check: Check) -> bytes:
        known = self._marks.get(check.id)
        if known is not None and known[0] is check:
            return known[1]
        identity = repr((check.kind, check.spec)).encode("utf-8", "replace")
        mark = hashlib.blake2b(identity, digest_size=_MARK).digest()
        self._marks[check.id] = (check, mark)
        return mark

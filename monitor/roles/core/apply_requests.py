"""Requests to read the configuration file again, which come by way of the journal."""

from __future__ import annotations

from collections.abc import Callable

from monitor.config.revisions.application import Outcome, answer_request, pending_request
from monitor.domain.time.clock import Clock
from monitor.journal.ports import Journal

EVERY_S = 2.0
REST_S = 10.0
"""So long after one request the next one waits: compiling takes the core's time."""


class ApplyRequests:
    """Looked at after a tick, on the journal's thread."""

    def __init__(
        self, journal: Journal, clock: Clock, reload: Callable[[], Outcome | None]
    ) -> None:
        """`reload` reads the file as at SIGHUP; None where the journal could not take it."""
        self._journal = journal
        self._clock = clock
        self._reload = reload
        self._due = clock.monotonic()

    def follow(self) -> None:
        """Raises JournalError."""
        if self._clock.monotonic() < self._due:
            return
        self._due = self._clock.monotonic() + EVERY_S
        with self._journal.transaction() as tx:
            asked = pending_request(tx)
        if asked is None:
            return
        outcome = self._reload()
        self._due = self._clock.monotonic() + REST_S
        if outcome is None:
            return
        with self._journal.transaction() as tx:
            answer_request(tx, asked, outcome, self._clock.now())

"""The core's share of subscribers: it takes up what the inboxes hold, and says how far."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import structlog

from monitor.customers.ports import CustomersTransaction
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import Json
from monitor.domain.customers.problems import SAID
from monitor.domain.subscriptions.delivery_figures import DeliveryFigures, SubscribersMetrics
from monitor.domain.subscriptions.subscription import SubscriptionState
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock
from monitor.inbox.file import InboxReader
from monitor.inbox.read_so_far import write_read_so_far
from monitor.roles.core.visitors.problems import CoreProblems
from monitor.roles.settings import (
    deliveries_file,
    inboxes_read_file,
    page_inbox_file,
    problems_inbox_file,
    subscribers_inbox_file,
    subscribers_key_file,
    subscribers_wanted_file,
)
from monitor.runtime.alive_note import read_alive, read_note
from monitor.runtime.key_file import read_or_make_key
from monitor.subscribers.ports import SubscribersJournal, SubscribersTransaction
from monitor.subscribers.reception import Reception

_COUNT_EVERY_S = 60.0
"""Who asks for metrics has all subscriptions counted no more often."""


class CoreSubscribers:
    """Looked at after a tick, on the journal's thread."""

    def __init__(
        self,
        journal: SubscribersJournal,
        data_dir: Path,
        clock: Clock,
        problems: CoreProblems | None = None,
    ) -> None:
        """`problems` takes up what customers say that fails."""
        self._problems = problems
        self._journal = journal
        self._data_dir = data_dir
        self._clock = clock
        self._reception: Reception | None = None
        self._kinds: Sequence[str] | None = None
        self._counts: Mapping[tuple[str, SubscriptionState], int] = {}
        self._counted_at: float | None = None
        self._written: Mapping[str, int] = {}
        self._is_failing = False
        self._log = structlog.get_logger()

    def follow(self, catalogue: Catalogue) -> None:
        """Also where nobody may subscribe any more: who did may still end it. Raises
        JournalError."""
        try:
            self._follow(catalogue)
        except (OSError, ValueError) as error:
            if not self._is_failing:
                self._log.error("subscribers.cannot_follow", error=str(error))
            self._is_failing = True
        else:
            self._is_failing = False

    def _follow(self, catalogue: Catalogue) -> None:
        wanted = catalogue.subscribers
        self._mark(() if wanted is None else wanted.kinds_told)
        if self._reception is None:
            key_file = subscribers_key_file(self._data_dir)
            is_asked = catalogue.subscribers is not None or catalogue.page.problem_form
            if not is_asked and not key_file.exists():
                return
            self._reception = self._receive(read_or_make_key(key_file))
        read = dict(self._reception.follow(catalogue))
        if self._problems is not None:
            self._problems.forget()
        if read != self._written:
            write_read_so_far(inboxes_read_file(self._data_dir), read)
            self._written = read

    def metrics(self) -> SubscribersMetrics | None:
        """None where nobody may subscribe. Raises JournalError."""
        if not self._kinds:
            return None
        moment = self._clock.monotonic()
        if self._counted_at is None or moment - self._counted_at >= _COUNT_EVERY_S:
            with self._journal.transaction() as tx:
                self._counts = tx.subscriptions.counts()
            self._counted_at = moment
        noted = {kind: _noted(deliveries_file(self._data_dir, kind)) for kind in self._kinds}
        return SubscribersMetrics(
            counts=self._counts,
            signs={kind: sign for kind, (sign, _) in noted.items()},
            figures={kind: found for kind, (_, found) in noted.items() if found is not None},
        )

    def _mark(self, kinds: Sequence[str]) -> None:
        """What there is to do for the role that tells subscribers."""
        if kinds == self._kinds:
            return
        mark = subscribers_wanted_file(self._data_dir)
        if kinds:
            mark.write_text(" ".join(kinds), "utf-8")
        else:
            mark.unlink(missing_ok=True)
        self._kinds = kinds

    def _receive(self, key: bytes) -> Reception:
        files = (
            page_inbox_file(self._data_dir),
            subscribers_inbox_file(self._data_dir),
            problems_inbox_file(self._data_dir),
        )
        inboxes = [InboxReader(file) for file in files]
        return Reception(
            self._journal,
            inboxes,
            key,
            self._clock,
            lambda: secrets.token_hex(8),
            {SAID: self._take_problem},
        )

    def _take_problem(
        self, tx: SubscribersTransaction, body: Mapping[str, Json], catalogue: Catalogue
    ) -> None:
        if self._problems is not None:
            # The journal's transaction has the repositories of both rooms.
            self._problems.take(cast("CustomersTransaction", tx), body, catalogue)


def _noted(path: Path) -> tuple[ClockReading | None, DeliveryFigures | None]:
    """When a dispatcher last came any further, and how far; None of what it has not noted, and of
    what cannot be read."""
    try:
        if not path.exists():
            return None, None
        figures = read_note(path, "figures")
        return read_alive(path), None if figures is None else DeliveryFigures.decode(figures)
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        return None, None

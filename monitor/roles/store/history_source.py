"""What the history is answered from: a result store that is open or not, and the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.domain.time.interval import Interval, Second
from monitor.history.queries import OpenStore
from monitor.history.uptime import Uptime
from monitor.results.stores.ports import StoreUnavailable
from monitor.roles.store.history_journal import HistoryJournal

_OPENING = "the store is being opened"


class HistorySource:
    """Implements `monitor.history.http.handler.Source`."""

    def __init__(self, catalogues: Callable[[], Catalogues], journal: HistoryJournal) -> None:
        self._catalogues = catalogues
        self._journal = journal
        self._opened: OpenStore | None = None
        self._reason = _OPENING

    def catalogues(self) -> Catalogues:
        return self._catalogues()

    def store(self) -> OpenStore:
        if self._opened is None:
            raise StoreUnavailable(self._reason)
        return self._opened

    def uptime(
        self,
        check: Check,
        location: LocationId | None,
        span: Interval,
        windows: Sequence[Interval],
        now: Second,
    ) -> Uptime:
        return self._journal.uptime(check, location, span, windows, now)

    def open_on(self, store: OpenStore) -> None:
        self._opened = store

    def close_on(self, reason: str = _OPENING) -> None:
        """There is no store to query for now."""
        self._opened, self._reason = None, reason

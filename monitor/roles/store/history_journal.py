"""The journal as the history reads it: opened at the first request, never written, without the
core's lease.

What reading it takes is imported then and not before: most installations of the role never read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.domain.secret import SecretMissing
from monitor.domain.time.interval import Interval, Second
from monitor.history.uptime import Uptime, uptime_of
from monitor.journal.ports import JournalError
from monitor.roles.settings import journal_url

if TYPE_CHECKING:
    from monitor.journal.access import SqlJournal
    from monitor.roles.catalogues.revisions import RevisionReader


class HistoryJournal:
    """Threads may share it; it serves one at a time."""

    def __init__(self, data_dir: Path, configured: Callable[[], str | None]) -> None:
        """`configured` is the address in the configuration that is in force."""
        self._data_dir = data_dir
        self._configured = configured
        self._lock = Lock()
        self._address: str | None = None
        self._journal: SqlJournal | None = None
        self._reader: RevisionReader | None = None
        self._catalogues: tuple[Mapping[int, Second], Catalogues] | None = None

    def uptime(
        self,
        check: Check,
        location: LocationId | None,
        span: Interval,
        windows: Sequence[Interval],
        now: Second,
    ) -> Uptime:
        """As `uptime_of`. Raises JournalError."""
        with self._lock:
            journal = self._opened()
            catalogues = self._known_catalogues(journal).as_of(now)
            with journal.transaction() as tx:
                return uptime_of(tx, catalogues, check, location, span, windows, now)

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _opened(self) -> SqlJournal:
        from monitor.journal.access import open_journal_to_read
        from monitor.roles.journal import revealed_url

        address = journal_url(self._data_dir, self._configured())
        if self._journal is None or address != self._address:
            self._forget()
            try:
                self._journal = open_journal_to_read(revealed_url(address))
            except SecretMissing as error:
                raise JournalError(f"operations.journal: {error}") from error
            self._address = address
        return self._journal

    def _known_catalogues(self, journal: SqlJournal) -> Catalogues:
        """Every configuration that ran. Once there is another, or one is in force from another
        second, that one is read too."""
        with journal.transaction() as tx:
            starts = tx.revisions.starts()
        if self._catalogues is None or self._catalogues[0] != starts:
            self._reader = self._reader or _reader_of(journal)
            self._catalogues = (starts, _read(self._reader, len(starts)))
        return self._catalogues[1]

    def _forget(self) -> None:
        if self._journal is not None:
            self._journal.close()
        self._journal = self._address = self._reader = self._catalogues = None


def _reader_of(journal: SqlJournal) -> RevisionReader:
    from monitor.roles.catalogues.revisions import RevisionReader

    return RevisionReader(journal)


def _read(reader: RevisionReader, newest: int) -> Catalogues:
    from monitor.config import ConfigErrors

    if not newest:
        raise JournalError("the journal knows no configuration yet: the core has not run")
    try:
        return reader.read()
    except ConfigErrors as error:
        raise JournalError(f"no configuration that ran can be read: {error}") from error

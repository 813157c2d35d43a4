"""The journal as the console uses it: opened for each transaction, so that one which was replaced
or brought up to date is noticed, and nothing is written into a file that nobody reads any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from monitor.api.ports import ApiJournal, ApiTransaction
from monitor.catalogues.in_force import Catalogues
from monitor.config import ConfigErrors
from monitor.domain.secret import SecretMissing
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal, open_journal_to_read
from monitor.journal.ports import JournalError
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.journal import revealed_url
from monitor.roles.settings import journal_url

_PATIENCE_S = 10.0
"""How long a write of ours waits for another of ours, as long as for one of the core's."""


class ReadingJournal:
    """Implements `monitor.api.ports.ApiJournal`: it waits for nobody, and cannot write."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        with open_journal_to_read(self._address()) as journal, journal.transaction() as tx:
            yield tx


class WritingJournal:
    """Implements `monitor.api.ports.ApiJournal`. One write at a time: the database would let the
    others wait as well, and ask it again and again."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._lock = Lock()

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        if not self._lock.acquire(timeout=_PATIENCE_S):
            raise JournalError(f"other writes have taken {_PATIENCE_S:g} s")
        try:
            with open_journal(self._address()) as journal, journal.transaction() as tx:
                yield tx
        finally:
            self._lock.release()


class JournalAddress:
    """Where the configuration in force says that the journal is."""

    def __init__(self, data_dir: Path, configured: Callable[[], str | None]) -> None:
        self._data_dir = data_dir
        self._configured = configured

    def __call__(self) -> str:
        """Raises JournalError."""
        try:
            return revealed_url(journal_url(self._data_dir, self._configured()))
        except SecretMissing as error:
            raise JournalError(f"operations.journal: {error}") from error


class JournalCatalogues:
    """Every configuration that ran; read again once there is another, or one is in force from
    another second. Threads may share it; it reads one at a time."""

    def __init__(self, reading: ApiJournal) -> None:
        self._reading = reading
        self._reader = RevisionReader(reading)
        self._lock = Lock()
        self._known: tuple[Mapping[int, Second], Catalogues] | None = None

    def catalogues(self) -> Catalogues:
        """Raises JournalError."""
        with self._lock:
            with self._reading.transaction() as tx:
                starts = tx.revisions.starts()
            if self._known is None or self._known[0] != starts:
                self._known = (starts, self._read(len(starts)))
            return self._known[1]

    def _read(self, newest: int) -> Catalogues:
        if not newest:
            raise JournalError("the journal knows no configuration yet: the core has not run")
        try:
            return self._reader.read()
        except ConfigErrors as error:
            raise JournalError(f"no configuration that ran can be read: {error}") from error

"""Every configuration that ran: what was public once decides what may be told now."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.catalogues.in_force import Catalogues
from monitor.config import ConfigErrors
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import JournalError
from monitor.roles.catalogues.revisions import RevisionReader


class KnownCatalogues:
    """Read again where another one came, or one is in force from another second."""

    def __init__(self, journal: SqlJournal) -> None:
        self._reader = RevisionReader(journal)
        self._journal = journal
        self._known: tuple[Mapping[int, Second], Catalogues] | None = None

    def read(self, now: Second) -> Catalogues:
        """Raises JournalError."""
        with self._journal.transaction() as tx:
            starts = tx.revisions.starts()
        if not starts:
            raise JournalError("the journal knows no configuration yet: the core has not run")
        if self._known is None or self._known[0] != starts:
            try:
                self._known = (starts, self._reader.read())
            except ConfigErrors as error:
                raise JournalError(f"no configuration that ran can be read: {error}") from error
        return self._known[1].as_of(now)

"""The core keeps the table of customers' domains up to date, of which the page answers."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from monitor.customers.names import served_names
from monitor.customers.ports import CustomersJournal
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.name_table import encode_table
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.clock import Clock
from monitor.roles.settings import names_key_file, names_table_file
from monitor.runtime.folders import sync_folder
from monitor.runtime.key_file import read_or_make_key

FOLLOW_EVERY_S = 5.0


class CoreNames:
    """Looked at after a tick, on the journal's thread. `has_names` says whether there is a name to
    ask for: without one the page has no such form."""

    def __init__(self, journal: CustomersJournal, data_dir: Path, clock: Clock) -> None:
        self._journal = journal
        self._data_dir = data_dir
        self._clock = clock
        self._followed_at = -FOLLOW_EVERY_S
        self._seen: object = None
        self._failed_of: object = None
        self._log = structlog.get_logger()
        self.has_names = False

    def follow(self, catalogue: Catalogue) -> bool:
        """Whether `has_names` is another than before. Raises JournalError."""
        now = self._clock.monotonic()
        if 0 <= now - self._followed_at < FOLLOW_EVERY_S:
            return False
        self._followed_at = now
        before = self.has_names
        self._follow(catalogue)
        return self.has_names is not before

    def _follow(self, catalogue: Catalogue) -> None:
        """Read anew where names or components changed, and with each day: contracts end."""
        now = self._clock.now()
        # Each page shows its own of them.
        shown = catalogue.shown_somewhere
        with self._journal.transaction() as tx:
            seen = (tx.customer_names.version(), shown, at_zone(now, catalogue.zone).date())
            if seen == self._seen:
                return
            names = served_names(tx, shown, now)
        try:
            self._write({name: tuple(found) for name, found in names.items()})
        except (OSError, ValueError) as error:
            if seen != self._failed_of:
                self._log.error("names.not_written", error=str(error))
            self._failed_of = seen
            return
        self._seen, self.has_names = seen, bool(names)

    def _write(self, names: dict[str, tuple[ComponentId, ...]]) -> None:
        """Whole or not at all, on the disk. Raises OSError, ValueError."""
        table = names_table_file(self._data_dir)
        if not names:
            table.unlink(missing_ok=True)
            return
        key = read_or_make_key(names_key_file(self._data_dir))
        aside = table.with_name(f"{table.name}.new")
        with aside.open("wb") as file:
            file.write(encode_table(names, key))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(table)
        sync_folder(table.parent)

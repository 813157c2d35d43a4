"""The configuration of a running core: read, stored as revisions, handed to the other roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from monitor.catalogues.file import write_catalogues
from monitor.catalogues.in_force import Catalogues
from monitor.config import compile_catalogue, describe_difference, read_config
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, JournalTransaction, RevisionHeader, StoredRevision
from monitor.roles.catalogues.revisions import Compiled, RevisionReader, text_hash
from monitor.roles.registries import registries
from monitor.roles.settings import catalogue_file, config_source, pending_config

_MINUTE = 60


@dataclass(slots=True)
class Configuration:
    """`first` is what the file says at start. After `begin` the journal's revisions count."""

    path: Path
    data_dir: Path
    text: str
    first: Catalogue
    _catalogues: Catalogues | None = None
    _reader: RevisionReader | None = None

    @classmethod
    def read(cls, path: Path, data_dir: Path) -> Configuration:
        """What `config apply` left while no core ran, else the file. Raises ConfigErrors with
        every error, or OSError."""
        source = config_source(path, data_dir)
        text = read_config(source)
        compiled = compile_catalogue(text, filename=str(source), registries=registries())
        return cls(path=path, data_dir=data_dir, text=text, first=compiled)

    @property
    def catalogues(self) -> Catalogues:
        if self._catalogues is None:
            raise RuntimeError("the configuration has not begun")
        return self._catalogues

    def begin(self, journal: Journal, now: Second) -> None:
        """Store the file as a revision if it is new, or if this version compiles the newest one
        differently than the version that stored it. Then hand all revisions to the other roles. The
        very first one is in force from this minute on, so that probing begins at once."""
        fresh = Compiled(text=self.text, catalogue=self.first)
        with journal.transaction() as tx:
            headers = tx.revisions.headers()
            if not headers or headers[-1].hash != fresh.hash:
                start = _next_minute(now, headers) if headers else _minute(now)
                store_revision(tx, self.text, start, now)
        self._reader = reader = RevisionReader(journal)
        catalogues = reader.read(fresh)
        if not reader.is_newest(fresh):
            with journal.transaction() as tx:
                start = _next_minute(now, tx.revisions.headers())
                stored = store_revision(tx, self.text, start, now)
            catalogues = reader.add(stored, fresh)
        self._adopt(catalogues)
        # This one is made of the same parts as the others.
        self.first = self.catalogues.revisions[-1].catalogue
        reader.keep()
        self._remove_pending()

    def _remove_pending(self) -> None:
        """Remove the pending file, unless another was applied since this one was read: that one
        waits for the next reload."""
        pending = pending_config(self.data_dir)
        if pending.is_file() and read_config(pending) == self.text:
            pending.unlink(missing_ok=True)

    def reload(self, journal: Journal, now: Second) -> str:
        """Read the file that `config apply` left, else the configured one; return the difference.

        Raises ConfigErrors, OSError or JournalError; nothing has changed then.
        """
        pending = pending_config(self.data_dir)
        source = config_source(self.path, self.data_dir)
        text = read_config(source)
        wanted = compile_catalogue(text, filename=str(source), registries=registries())
        reader = self._begun_reader()
        with journal.transaction() as tx:
            headers = tx.revisions.headers()
            if headers and headers[-1].hash == text_hash(text):
                pending.unlink(missing_ok=True)
                return "nothing changed"
            stored = store_revision(tx, text, _next_minute(now, headers), now)
        before = self.catalogues.revisions[-1].catalogue
        self._adopt(reader.add(stored, Compiled(text=text, catalogue=wanted)))
        reader.keep()
        pending.unlink(missing_ok=True)
        return describe_difference(before, wanted)

    def _begun_reader(self) -> RevisionReader:
        if self._reader is None:
            raise RuntimeError("the configuration has not begun")
        return self._reader

    def _adopt(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        write_catalogues(catalogue_file(self.data_dir), catalogues.revisions)
        self._log_refused()

    def hand_over(self, catalogues: Catalogues) -> None:
        """Take revisions that are in force from other seconds, for a clock was set right. Raises
        OSError."""
        if catalogues is not self._catalogues:
            self._catalogues = catalogues
            self._begun_reader().follow({r.number: r.effective_from for r in catalogues.revisions})
            write_catalogues(catalogue_file(self.data_dir), catalogues.revisions)

    def _log_refused(self) -> None:
        for revision in self.catalogues.revisions:
            if revision.refused:
                structlog.get_logger().error(
                    "config.revision_refused",
                    revision=revision.number,
                    errors=revision.refused,
                    instead="a neighbour's",
                )


def store_revision(tx: JournalTransaction, text: str, start: Second, now: Second) -> StoredRevision:
    """Store a configuration that is in force from `start` on, with its change."""
    stored = tx.revisions.add(hash=text_hash(text), text=text, effective_from=start)
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="catalogue.revised", subject=str(stored.number),
                before={}, after={"hash": stored.hash, "effective_from": int(start)},
            )
        ]
    )  # fmt: skip
    return stored


def _minute(now: Second) -> Second:
    return Second(now - now % _MINUTE)


def _next_minute(now: Second, headers: Sequence[RevisionHeader]) -> Second:
    """Never before the start of an earlier revision: with a clock that was set back, the older one
    would come into force again."""
    return max([Second(_minute(now) + _MINUTE), *(header.effective_from for header in headers)])

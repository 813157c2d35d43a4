"""The configuration of a running core: read, kept as revisions, handed to the other roles."""

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
from monitor.roles.registries import registries
from monitor.roles.revisions import Compiled, RevisionReader, text_hash
from monitor.roles.settings import catalogue_file, config_source, pending_config

_MINUTE = 60


@dataclass(slots=True)
class Configuration:
    """`first` is what the file says at start; after `begin` the journal's revisions count."""

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
        """Keep the file as a revision if it is new, or if this version compiles the newest one
        otherwise than the one that kept it; and hand all to the other roles. The very first one
        holds from this minute on, so that probing begins at once."""
        fresh = Compiled(text=self.text, catalogue=self.first)
        with journal.transaction() as tx:
            ran = tx.revisions.headers()
            if not ran or ran[-1].hash != fresh.hash:
                start = _next_minute(now, ran) if ran else _minute(now)
                store_revision(tx, self.text, start, now)
        self._reader = reader = RevisionReader(journal)
        catalogues = reader.read(fresh)
        if not reader.is_newest(fresh):
            with journal.transaction() as tx:
                start = _next_minute(now, tx.revisions.headers())
                kept = store_revision(tx, self.text, start, now)
            catalogues = reader.add(kept, fresh)
        self._adopt(catalogues)
        # Made of the parts of the others.
        self.first = self.catalogues.revisions[-1].catalogue
        reader.keep()
        self._take_pending_away()

    def _take_pending_away(self) -> None:
        """Unless another was applied since this one was read: it waits for the next look."""
        pending = pending_config(self.data_dir)
        if pending.is_file() and read_config(pending) == self.text:
            pending.unlink(missing_ok=True)

    def reload(self, journal: Journal, now: Second) -> str:
        """Read the file that `config apply` left, else the configured one; the difference.

        Raises ConfigErrors, OSError or JournalError, and nothing has changed then.
        """
        pending = pending_config(self.data_dir)
        source = config_source(self.path, self.data_dir)
        text = read_config(source)
        wanted = compile_catalogue(text, filename=str(source), registries=registries())
        reader = self._begun()
        with journal.transaction() as tx:
            ran = tx.revisions.headers()
            if ran and ran[-1].hash == text_hash(text):
                pending.unlink(missing_ok=True)
                return "nothing changed"
            kept = store_revision(tx, text, _next_minute(now, ran), now)
        before = self.catalogues.revisions[-1].catalogue
        self._adopt(reader.add(kept, Compiled(text=text, catalogue=wanted)))
        reader.keep()
        pending.unlink(missing_ok=True)
        return describe_difference(before, wanted)

    def _begun(self) -> RevisionReader:
        if self._reader is None:
            raise RuntimeError("the configuration has not begun")
        return self._reader

    def _adopt(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        write_catalogues(catalogue_file(self.data_dir), catalogues.revisions)
        self._say_refused()

    def hand_over(self, catalogues: Catalogues) -> None:
        """A clock was set right, and some are in force from other seconds. Raises OSError."""
        if catalogues is not self._catalogues:
            self._catalogues = catalogues
            self._begun().follow({r.number: r.effective_from for r in catalogues.revisions})
            write_catalogues(catalogue_file(self.data_dir), catalogues.revisions)

    def _say_refused(self) -> None:
        for revision in self.catalogues.revisions:
            if revision.refused:
                structlog.get_logger().error(
                    "config.revision_refused",
                    revision=revision.number,
                    errors=revision.refused,
                    instead="a neighbour's",
                )


def store_revision(tx: JournalTransaction, text: str, start: Second, now: Second) -> StoredRevision:
    """A configuration that holds from `start` on, with its change."""
    kept = tx.revisions.add(hash=text_hash(text), text=text, effective_from=start)
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="catalogue.revised", subject=str(kept.number),
                before={}, after={"hash": kept.hash, "effective_from": int(start)},
            )
        ]
    )  # fmt: skip
    return kept


def _minute(now: Second) -> Second:
    return Second(now - now % _MINUTE)


def _next_minute(now: Second, ran: Sequence[RevisionHeader]) -> Second:
    """Never before an earlier revision begins: a clock that was set back would have the older
    one come into force again."""
    return max([Second(_minute(now) + _MINUTE), *(kept.effective_from for kept in ran)])

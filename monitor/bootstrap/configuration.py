"""The configuration of a running core: read, kept as revisions, handed to the other roles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from monitor.adapters.catalogue_file import write_catalogues
from monitor.adapters.catalogue_form import form_of
from monitor.bootstrap.registries import registries
from monitor.bootstrap.revisions import compile_all
from monitor.bootstrap.settings import catalogue_file, config_source, pending_config
from monitor.config import compile_catalogue, describe_difference, read_config
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.interval import Second
from monitor.engine.catalogues import Catalogues
from monitor.ports.journal import Journal, JournalTransaction, StoredRevision

_MINUTE = 60


@dataclass(slots=True)
class Configuration:
    """`first` is what the file says at start; after `begin` the journal's revisions count."""

    path: Path
    data_dir: Path
    text: str
    first: Catalogue
    _catalogues: Catalogues | None = None

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
        """Keep the file as a revision if it is new, and hand all to the other roles. The very
        first one holds from this minute on, so that probing begins at once."""
        with journal.transaction() as tx:
            stored = list(tx.revisions.all())
            if not stored or stored[-1].hash != _hash(self.text):
                start = _next_minute(now, stored) if stored else _minute(now)
                stored.append(keep_revision(tx, self.text, start, now))
        self._adopt(stored, {_hash(self.text): self.first})
        self._keep_forms(journal, stored)
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
        with journal.transaction() as tx:
            stored = list(tx.revisions.all())
            if stored and stored[-1].hash == _hash(text):
                pending.unlink(missing_ok=True)
                return "nothing changed"
            stored.append(keep_revision(tx, text, _next_minute(now, stored), now))
        before = self.catalogues.revisions[-1].catalogue
        self._adopt(stored, {**self._compiled_before(), _hash(text): wanted})
        self._keep_forms(journal, stored)
        pending.unlink(missing_ok=True)
        return describe_difference(before, wanted)

    def _keep_forms(self, journal: Journal, stored: list[StoredRevision]) -> None:
        """What each revision compiles to, kept once, for a later version may refuse its text."""
        lacking = {kept.number for kept in stored if kept.form is None}
        found = [r for r in self.catalogues.revisions if r.number in lacking and not r.refused]
        if found:
            with journal.transaction() as tx:
                for revision in found:
                    tx.revisions.keep_form(revision.number, form_of(revision.catalogue))

    def _compiled_before(self) -> dict[str, Catalogue]:
        return {r.hash: r.catalogue for r in self.catalogues.revisions if not r.refused}

    def _adopt(self, stored: list[StoredRevision], known: Mapping[str, Catalogue]) -> None:
        self._catalogues = compile_all(stored, known)
        write_catalogues(catalogue_file(self.data_dir), self._catalogues.revisions)
        self._say_refused()

    def _say_refused(self) -> None:
        for revision in self.catalogues.revisions:
            if revision.refused:
                structlog.get_logger().error(
                    "config.revision_refused",
                    revision=revision.number,
                    errors=revision.refused,
                    instead="a neighbour's" if revision.is_stand_in else "its compiled form",
                )


def keep_revision(tx: JournalTransaction, text: str, start: Second, now: Second) -> StoredRevision:
    """A configuration that holds from `start` on, with its change."""
    kept = tx.revisions.add(hash=_hash(text), text=text, effective_from=start)
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="catalogue.revised", subject=str(kept.number),
                before={}, after={"hash": kept.hash, "effective_from": int(start)},
            )
        ]
    )  # fmt: skip
    return kept


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _minute(now: Second) -> Second:
    return Second(now - now % _MINUTE)


def _next_minute(now: Second, stored: list[StoredRevision]) -> Second:
    """Never before an earlier revision begins: a clock that was set back would have the older
    one come into force again."""
    return max([Second(_minute(now) + _MINUTE), *(kept.effective_from for kept in stored)])

"""Configurations that ran, for people and programs: which there were, and what one of them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from monitor.config.document import Unreadable
from monitor.config.revisions.listing import ConfiguredValue, configured_values
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import NotFound, Refused, require_every_service, require_scope
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, JournalTransaction, RevisionHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A part of one configuration; `next_after` is None where it is the last part."""

    header: RevisionHeader
    values: Sequence[ConfiguredValue]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRevision:
    header: RevisionHeader
    is_in_force: bool


class LastListing:
    """The values of the configuration that was read last: thousands of checks take a second to
    read. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[RevisionHeader, tuple[ConfiguredValue, ...]] | None = None

    def of(self, header: RevisionHeader) -> tuple[ConfiguredValue, ...] | None:
        known = self._known
        return known[1] if known is not None and _is_same(known[0], header) else None

    def read(self, header: RevisionHeader, text: str) -> tuple[ConfiguredValue, ...]:
        """One at a time. Raises Refused where this version cannot read it."""
        with self._lock:
            found = self.of(header)
            if found is None:
                try:
                    found = configured_values(text)
                except Unreadable as error:
                    raise Refused("configuration.unreadable", number=header.number) from error
                self._known = (header, found)
            return found


def _is_same(one: RevisionHeader, other: RevisionHeader) -> bool:
    return (one.number, one.hash) == (other.number, other.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationReading:
    """A configuration is about all services: accounts that are bounded to some read none."""

    journal: Journal
    last: LastListing
    clock: Clock
    actor: Actor

    def revisions(self, before: int | None, limit: int) -> Sequence[ListedRevision]:
        """Up to `limit` of them, newest first, those behind a number where one is given. Raises
        Refused."""
        self._require_rights()
        with self.journal.transaction() as tx:
            headers = tx.revisions.headers()
        present = _in_force(headers, self.clock.now())
        older = [h for h in reversed(headers) if before is None or h.number < before]
        return [ListedRevision(header=h, is_in_force=h == present) for h in older[:limit]]

    def values(self, number: int | None, under: str, after: int, limit: int) -> Listing:
        """Those below a path, behind the first `after` of them; of the configuration in force where
        no number is given. Raises Refused, NotFound."""
        self._require_rights()
        header, found = self._read(number)
        wanted = [one for one in found if _is_under(one.path, under)] if under else found
        end = after + limit
        is_last = end >= len(wanted)
        return Listing(header=header, values=wanted[after:end], next_after=None if is_last else end)

    def _read(self, number: int | None) -> tuple[RevisionHeader, tuple[ConfiguredValue, ...]]:
        with self.journal.transaction() as tx:
            header = self._header(tx, number)
            found = self.last.of(header)
            text = tx.revisions.get(header.number).text if found is None else ""
        return header, self.last.read(header, text) if found is None else found

    def _header(self, tx: JournalTransaction, number: int | None) -> RevisionHeader:
        headers = tx.revisions.headers()
        if number is None:
            present = _in_force(headers, self.clock.now())
            if present is None:
                raise NotFound("revision.unknown", number=0)
            return present
        for header in headers:
            if header.number == number:
                return header
        raise NotFound("revision.unknown", number=number)

    def _require_rights(self) -> None:
        require_scope(self.actor, Scope.CONFIG_READ)
        require_every_service(self.actor)


def _in_force(headers: Sequence[RevisionHeader], now: Second) -> RevisionHeader | None:
    """As `Catalogues.present`: the newest that has begun, else the first."""
    begun = [header for header in headers if header.effective_from <= now]
    return begun[-1] if begun else next(iter(headers), None)


def _is_under(path: str, under: str) -> bool:
    rest = path.removeprefix(under)
    return path.startswith(under) and (not rest or rest[0] in ".[")

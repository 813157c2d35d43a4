"""What the journal keeps for money. The adapter's transaction fulfils these beside its own.

Values are immutable; a contract is saved whole and read back equal. Everything may raise
`monitor.journal.ports.JournalError` where the database fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from credits.contract import Contract, ContractId
from monitor.domain.time.interval import Interval, Second


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """An issued report. `body` is its canonical JSON, byte for byte; `hash` is SHA-256 over it.

    `period` is a month, `2026-10`; revisions count from 1. Neither `generated_at` nor `revision`
    is part of the body, so that an equal computation gives an equal hash.
    """

    period: str
    revision: int
    hash: str
    generated_at: Second
    body: str


class Contracts(Protocol):
    def get(self, wanted: ContractId) -> Contract | None:
        """None where there is no such contract."""
        ...

    def every(self) -> Iterator[Contract]:
        """All of them, by id; streamed."""
        ...

    def active_in(self, window: Interval) -> Iterator[Contract]:
        """Those with an active interval that overlaps the window, by id; streamed, whole."""
        ...

    def save(self, contract: Contract) -> None:
        """Insert, or replace what stood under this id: periods, terms and segments too."""
        ...


class Reports(Protocol):
    def of(self, period: str) -> Sequence[StoredReport]:
        """Every revision of one month, oldest first."""
        ...

    def keep(self, period: str, *, hash: str, body: str, at: Second) -> StoredReport:  # noqa: A002
        """The newest revision where its hash is equal, else a new one, one higher. A kept row is
        never updated."""
        ...


class CreditsTransaction(Protocol):
    """The part of a journal's transaction that money needs."""

    @property
    def contracts(self) -> Contracts: ...
    @property
    def reports(self) -> Reports: ...

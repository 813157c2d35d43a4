"""What the journal stores for billing. The adapter's transaction implements these ports too.

Values are immutable; a contract is saved whole and read back equal. Every method may raise
`monitor.journal.ports.JournalError` where the database fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from credits.client import ClientAddress
from credits.contract import Contract, ContractId, SoldLine
from credits.life.credit import Credit, CreditId, CreditRecord, LineKey
from credits.life.ledger import Holding, Posting, PostingId
from credits.life.ruling import Covered, RulingRecord, RulingReference, RulingStep
from credits.life.states import CreditState
from credits.terms import Terms
from monitor.domain.change import Via
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """An issued report without its body."""

    period: str
    revision: int
    hash: str
    generated_at: Second


class Contracts(Protocol):
    def get(self, wanted: ContractId) -> Contract | None:
        """None where there is no such contract."""
        ...

    def some(self, wanted: Collection[ContractId]) -> Mapping[ContractId, Contract]:
        """Those of these ids that there are, read together; a few hundred at a time."""
        ...

    def terms(self, wanted: str) -> Terms | None:
        """The terms of that hash, as some contract had them; None where none had."""
        ...

    def every(self) -> Iterator[Contract]:
        """All contracts, by id; streamed."""
        ...

    def lines(self) -> Iterator[SoldLine]:
        """Every invoice line of all contracts, by contract; streamed."""
        ...

    def page(self, after: ContractId, limit: int) -> Sequence[Contract]:
        """Up to `limit` contracts whose ids come after that one, by id."""
        ...

    def active_in(self, window: Interval) -> Iterator[Contract]:
        """Contracts with an active interval that overlaps the window, by id; streamed, whole."""
        ...

    def active_count(self, window: Interval) -> int:
        """How many those are."""
        ...

    def active_page(self, window: Interval, after: ContractId, limit: int) -> Sequence[Contract]:
        """Up to `limit` of those whose ids come after that one, by id."""
        ...

    def save(self, contract: Contract) -> None:
        """Insert, or replace what is stored under this id: periods, terms and segments too."""
        ...

    def save_all(self, contracts: Sequence[Contract]) -> None:
        """As `save` of each, written together; no id twice, a few hundred at a time."""
        ...


class Reports(Protocol):
    def of(self, period: str) -> Sequence[StoredReport]:
        """Every revision of one month, oldest first."""
        ...

    def count(self, period: str) -> int:
        """How many revisions of a month there are."""
        ...

    def get(self, period: str, revision: int | None) -> StoredReport | None:
        """One revision of a month, the newest where no number is given; None: there is none."""
        ...

    def heads(self, before: tuple[str, int] | None, limit: int) -> Sequence[ReportHead]:
        """Up to `limit` reports, newest month and newest revision first; those behind `before`, a
        month and a revision, in that order."""
        ...

    def keep(self, period: str, *, hash: str, body: str, at: Second) -> StoredReport:  # noqa: A002
        """Return the newest revision where its hash is equal; else store the next revision.
        A stored row is never updated."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCredits:
    """Which credits somebody looks for: those in one state, of the month whose close made them, of
    a client, of a contract; each where it is given."""

    state: CreditState | None = None
    period: str = ""
    client: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePart:
    """A part of what a report rests on. `number` 0 is what its credits share; in the others `first`
    is the id of the first contract. `hash` is SHA-256 of the canonical JSON, which `body` holds
    compressed."""

    number: int
    first: str
    hash: str
    body: bytes


class Evidence(Protocol):
    """What issued reports rest on: stored with each, never changed."""

    def keep(self, period: str, revision: int, parts: Sequence[EvidencePart]) -> None:
        """Store the parts of a report that has none yet."""
        ...

    def of(
        self, period: str, revision: int, contract: ContractId
    ) -> tuple[EvidencePart, EvidencePart] | None:
        """What its credits share, and the part that would hold a contract; None for a report that
        was issued without."""
        ...


class Credits(Protocol):
    """Credits and the ledger. Whatever writes a step writes what it moves too."""

    def get(self, wanted: CreditId) -> CreditRecord:
        """Raises NotFound."""
        ...

    def within(self, window: Interval) -> Iterator[CreditRecord]:
        """Credits and adjustments of all contracts whose window overlaps this one, by id;
        streamed."""
        ...

    def adjustments(self, period: str) -> Sequence[CreditRecord]:
        """Those that the close of that month made, by id."""
        ...

    def beside(self, one: Credit) -> Sequence[CreditRecord]:
        """Others of its contract whose windows overlap its own: what was superseded by it, and its
        adjustments."""
        ...

    def some(self, wanted: Collection[CreditId]) -> Mapping[CreditId, CreditRecord]:
        """Those of these ids that there are, a few hundred read together."""
        ...

    def revisions(self, wanted: Collection[CreditId]) -> Mapping[CreditId, int]:
        """The number of the newest step of each of these that there are; thousands read
        together."""
        ...

    def page(
        self, after: CreditId, limit: int, state: CreditState | None = None
    ) -> Sequence[CreditRecord]:
        """Up to `limit` credits whose ids come after that one, by id; those in one state where it
        is given."""
        ...

    def listed(
        self, wanted: WantedCredits, before: CreditId | None, limit: int
    ) -> Sequence[CreditRecord]:
        """Up to `limit` of those that are wanted, the last id first, which is the newest month;
        those whose ids come before that one, where it is given."""
        ...

    def eligible_since(self, before: Second, after: CreditId, limit: int) -> Sequence[CreditRecord]:
        """Up to `limit` of those that became eligible no later than that and still are, whose ids
        come after that one, by id."""
        ...

    def clients_of_ticket(self, ticket: str) -> frozenset[str]:
        """The clients for whose credits somebody has asked by it."""
        ...

    def begin(self, records: Sequence[CreditRecord]) -> None:
        """Store new credits with their first step. JournalError where there is one of that key and
        ordinal, or under that id."""
        ...

    def append(self, records: Sequence[CreditRecord]) -> None:
        """Store the newest step of each, of different credits. Raises Stale where another step was
        taken meanwhile; JournalError where the database forbids the step."""
        ...

    def open_lines(self, openings: Sequence[Posting]) -> None:
        """Store what had been credited for invoice lines, a few hundred at a time; a line that was
        opened before is left as it is."""
        ...

    def opened(self, contracts: Collection[ContractId]) -> Mapping[LineKey, int]:
        """What each line of these contracts, a few hundred, was opened with, as far as it has been
        corrected since, in minor units."""
        ...

    def credited(
        self, contracts: Collection[ContractId] | None = None, *, besides: Interval | None = None
    ) -> Mapping[LineKey, int]:
        """What each invoice line has given or may still give, in minor units; of some contracts, a
        few hundred, where they are named; without the credits whose windows overlap `besides`. A
        line that was opened with nothing is there too."""
        ...

    def balances(self) -> Mapping[Holding, int]:
        """What each account holds, in minor units; those that hold nothing are left out."""
        ...

    def postings(self, credits: Collection[CreditId] | None = None) -> Iterator[Posting]:
        """All of them, or those of some credits, a few hundred, by id; streamed."""
        ...

    def openings(self, after: PostingId, limit: int) -> Sequence[Posting]:
        """Up to `limit` of those that opened an invoice line whose ids come after that one, by
        id."""
        ...


class Rulings(Protocol):
    """What people said of unknown time. Nothing of it is edited."""

    def get(self, wanted: RulingReference) -> RulingRecord:
        """Raises NotFound."""
        ...

    def every(self) -> Sequence[RulingRecord]:
        """The one with the newest step first."""
        ...

    def covered(self, reference: RulingReference, revision: int) -> Sequence[Covered]:
        """The credits of one proposal, by id."""
        ...

    def covering(self, credits: Collection[CreditId]) -> frozenset[RulingReference]:
        """The rulings of which some proposal covers one of these credits."""
        ...

    def speakers(self, one: Credit) -> frozenset[str]:
        """Who proposed or approved what unknown time was, of this credit or of another one of the
        same time of its contract: none of them approves it."""
        ...

    def append(self, step: RulingStep, via: Via, covered: Sequence[Covered] = ()) -> None:
        """Store the next step, of a proposal with its credits. Raises Stale where another one was
        taken meanwhile; JournalError where the database forbids it."""
        ...


class ClientAddresses(Protocol):
    """Where clients are told: the one place of their addresses, which can be erased."""

    def of(self, clients: Collection[str]) -> Mapping[str, ClientAddress]:
        """Those of these clients that there are, a few hundred at a time."""
        ...

    def save(self, addresses: Mapping[str, ClientAddress | None]) -> None:
        """By client; None erases it. A few hundred at a time."""
        ...


class CreditsTransaction(Protocol):
    """The part of a journal's transaction that billing needs."""

    @property
    def contracts(self) -> Contracts: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def credits(self) -> Credits: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def rulings(self) -> Rulings: ...
    @property
    def clients(self) -> ClientAddresses: ...

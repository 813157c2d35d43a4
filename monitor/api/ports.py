"""What the API asks of the role that serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from credits.handling.tickets import Tickets
from credits.ports import CreditsTransaction
from monitor.accounts.ports import AccountsTransaction, Passwords, Randomness, Sealer, SecondFactor
from monitor.accounts.sign_in.refused_tries import RefusedTries
from monitor.accounts.sign_in.throttle import Throttle
from monitor.api.events.cursors import SealedCursors
from monitor.api.events.feed import EventFeed
from monitor.api.machine import Machine
from monitor.api.parts import WrittenParts
from monitor.api.present.budgets import MonthBudgets
from monitor.api.present.core_states import CoreStates
from monitor.api.present.effects import Effects
from monitor.api.present.forecasts import Forecasts
from monitor.api.probing import ProbePermits
from monitor.catalogues.in_force import Catalogues
from monitor.config.revisions.reading import LastListing
from monitor.customers.ports import CustomersTransaction
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import FailureClass, Observation, Result
from monitor.domain.time.clock import Clock
from monitor.history.http.handler import QueryHandler
from monitor.results.log.ports import FoldKey


class ApiTransaction(AccountsTransaction, CreditsTransaction, CustomersTransaction, Protocol):
    """A journal's transaction with all that accounts may ask about."""


class ApiJournal(Protocol):
    """Threads may share it; each transaction is one thread's."""

    def transaction(self) -> AbstractContextManager[ApiTransaction]:
        """As `monitor.journal.ports.Journal`."""
        ...


class ReadingApiJournal(ApiJournal, Protocol):
    """It waits for nobody and cannot write."""

    def moment(self) -> AbstractContextManager[None]:
        """Within it all transactions of the thread are one. Raises JournalError."""
        ...


class LastResults(Protocol):
    def through(self, cursor: int) -> Mapping[FoldKey, Result]:
        """The last result of each check at each location that the log still has in its newest part;
        `cursor` is how far the core has read it. Threads may share it."""
        ...


class PostedChecks(Protocol):
    def check(self, file: BinaryIO) -> Mapping[str, Any]:
        """What `monitor.config.posted.check_posted` says of a text, within bounds of time and
        memory. Raises Refused beyond them."""
        ...


class ProbeRunner(Protocol):
    async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
        """What one run of a check sees now, as this configuration has it. Raises Refused
        `probe.failed` where the run itself does not end well."""
        ...


class Source(Protocol):
    """As it is at each request; called on threads."""

    def catalogues(self) -> Catalogues:
        """The configurations that ran. Raises JournalError where they are not known yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What all requests share."""

    source: Source
    reading: ReadingApiJournal
    writing: ApiJournal
    last_results: LastResults
    clock: Clock
    passwords: Passwords
    second_factor: SecondFactor
    sealer: Sealer
    randomness: Randomness
    throttle: Throttle
    posted_checks: PostedChecks
    events: EventFeed
    cursors: SealedCursors
    probe_runner: ProbeRunner
    probe_permits: ProbePermits
    failures: Mapping[str, FailureClass]
    """The words for why check runs fail, by failure class."""
    refused_tries: RefusedTries = field(default_factory=RefusedTries)
    config_file: Callable[[], str | None] = lambda: None
    """Which file the core was started with, as far as that is known here."""
    machine: Callable[[], Machine | None] = lambda: None
    """As it was last looked at."""
    history: QueryHandler | None = None
    """None where the role reads no results."""
    last_listing: LastListing = field(default_factory=LastListing)
    trusted_proxies: Sequence[str] = ()
    public_url: str | None = None
    core_states: CoreStates = field(default_factory=CoreStates)
    budgets: MonthBudgets = field(default_factory=MonthBudgets)
    effects: Effects = field(default_factory=Effects)
    forecasts: Forecasts = field(default_factory=Forecasts)
    parts: WrittenParts = field(default_factory=WrittenParts)
    tickets: Tickets | None = None
    """None where no billing panel says whose a ticket is."""
    two_factor_roles: frozenset[AccountRole] = frozenset()
    """Accounts with one of them have to have a second factor."""

    def catalogue(self) -> Catalogue:
        """What is in force now. Raises JournalError."""
        return self.source.catalogues().present(self.clock.now()).catalogue

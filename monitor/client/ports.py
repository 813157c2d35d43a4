"""What commands ask of the product, wherever it runs: on this host, or behind a door elsewhere.

Every method raises what the use cases raise (NotFound, Stale, Refused: nothing has changed then).
Here it may raise JournalError besides; elsewhere DoorError.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from monitor.client.views import (
    AccountView,
    AskedCredits,
    AskedExclusion,
    AskedRuling,
    AtProvider,
    Followed,
    ImportView,
    Labels,
    NewWindowView,
    TokenView,
    WindowView,
)
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

if TYPE_CHECKING:
    from monitor.domain.incidents.delivery import Notification
    from monitor.journal.ports import WantedChanges

Document = Mapping[str, Any]
"""An object as the API answers it: programs read the same from a command and from a door."""


class Incidents(Protocol):
    """As `monitor.incidents.commands.IncidentCommands`."""

    def unresolved(self) -> Sequence[Incident]: ...

    def recent(self) -> Sequence[Incident]: ...

    def show(self, wanted: str) -> tuple[Incident, Sequence[Notification]]: ...

    def update(
        self,
        wanted: str,
        *,
        text: Text,
        phase: Phase | None = None,
        title: Text | None = None,
        revision: int | None = None,
        statuses: Mapping[str, Outcome] | None = None,
        next_s: int | None = None,
    ) -> Incident: ...

    def resolve(
        self,
        wanted: str,
        *,
        text: Text,
        revision: int | None = None,
        although_down: bool = False,
    ) -> Incident: ...

    def postmortem(self, wanted: str, *, text: Text, revision: int | None = None) -> Incident: ...

    def edit(
        self,
        wanted: str,
        number: int,
        *,
        text: Text,
        revision: int | None = None,
        is_partial: bool = False,
    ) -> Incident: ...


class ByHand(Protocol):
    """As `monitor.incidents.by_hand.IncidentsByHand`."""

    def open(
        self,
        *,
        title: Text,
        text: Text,
        statuses: Mapping[str, Outcome],
        phase: Phase = Phase.INVESTIGATING,
        started_at: Second | None = None,
        ended_at: Second | None = None,
    ) -> Incident: ...

    def reopen(
        self, wanted: str, *, text: Text, title: Text | None = None, revision: int | None = None
    ) -> Incident: ...


class Joining(Protocol):
    """As `monitor.incidents.joining.IncidentJoining`."""

    def merge(
        self, wanted: str, into: str, *, text: Text, revision: int | None = None
    ) -> Incident: ...

    def split(
        self,
        wanted: str,
        components: Sequence[str],
        *,
        title: Text,
        text: Text,
        revision: int | None = None,
    ) -> Incident: ...

    def link(self, wanted: str, other: str, *, revision: int | None = None) -> Incident: ...

    def unlink(self, wanted: str, other: str, *, revision: int | None = None) -> Incident: ...


class Maintenance(Protocol):
    """As `monitor.incidents.maintenance_commands.MaintenanceCommands`."""

    def listed(self, *, with_past: bool = False) -> Sequence[WindowView]: ...

    def add(
        self,
        *,
        title: Text,
        impact: Text,
        start: Second,
        end: Second,
        components: tuple[str, ...],
        reason: str = "",
    ) -> NewWindowView: ...

    def extend(
        self, wanted: str, *, end: Second, reason: str = "", revision: int | None = None
    ) -> WindowView: ...

    def cancel(
        self, wanted: str, *, reason: str = "", revision: int | None = None
    ) -> WindowView: ...


class Exclusions(Protocol):
    """As `credits.classification.commands.ExclusionCommands`; the fields are those of
    `credits.classification.fields`."""

    def listed(self, status: str = "") -> Sequence[Document]:
        """The newest step first."""
        ...

    def show(self, wanted: str) -> Document: ...

    def effect(self, wanted: str) -> Document: ...

    def propose(self, asked: AskedExclusion) -> Document: ...

    def revise(
        self, wanted: str, asked: AskedExclusion, *, revision: int | None = None
    ) -> Document: ...

    def withdraw(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...


class Credits(Protocol):
    """As `credits.handling`; the fields are those of `credits.handling.fields`, and of each of many
    the sentence of its refusal (`detail`)."""

    def listed(self, asked: AskedCredits, limit: int) -> Sequence[Document]:
        """The newest month first."""
        ...

    def show(self, wanted: str) -> Document: ...

    def request(
        self, wanted: str, *, ticket: str, client: str, revision: int | None = None
    ) -> Document: ...

    def review(self, wanted: str, *, revision: int | None = None) -> Document: ...

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...

    def reject(
        self, wanted: str, *, reason: str, clause: str, revision: int | None = None
    ) -> Document: ...

    def review_all(self, wanted: Sequence[str]) -> Sequence[Document]:
        """What came of each. Those before a refusal of the whole stay done."""
        ...

    def approve_all(self, wanted: Sequence[str], *, reason: str) -> Sequence[Document]: ...


class Rulings(Protocol):
    """As `credits.unknown.commands.RulingCommands`; the fields are those of
    `credits.unknown.fields`."""

    def waiting(self, month: str = "") -> Sequence[Document]:
        """By where the unknown time came from, the latest month first."""
        ...

    def listed(self, status: str = "") -> Sequence[Document]:
        """The newest step first."""
        ...

    def show(self, wanted: str) -> Document: ...

    def propose(self, asked: AskedRuling) -> Document: ...

    def revise(
        self, wanted: str, asked: AskedRuling, *, revision: int | None = None
    ) -> Document: ...

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...


class Accounts(Protocol):
    """As `monitor.accounts.commands.AccountCommands`."""

    def every(self) -> Sequence[AccountView]: ...

    def named(self, name: str) -> AccountView: ...

    def add(
        self,
        name: str,
        *,
        roles: Collection[AccountRole],
        services: Collection[ServiceId] = (),
        full_name: str = "",
        password: str | None = None,
        has_password: bool = True,
        elsewhere: AtProvider | None = None,
    ) -> tuple[AccountView, str]:
        """The account and its password: the given one, else one that was made."""
        ...

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
        elsewhere: AtProvider | None = None,
        revision: int | None = None,
    ) -> AccountView: ...

    def disable(self, name: str, *, revision: int | None = None) -> AccountView: ...

    def enable(self, name: str, *, revision: int | None = None) -> AccountView: ...

    def reset(
        self, name: str, *, password: str | None = None, revision: int | None = None
    ) -> tuple[AccountView, str]: ...


class Tokens(Protocol):
    """As `monitor.accounts.tokens.TokenCommands`."""

    def visible(self) -> Sequence[TokenView]: ...

    def create(
        self, label: str, *, owner: str, scopes: Collection[Scope] | None, days: int | None
    ) -> tuple[TokenView, str]:
        """The token and its secret text. `scopes` None: all that the owner may today."""
        ...

    def revoke(self, wanted: str) -> TokenView: ...


class Contracts(Protocol):
    """As `credits.contracts.reading` and `credits.contracts.import_file.ContractsImport`."""

    def every(self) -> Sequence[Document]:
        """By id; the fields are those of `contract_fields`."""
        ...

    def import_file(
        self, file: Path, *, dry_run: bool, corrects_credited: bool = False
    ) -> ImportView:
        """Raises OSError besides, where the file cannot be read."""
        ...


class Applying(Protocol):
    """As `credits.billing.requests.ApplyingRequests` and `credits.billing.by_hand.AppliedByHand`;
    the fields are those of `credits.billing.fields`."""

    def ask(self, task: str, month: str = "") -> Document:
        """The request; `show` says what came of it."""
        ...

    def show(self, wanted: int) -> Document: ...

    def handed_out(self) -> Sequence[Document]: ...

    def confirm(self, references: Mapping[str, str]) -> Sequence[Document]: ...

    def release(self, wanted: str, *, reason: str, revision: int | None = None) -> Document: ...

    def pause(self, reason: str) -> Document:
        """Pull the brake; as `credits.billing.brake.BrakeCommands`."""
        ...

    def resume(self, reason: str) -> Document: ...


class Reports(Protocol):
    """As `credits.report.issued.IssuedReports`; on the core's host a month is computed too."""

    def company(self) -> str:
        """Whose reports they are; empty where a door does not say."""
        ...

    def issued(self) -> Sequence[Document]:
        """Heads of those that were issued, the newest first."""
        ...

    def month(
        self,
        wanted: str | None,
        *,
        revision: int | None = None,
        is_provisional: bool = False,
        is_complete: bool = False,
    ) -> Document:
        """None: the last month that is over. Elsewhere the newest that was issued, and NotAsked for
        figures that are not."""
        ...


class Forecasts(Protocol):
    """As `credits.forecast.fields`."""

    def present(self, limit: int) -> Document:
        """What the month under way will come to, with up to so many contracts."""
        ...


class Configuration(Protocol):
    """As `monitor.config.revisions.reading.ConfigurationReading` and
    `monitor.config.revisions.application.ConfigurationRequests`; the fields are those of
    `monitor.config.revisions.fields`."""

    def show(self, revision: int | None, under: str) -> Document:
        """Of the one in force where no revision is given; only what is below a path."""
        ...

    def revisions(self) -> Sequence[Document]:
        """Newest first."""
        ...

    def check(self, file: Path) -> Document:
        """What is wrong with a text, and what is unwise, as that product sees it. Raises OSError
        where it cannot be read here."""
        ...

    def reload(self) -> Document:
        """The request; `application` says what came of it."""
        ...

    def application(self, wanted: int) -> Document: ...


class Checks(Protocol):
    """As `monitor.api.resources.checks`."""

    def probe(self, wanted: str) -> Document:
        """What one run of a configured check sees now, from the host of that product. It stands in
        the audit log and nowhere else. Raises Refused `probe.failed` where the run itself fails."""
        ...


class Events(Protocol):
    """As `monitor.api.resources.events`."""

    def follow(self) -> Iterator[Followed]:
        """What changes from now on, in its order, without end. What keeps it from being read is
        waited for and said once."""
        ...


class State(Protocol):
    """As `monitor.api.resources.state`."""

    def now(self) -> Document: ...


class Audit(Protocol):
    """As `monitor.accounts.audit.AuditReading`."""

    def changes(self, wanted: WantedChanges, limit: int) -> Sequence[Document]:
        """Oldest first, also where the newest are wanted; the fields are those of
        `change_fields`."""
        ...


class Product(Protocol):
    """One installation, as whoever types may use it."""

    @property
    def incidents(self) -> Incidents: ...

    @property
    def by_hand(self) -> ByHand: ...

    @property
    def joining(self) -> Joining: ...

    @property
    def maintenance(self) -> Maintenance: ...

    @property
    def exclusions(self) -> Exclusions: ...

    @property
    def credits(self) -> Credits: ...

    @property
    def rulings(self) -> Rulings: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def contracts(self) -> Contracts: ...

    @property
    def applying(self) -> Applying: ...

    @property
    def reports(self) -> Reports: ...

    @property
    def forecasts(self) -> Forecasts: ...

    @property
    def configuration(self) -> Configuration: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def events(self) -> Events: ...

    @property
    def state(self) -> State: ...

    @property
    def audit(self) -> Audit: ...

    def now(self) -> Second:
        """By the product's own clock."""
        ...

    def labels(self, components: Collection[ComponentId] = ()) -> Labels:
        """The zone, and the names of these components at least."""
        ...

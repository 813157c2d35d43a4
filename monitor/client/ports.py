"""What commands ask of the product, wherever it runs: on this host, or behind a door elsewhere.

Every method raises what the use cases raise (NotFound, Stale, Refused: nothing has changed then).
Here it may raise JournalError besides; elsewhere DoorError.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from monitor.client.views import AccountView, Labels, NewWindowView, TokenView, WindowView
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

if TYPE_CHECKING:
    from monitor.domain.incidents.delivery import Notification


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
    ) -> Incident: ...

    def resolve(
        self,
        wanted: str,
        *,
        text: Text,
        revision: int | None = None,
        although_down: bool = False,
    ) -> Incident: ...

    def edit(
        self,
        wanted: str,
        number: int,
        *,
        text: Text,
        revision: int | None = None,
        is_partial: bool = False,
    ) -> Incident: ...


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

    def cancel(
        self, wanted: str, *, reason: str = "", revision: int | None = None
    ) -> WindowView: ...


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
    ) -> tuple[AccountView, str]:
        """The account and its password: the given one, else one that was made."""
        ...

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
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


class Product(Protocol):
    """One installation, as whoever types may use it."""

    @property
    def incidents(self) -> Incidents: ...

    @property
    def maintenance(self) -> Maintenance: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def tokens(self) -> Tokens: ...

    def now(self) -> Second:
        """By the product's own clock."""
        ...

    def labels(self, components: Collection[ComponentId] = ()) -> Labels:
        """The zone, and the names of these components at least."""
        ...

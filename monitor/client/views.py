"""What commands print: the same values, whether the journal or a door elsewhere gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from monitor.domain.accounts.account import AccountName, TokenState
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.exclusions.classification import Evidence
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.maintenance import MaintenancePhase, MaintenanceWindow
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The company's zone, and the components' names."""

    zone: ZoneInfo
    names: Mapping[ComponentId, str] = field(default_factory=dict)

    def component(self, wanted: ComponentId) -> str:
        """Its id where no name is known: it has left the configuration."""
        return self.names.get(wanted, str(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """`is_excluded`: whether the default terms leave its time out."""

    window: MaintenanceWindow
    phase: MaintenancePhase
    is_excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWindowView(WindowView):
    """`already_failing`: its components that are down or slow now, which counts until it ends."""

    already_failing: Sequence[ComponentStatus] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedExclusion:
    """What somebody wants left out. Component and times that are None are those of the incident,
    or, in a revision, those of the step before."""

    cause: str
    evidence: Evidence
    component: str | None = None
    incident: str | None = None
    start: Second | None = None
    end: Second | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCredits:
    """Which credits somebody looks for; what is empty narrows nothing down."""

    state: str = ""
    month: str = ""
    client: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRuling:
    """What somebody says that unknown time was: of credits that wait of a month, by where it lies
    and why it is unknown ("": whatever), or of credits that are named one by one."""

    assumed: str
    evidence: Evidence
    month: str | None = None
    start: Second | None = None
    end: Second | None = None
    cause: str = ""
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AtProvider:
    """Who an account is at the OpenID provider; with neither it opens by password alone."""

    email: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account without what it signs in with. `services` empty: all of them."""

    name: AccountName
    full_name: str
    roles: frozenset[AccountRole]
    services: frozenset[ServiceId]
    has_password: bool
    has_second_factor: bool
    email: str | None
    issuer: str | None
    subject: str | None
    follows_groups: bool
    created_at: Second
    disabled_at: Second | None
    password_changed_at: Second
    last_signed_in_at: Second | None
    revision: int

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A token without its secret. `state` is as of now."""

    id: str
    label: str
    owner: AccountName
    scopes: frozenset[Scope]
    created_at: Second
    expires_at: Second | None
    last_used_at: Second | None
    revoked_at: Second | None
    state: TokenState


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the following itself: a sentence for whoever watches."""

    words: str


Followed: TypeAlias = Mapping[str, Any] | Notice
"""An event as the API answers it, or why some are late or missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedView:
    """A contract that is new or differs. `differences` are what, before and after; empty where
    there was nothing."""

    contract: str
    is_new: bool
    differences: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """All are counted, the first ones that are new or differ are shown."""

    new: int
    changed: int
    unchanged: int
    shown: Sequence[ImportedView]

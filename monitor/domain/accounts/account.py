"""An account, its sessions and its tokens, as values. No secret stands in them: passwords, session
keys and tokens are hashes, the seed of the second factor is encrypted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.permissions import AccountRole, Scope, scopes_of
from monitor.domain.checks.observation import ServiceId
from monitor.domain.time.interval import Second

AccountName = NewType("AccountName", str)
"""What somebody signs in with; never changes, for the audit log names it."""
DEFAULT_DAYS = 90
"""How long a token lasts where nothing else is said."""
MOST_DAYS = 3_650
KNOWN_S = 30 * 86_400
"""For so long it is known from where an account was opened, also after the session was ended."""
_SESSION_ID = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`services` bounds it to what belongs to them; empty means all. `password_hash` is empty where
    the account signs in by OpenID Connect alone. `last_totp_step` is the last time step that was
    used, for a code is good once. `recovery_hashes` are the codes not used yet.

    `issuer` and `subject` are whose it is at a provider, both or neither. `email` is by whom it is
    bound to one, at the first sign-in there. An account that `follows_groups` was made for a member
    of one, and has the roles of its groups as they were at the last sign-in; maybe none any more.
    """

    name: AccountName
    full_name: str = ""
    roles: frozenset[AccountRole]
    services: frozenset[ServiceId] = frozenset()
    password_hash: str = ""
    password_changed_at: Second
    totp_seed: bytes = b""
    last_totp_step: int = 0
    recovery_hashes: tuple[str, ...] = ()
    created_at: Second
    disabled_at: Second | None = None
    revision: int = 0
    email: str | None = None
    issuer: str | None = None
    subject: str | None = None
    follows_groups: bool = False

    @property
    def is_bound(self) -> bool:
        """To somebody at a provider."""
        return self.subject is not None

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def has_second_factor(self) -> bool:
        return bool(self.totp_seed)

    @property
    def scopes(self) -> frozenset[Scope]:
        return scopes_of(self.roles)

    def lacks_second_factor(self, demanded_of: Collection[AccountRole]) -> bool:
        """One of its roles demands a second factor, and it has none."""
        return not self.has_second_factor and not self.roles.isdisjoint(demanded_of)


class OpenedBy(StrEnum):
    PASSWORD = "password"  # noqa: S105 - a way to sign in, no secret
    PROVIDER = "provider"
    PROVIDER_TWO_FACTOR = "provider_two_factor"
    """The provider's word counts as a second factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSession:
    """A signed-in browser. `key_hash` is SHA-256 of what its cookie holds, in hexadecimal.
    `ended_at`: signed out, or ended by a new password, a reset or the account's end."""

    key_hash: str
    account: AccountName
    created_at: Second
    last_used_at: Second
    expires_at: Second
    address: str
    user_agent: str
    ended_at: Second | None = None
    opened_by: OpenedBy = OpenedBy.PASSWORD

    @property
    def id(self) -> str:
        """What people call it by. Nobody finds the key, or its hash, by a part of the hash."""
        return self.key_hash[:_SESSION_ID]

    def is_valid(self, now: Second, account: Account, idle_s: int) -> bool:
        """Not ended, not over, not idle for too long, and of an account that is enabled."""
        is_idle = now - self.last_used_at >= idle_s
        is_over = self.ended_at is not None or now >= self.expires_at
        return account.is_enabled and not is_over and not is_idle


class TokenState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OWNER_DISABLED = "owner disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A program's key. It acts as its owner, within its own scopes: what the owner may no longer
    do, the token may not either. `id` is public and stands in the audit log."""

    id: str
    label: str
    owner: AccountName
    secret_hash: str
    scopes: frozenset[Scope]
    created_at: Second
    expires_at: Second | None = None
    last_used_at: Second | None = None
    revoked_at: Second | None = None

    def is_over(self, now: Second) -> bool:
        is_expired = self.expires_at is not None and now >= self.expires_at
        return is_expired or self.revoked_at is not None

    def is_valid(self, now: Second, owner: Account) -> bool:
        return self.state(now, owner) is TokenState.VALID

    def state(self, now: Second, owner: Account) -> TokenState:
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if not owner.is_enabled:
            return TokenState.OWNER_DISABLED
        return TokenState.EXPIRED if self.is_over(now) else TokenState.VALID

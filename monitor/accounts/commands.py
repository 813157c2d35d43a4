"""What people do to accounts: one path for the terminal and the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.accounts.elsewhere import Elsewhere
from monitor.accounts.passwords import acceptable, with_password
from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Passwords, Randomness
from monitor.accounts.rights import (
    ACCOUNT_NAME,
    existing,
    plain_label,
    require_admin,
    require_admin_in_person,
    require_within,
)
from monitor.domain.accounts.account import Account, AccountName
from monitor.domain.accounts.permissions import AccountRole, scopes_of
from monitor.domain.change import MACHINE, Actor
from monitor.domain.checks.observation import Json, ServiceId
from monitor.domain.refusals import Refused, no_such, require_seen
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails."""

    journal: AccountsJournal
    passwords: Passwords
    randomness: Randomness
    clock: Clock
    actor: Actor
    known_services: Collection[ServiceId]
    """Those of the configuration in force: with a mistyped one an account would see nothing."""

    def every(self) -> Sequence[Account]:
        require_admin(self.actor)
        with self.journal.transaction() as tx:
            return tx.accounts.every()

    def named(self, name: str) -> Account:
        require_admin(self.actor)
        with self.journal.transaction() as tx:
            return existing(tx, name)

    def last_sign_ins(self, accounts: Collection[Account]) -> Mapping[AccountName, Second | None]:
        """When each newest session began; None where there is no session any more."""
        with self.journal.transaction() as tx:
            newest = tx.accounts.newest_sessions()
        return {account.name: newest.get(account.name) for account in accounts}

    def add(
        self,
        name: str,
        *,
        roles: Collection[AccountRole],
        services: Collection[ServiceId] = (),
        full_name: str = "",
        password: str | None = None,
        has_password: bool = True,
        elsewhere: Elsewhere | None = None,
    ) -> tuple[Account, str]:
        """A new account and its password: the given one, else one made here, to be said once; empty
        where it has none, and signs in `elsewhere` alone."""
        require_admin_in_person(self.actor)
        _require_free(name)
        if not roles:
            raise Refused("account.no_role")
        require_within(self.actor, scopes_of(roles), name)
        self._require_known(services)
        said, hashed = self._password(name, password) if has_password else ("", "")
        now = self.clock.now()
        with self.journal.transaction() as tx:
            if tx.accounts.get(AccountName(name)) is not None:
                raise Refused("account.exists", name=name)
            account = Account(
                name=AccountName(name),
                full_name=plain_label(full_name, "full name"),
                roles=frozenset(roles),
                services=frozenset(services),
                password_hash=hashed,
                password_changed_at=now,
                created_at=now,
            )
            if elsewhere is not None:
                account = elsewhere.bound(tx, account)
            elif not has_password:
                raise Refused("account.no_way_in")
            saved = tx.accounts.save(account)
            self._note(tx, "account.added", None, saved)
            return saved, said

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
        elsewhere: Elsewhere | None = None,
        revision: int | None = None,
    ) -> Account:
        """Other roles or services: they hold from the next request on. Who is given roles follows
        no groups any more. With another person `elsewhere` its sessions end."""
        require_admin_in_person(self.actor)
        self._require_known(services or ())
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            changed = replace(
                found,
                roles=found.roles if roles is None else frozenset(roles),
                services=found.services if services is None else frozenset(services),
            )
            if roles is not None:
                changed = replace(changed, follows_groups=False)
            if elsewhere is not None:
                changed = elsewhere.bound(tx, changed)
            if not changed.roles and not changed.follows_groups:
                raise Refused("account.no_role")
            if changed == found:
                raise Refused("account.unchanged", name=name)
            require_within(self.actor, changed.scopes, name)
            _keep_an_admin(tx, found, changed)
            if elsewhere is not None:
                tx.accounts.end_sessions(found.name, self.clock.now())
            return self._save(tx, "account.changed", found, changed)

    def disable(self, name: str, *, revision: int | None = None) -> Account:
        """Its sessions end, its tokens open nothing any more; what it did keeps its name."""
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            if not found.is_enabled:
                raise Refused("account.disabled", name=name)
            changed = replace(found, disabled_at=self.clock.now())
            _keep_an_admin(tx, found, changed)
            tx.accounts.end_sessions(found.name, self.clock.now())
            return self._save(tx, "account.disabled", found, changed)

    def enable(self, name: str, *, revision: int | None = None) -> Account:
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            if found.is_enabled:
                raise Refused("account.enabled", name=name)
            return self._save(tx, "account.enabled", found, replace(found, disabled_at=None))

    def reset(
        self, name: str, *, password: str | None = None, revision: int | None = None
    ) -> tuple[Account, str]:
        """A new password and no second factor, for somebody who lost them, or whose they are no
        longer alone: sessions end, and tokens are revoked."""
        require_admin_in_person(self.actor)
        said = self.randomness.recovery_code() if password is None else acceptable(password, name)
        hashed = self.passwords.hashed(said)
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            now = self.clock.now()
            changed = replace(
                with_password(found, hashed, now),
                totp_seed=b"",
                recovery_hashes=(),
            )
            tx.accounts.end_sessions(found.name, now)
            revoked = _revoke_all(tx, found.name, now)
            saved = self._save(tx, "account.reset", found, changed, tokens_revoked=revoked)
            return saved, said

    def _password(self, name: str, given: str | None) -> tuple[str, str]:
        """The given one, or one made here, and its hash."""
        said = self.randomness.recovery_code() if given is None else acceptable(given, name)
        return said, self.passwords.hashed(said)

    def _require_known(self, services: Collection[ServiceId]) -> None:
        for service in services:
            if service not in self.known_services:
                raise no_such("service", service, sorted(self.known_services))

    def _get(self, tx: AccountsTransaction, name: str, revision: int | None) -> Account:
        require_admin(self.actor)
        found = existing(tx, name)
        require_within(self.actor, found.scopes, name)
        require_seen("account", found.name, revision, found.revision)
        return found

    def _save(
        self, tx: AccountsTransaction, kind: str, before: Account, after: Account, **also: Json
    ) -> Account:
        saved = tx.accounts.save(after)
        self._note(tx, kind, before, saved, **also)
        return saved

    def _note(
        self,
        tx: AccountsTransaction,
        kind: str,
        before: Account | None,
        after: Account,
        **also: Json,
    ) -> None:
        was = _shown(before) if before else {}
        done = self.actor.change(self.clock.now(), kind, after.name, was, {**_shown(after), **also})
        tx.changes.append([done])


def _revoke_all(tx: AccountsTransaction, owner: AccountName, now: Second) -> int:
    """How many there were; those that are over by time are none."""
    live = [token for token in tx.accounts.tokens(owner) if not token.is_over(now)]
    for token in live:
        tx.accounts.revoke_token(token.id, now)
    return len(live)


def _keep_an_admin(tx: AccountsTransaction, before: Account, after: Account) -> None:
    """Nobody can lock everybody out. Raises Refused."""
    if not _looks_after_all(before) or _looks_after_all(after):
        return
    others = (a for a in tx.accounts.every() if a.name != before.name)
    if not any(map(_looks_after_all, others)):
        raise Refused("account.last_admin", name=before.name)


def _looks_after_all(account: Account) -> bool:
    is_admin = AccountRole.ADMIN in account.roles and not account.services
    return is_admin and account.is_enabled


def _shown(account: Account) -> dict[str, Json]:
    """What the audit log keeps of an account: no hash, no seed."""
    return {
        "roles": sorted(account.roles),
        "services": sorted(account.services),
        "is_enabled": account.is_enabled,
        "has_second_factor": account.has_second_factor,
        "email": account.email,
        "subject": account.subject,
    }


def _require_free(name: str) -> None:
    """Of the names that an account may have. Raises Refused."""
    if not ACCOUNT_NAME.fullmatch(name):
        raise Refused("account.name", name=name)
    if name == MACHINE.id:
        raise Refused("account.reserved", name=name)

"""What people do to accounts and tokens: one path for the terminal, the API and the console."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from monitor.accounts.ports import (
    AccountsJournal,
    AccountsTransaction,
    Passwords,
    Randomness,
    Sealer,
    SecondFactor,
)
from monitor.accounts.sign_in import LONGEST_PASSWORD, hash_of
from monitor.domain.accounts.account import AccessToken, Account, AccountName
from monitor.domain.accounts.permissions import AccountRole, Scope, scopes_of
from monitor.domain.change import MACHINE, Actor, ActorKind
from monitor.domain.checks.observation import Json, ServiceId
from monitor.domain.refusals import Refused, no_such, require_scope, require_seen
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_SHORTEST_PASSWORD = 12
_TELLING_NAME = 3
_FEWEST_CHARACTERS = 5
"""Different ones."""
_RECOVERY_CODES = 10
_LONGEST_LABEL = 100
TOKEN_PREFIX = "estado_"  # noqa: S105 - what tokens begin with, so that scanners find a lost one


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails."""

    journal: AccountsJournal
    passwords: Passwords
    randomness: Randomness
    clock: Clock
    actor: Actor

    def every(self) -> Sequence[Account]:
        _require_admin(self.actor)
        with self.journal.transaction() as tx:
            return tx.accounts.every()

    def add(
        self,
        name: str,
        *,
        roles: Collection[AccountRole],
        services: Collection[ServiceId] = (),
        full_name: str = "",
        password: str | None = None,
    ) -> tuple[Account, str]:
        """A new account and its password: the given one, else one made here, to be said once."""
        _require_admin_in_person(self.actor)
        if not _NAME.fullmatch(name):
            raise Refused("account.name", name=name)
        if name == MACHINE.id:
            raise Refused("account.reserved", name=name)
        if not roles:
            raise Refused("account.no_role")
        _require_within(self.actor, scopes_of(roles), name)
        said = self.randomness.recovery_code() if password is None else acceptable(password, name)
        hashed, now = self.passwords.hashed(said), self.clock.now()
        with self.journal.transaction() as tx:
            if tx.accounts.get(AccountName(name)) is not None:
                raise Refused("account.exists", name=name)
            saved = tx.accounts.save(
                Account(
                    name=AccountName(name),
                    full_name=_label(full_name, "full name"),
                    roles=frozenset(roles),
                    services=frozenset(services),
                    password_hash=hashed,
                    password_changed_at=now,
                    created_at=now,
                )
            )
            self._note(tx, "account.added", None, saved)
            return saved, said

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
        revision: int | None = None,
    ) -> Account:
        """Other roles or services: they hold from the next request on."""
        _require_admin_in_person(self.actor)
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            changed = replace(
                found,
                roles=found.roles if roles is None else frozenset(roles),
                services=found.services if services is None else frozenset(services),
            )
            if not changed.roles:
                raise Refused("account.no_role")
            if changed == found:
                raise Refused("account.unchanged", name=name)
            _require_within(self.actor, changed.scopes, name)
            _keep_an_admin(tx, found, changed)
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
        _require_admin_in_person(self.actor)
        said = self.randomness.recovery_code() if password is None else acceptable(password, name)
        hashed = self.passwords.hashed(said)
        with self.journal.transaction() as tx:
            found = self._get(tx, name, revision)
            now = self.clock.now()
            changed = replace(
                _with_password(found, hashed, now),
                totp_seed=b"",
                recovery_hashes=(),
            )
            tx.accounts.end_sessions(found.name, now)
            revoked = _revoke_all(tx, found.name, now)
            saved = self._save(tx, "account.reset", found, changed, tokens_revoked=revoked)
            return saved, said

    def _get(self, tx: AccountsTransaction, name: str, revision: int | None) -> Account:
        _require_admin(self.actor)
        found = existing(tx, name)
        _require_within(self.actor, found.scopes, name)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """What somebody does to the account that is signed in; `key_hash` is of the session that stays.
    Raises as `AccountCommands`."""

    journal: AccountsJournal
    passwords: Passwords
    second_factor: SecondFactor
    sealer: Sealer
    randomness: Randomness
    clock: Clock
    actor: Actor
    key_hash: str

    def change_password(self, current: str, new: str) -> None:
        """Every other session ends."""
        account = self._require_password(current)
        hashed = self.passwords.hashed(acceptable(new, account.name))
        with self.journal.transaction() as tx:
            found = existing(tx, account.name)
            require_seen("account", found.name, account.revision, found.revision)
            tx.accounts.end_sessions(found.name, self._now(), but=self.key_hash)
            self._save(tx, "account.password_changed", _with_password(found, hashed, self._now()))

    def begin_second_factor(self) -> tuple[bytes, str]:
        """A new seed, sealed, for the form to bring back, and the address for the authenticator.
        Nothing is kept before a code proves that the authenticator has it."""
        seed = self.second_factor.new_seed()
        name = AccountName(self.actor.id)
        return self.sealer.seal(seed, name), self.second_factor.address(seed, name)

    def confirm_second_factor(self, current: str, sealed: bytes, code: str) -> tuple[str, ...]:
        """Keep the seed; the recovery codes, to be said once."""
        account = self._require_password(current)
        seed = self.sealer.open(sealed, account.name)
        step = self.second_factor.step_of(seed, "".join(code.split()), self._now())
        if step is None:
            raise Refused("second_factor.code")
        codes = tuple(self.randomness.recovery_code() for _ in range(_RECOVERY_CODES))
        with self.journal.transaction() as tx:
            found = existing(tx, account.name)
            require_seen("account", found.name, account.revision, found.revision)
            kept = replace(
                found,
                totp_seed=sealed,
                last_totp_step=step,
                recovery_hashes=tuple(hash_of(plain) for plain in codes),
            )
            tx.accounts.end_sessions(found.name, self._now(), but=self.key_hash)
            self._save(tx, "account.second_factor_set", kept)
        return codes

    def _require_password(self, typed: str) -> Account:
        with self.journal.transaction() as tx:
            account = existing(tx, self.actor.id)
        if not self.passwords.is_right(typed[:LONGEST_PASSWORD], account.password_hash):
            raise Refused("password.wrong")
        return account

    def _save(self, tx: AccountsTransaction, kind: str, account: Account) -> None:
        tx.accounts.save(account)
        tx.changes.append([self.actor.change(self._now(), kind, account.name)])

    def _now(self) -> Second:
        return self.clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCommands:
    """Raises as `AccountCommands`."""

    journal: AccountsJournal
    randomness: Randomness
    clock: Clock
    actor: Actor

    def visible(self) -> Sequence[AccessToken]:
        """Everybody's to who looks after accounts, else one's own."""
        with self.journal.transaction() as tx:
            return self._visible(tx)

    def create(
        self,
        label: str,
        *,
        owner: str,
        scopes: Collection[Scope],
        lasts_s: int | None,
    ) -> tuple[AccessToken, str]:
        """A token and its secret text, which is shown this once. Who looks after accounts makes one
        for another account too, and none may do more than its owner."""
        if owner != self.actor.id:
            _require_admin(self.actor)
        if self.actor.kind is ActorKind.TOKEN:
            raise Refused("token.by_token")
        if not scopes:
            raise Refused("token.no_scope")
        now, secret = self.clock.now(), self.randomness.key()
        with self.journal.transaction() as tx:
            account = existing(tx, owner)
            if not account.is_enabled:
                raise Refused("token.owner_disabled", name=owner)
            if owner != self.actor.id:
                _require_within(self.actor, scopes, owner)
            beyond = sorted(set(scopes) - account.scopes)
            if beyond:
                raise Refused("token.beyond_owner", owner=owner, scopes=beyond)
            token = AccessToken(
                id=self.randomness.token_id(),
                label=_label(label, "label"),
                owner=account.name,
                secret_hash=hash_of(secret),
                scopes=frozenset(scopes),
                created_at=now,
                expires_at=None if lasts_s is None else Second(now + lasts_s),
            )
            tx.accounts.add_token(token)
            after = {"owner": token.owner, "label": token.label, "scopes": sorted(token.scopes)}
            tx.changes.append([self.actor.change(now, "token.created", token.id, after=after)])
        return token, f"{TOKEN_PREFIX}{token.id}_{secret}"

    def revoke(self, wanted: str) -> AccessToken:
        """One's own; anybody's, for who looks after accounts. A token revokes itself, and others
        as far as it may look after accounts and all that they may."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = tx.accounts.token(wanted)
            is_own = found is not None and found.owner == self.actor.id
            if found is None or not (is_own or _looks_after(self.actor)):
                raise no_such("token", wanted, [t.id for t in self._visible(tx)])
            if self.actor.kind is ActorKind.TOKEN and found.id != self.actor.token:
                _require_admin(self.actor)
                _require_within(self.actor, found.scopes, found.id)
            if found.revoked_at is not None:
                raise Refused("token.revoked", id=wanted)
            tx.accounts.revoke_token(found.id, now)
            tx.changes.append([self.actor.change(now, "token.revoked", found.id)])
            return replace(found, revoked_at=now)

    def _visible(self, tx: AccountsTransaction) -> Sequence[AccessToken]:
        is_own_only = not _looks_after(self.actor)
        return tx.accounts.tokens(AccountName(self.actor.id) if is_own_only else None)


def _looks_after(actor: Actor) -> bool:
    return actor.may(Scope.ACCOUNTS_WRITE) and actor.services is None


def _require_admin(actor: Actor) -> None:
    """Who is bounded to services could else make an account that is not. Raises Refused."""
    require_scope(actor, Scope.ACCOUNTS_WRITE)
    if actor.services is not None:
        raise Refused("scope.every_service")


def _require_admin_in_person(actor: Actor) -> None:
    """By an account of its own a token would outlast its end. Raises Refused."""
    _require_admin(actor)
    if actor.kind is ActorKind.TOKEN:
        raise Refused("account.by_token")


def _require_within(actor: Actor, scopes: Collection[Scope], name: str) -> None:
    """Nobody gives what he lacks, and nobody takes over an account that may more: by a new password
    he would sign in as it. Raises Refused."""
    beyond = sorted(scope for scope in scopes if not actor.may(scope))
    if beyond:
        raise Refused("account.beyond", name=name, scopes=", ".join(beyond))


def existing(tx: AccountsTransaction, name: str) -> Account:
    """Raises NotFound."""
    found = tx.accounts.get(AccountName(name))
    if found is None:
        raise no_such("account", name, [a.name for a in tx.accounts.every()])
    return found


def acceptable(password: str, name: str) -> str:
    """A password that is worth hashing. Length is what counts (NIST SP 800-63B). Raises Refused."""
    if len(password) < _SHORTEST_PASSWORD:
        raise Refused("password.short", least=_SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refused("password.long", most=LONGEST_PASSWORD)
    if len(name) >= _TELLING_NAME and name.lower() in password.lower():
        raise Refused("password.has_name", name=name)
    if len(set(password)) < _FEWEST_CHARACTERS:
        raise Refused("password.repeats")
    return password


def _with_password(account: Account, hashed: str, now: Second) -> Account:
    return replace(account, password_hash=hashed, password_changed_at=now)


def _revoke_all(tx: AccountsTransaction, owner: AccountName, now: Second) -> int:
    """How many there were; those that are over by time are none."""
    live = [
        token
        for token in tx.accounts.tokens(owner)
        if token.revoked_at is None and (token.expires_at is None or now < token.expires_at)
    ]
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


def _label(text: str, what: str) -> str:
    label = "".join(c for c in text if c.isprintable()).strip()
    if len(label) > _LONGEST_LABEL:
        raise Refused("text.too_long", what=what, length=len(label), most=_LONGEST_LABEL)
    return label


def _shown(account: Account) -> dict[str, Json]:
    """What the audit log keeps of an account: no hash, no seed."""
    return {
        "roles": sorted(account.roles),
        "services": sorted(account.services),
        "is_enabled": account.is_enabled,
        "has_second_factor": account.has_second_factor,
    }

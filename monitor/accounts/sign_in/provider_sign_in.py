"""Signing in by the word of an OpenID provider: whose account it opens, and whether it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Randomness
from monitor.accounts.rights import ACCOUNT_NAME
from monitor.accounts.session_keys import new_session
from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.sign_in import has_opened, network_of
from monitor.accounts.sign_in.throttle import Throttle
from monitor.domain.accounts.account import Account, AccountName, OpenedBy
from monitor.domain.accounts.identity import Identity, ProviderRules
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE, Actor, ActorKind, Via
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9._-]+")
_LONGEST_FULL_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who comes back from the provider, and from where. `code` is of a second factor here."""

    identity: Identity
    address: str
    user_agent: str = ""
    code: str = ""
    via: Via = Via.CONSOLE


class CodeNeeded(Exception):
    """The provider's word is no second factor, and the account has one here: ask for a code, and
    come again with it. Nothing has changed."""


class _WrongCode(Exception):
    def __init__(self, account: str) -> None:
        super().__init__(account)
        self.account = account


@dataclass(frozen=True, slots=True)
class _Counted:
    """A try that was counted as a failure."""

    succeeded: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turned:
    """Nobody gets in; `why` is for the audit log alone."""

    why: str
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSignIn:
    """An account is found by issuer and subject, which never change. An account that is bound to
    nobody yet, and was given an address, is bound by it once, where the provider has verified that
    address. Members of configured groups get an account. All others stay outside, and whoever does
    is told the same: else an address would tell whether it has an account."""

    reading: AccountsJournal
    journal: AccountsJournal
    codes: Codes
    randomness: Randomness
    clock: Clock
    throttle: Throttle
    rules: ProviderRules

    def sign_in(self, visitor: Visitor) -> str:
        """The key of a new session.

        Raises CodeNeeded; Refused: `signin.no_account`, `signin.code` or `signin.wait`.
        """
        counted = self._counted(visitor) if visitor.code else None
        try:
            with self.journal.transaction() as tx:
                opened = self._opened(tx, visitor)
        except _WrongCode as wrong:
            with self.journal.transaction() as tx:
                self._refuse(tx, _Turned(why="code", account=wrong.account), visitor)
            raise Refused("signin.code") from None
        if isinstance(opened, _Turned):
            raise Refused("signin.no_account")
        if counted is not None:
            counted.succeeded()
        return opened

    def _opened(self, tx: AccountsTransaction, visitor: Visitor) -> str | _Turned:
        """The key of a new session. Raises what `_proved` raises."""
        found = self._account(tx, visitor)
        if isinstance(found, Account):
            found = self._with_groups(tx, found, visitor)
        if isinstance(found, _Turned):
            self._refuse(tx, found, visitor)
            return found
        return self._begin(tx, self._proved(tx, found, visitor), visitor)

    def _counted(self, visitor: Visitor) -> _Counted:
        """Tries of codes count as those with a password do. Raises Refused."""
        identity, network = visitor.identity, network_of(visitor.address)
        with self.reading.transaction() as tx:
            found = tx.accounts.by_identity(identity.issuer, identity.subject)
            if found is None and identity.email is not None:
                found = tx.accounts.by_email(identity.email)
            name = found.name if found else AccountName("")
            is_known = has_opened(tx, name, network, self.clock.now())
        moment = self.clock.monotonic()
        wait = self.throttle.take(name, network, moment, is_known=is_known)
        if wait > 0:
            raise Refused("signin.wait", seconds=int(wait) + 1)
        forgive = self.throttle.succeeded
        return _Counted(lambda: forgive(name, network, moment, is_known=is_known))

    def _proved(self, tx: AccountsTransaction, account: Account, visitor: Visitor) -> Account:
        """Raises CodeNeeded and _WrongCode, and the transaction has changed nothing then: an
        account is bound to nobody who has not shown its second factor."""
        if not account.has_second_factor or self.rules.has_second_factor(visitor.identity):
            return account
        if not visitor.code:
            raise CodeNeeded
        used = self.codes.used(account, visitor.code, self.clock.now())
        if used is None:
            raise _WrongCode(account.name)
        return tx.accounts.save(used)

    def _account(self, tx: AccountsTransaction, visitor: Visitor) -> Account | _Turned:
        identity = visitor.identity
        found = tx.accounts.by_identity(identity.issuer, identity.subject)
        if found is None and identity.email is not None:
            found = tx.accounts.by_email(identity.email)
            if found is not None and found.is_bound:
                return _Turned(why="email_of_another", account=found.name)
            if found is not None and found.is_enabled:
                found = self._bound(tx, found, visitor)
        if found is None:
            return self._made(tx, visitor)
        return found if found.is_enabled else _Turned(why="disabled", account=found.name)

    def _bound(self, tx: AccountsTransaction, account: Account, visitor: Visitor) -> Account:
        identity = visitor.identity
        bound = replace(account, issuer=identity.issuer, subject=identity.subject)
        after = {"issuer": identity.issuer, "subject": identity.subject}
        return self._saved(tx, "account.bound", bound, visitor, after)

    def _made(self, tx: AccountsTransaction, visitor: Visitor) -> Account | _Turned:
        """An account for a member of a group. Its name is nobody's yet: what a provider calls
        somebody may be chosen there by anybody."""
        identity, now = visitor.identity, self.clock.now()
        roles = self.rules.roles_of(identity.groups)
        if not roles:
            return _Turned(why="unknown")
        name = account_name(identity)
        if name is None or tx.accounts.get(name) is not None:
            return _Turned(why="name_taken" if name else "no_name")
        made = Account(
            name=name,
            full_name=_printable(identity.full_name),
            roles=roles,
            password_changed_at=now,
            created_at=now,
            email=identity.email,
            issuer=identity.issuer,
            subject=identity.subject,
            follows_groups=True,
        )
        after = {"roles": _named(roles), "issuer": identity.issuer, "subject": identity.subject}
        return self._saved(tx, "account.added", made, visitor, after)

    def _with_groups(
        self, tx: AccountsTransaction, account: Account, visitor: Visitor
    ) -> Account | _Turned:
        """The roles of its groups as they are now; in none, it has no role and its sessions end."""
        roles = self.rules.roles_of(visitor.identity.groups)
        if account.follows_groups and roles != account.roles:
            if not roles:
                tx.accounts.end_sessions(account.name, self.clock.now())
            after = {"roles": _named(roles)}
            changed = replace(account, roles=roles)
            account = self._saved(tx, "account.changed", changed, visitor, after)
        return account if account.roles else _Turned(why="no_group", account=account.name)

    def _begin(self, tx: AccountsTransaction, account: Account, visitor: Visitor) -> str:
        is_strong = self.rules.has_second_factor(visitor.identity)
        opened_by = OpenedBy.PROVIDER_TWO_FACTOR if is_strong else OpenedBy.PROVIDER
        now = self.clock.now()
        key, session = new_session(
            self.randomness, account.name, now,
            address=visitor.address, user_agent=visitor.user_agent, opened_by=opened_by,
        )  # fmt: skip
        tx.accounts.add_session(session)
        actor = _actor(account.name, visitor)
        after = {"opened_by": str(opened_by)}
        tx.changes.append([actor.change(now, "session.begun", account.name, after=after)])
        return key

    def _refuse(self, tx: AccountsTransaction, turned: _Turned, visitor: Visitor) -> None:
        identity, actor = visitor.identity, _actor(turned.account, visitor)
        after = {"why": turned.why, "issuer": identity.issuer, "subject": identity.subject}
        done = actor.change(self.clock.now(), "session.refused", turned.account, after=after)
        tx.changes.append([done])

    def _saved(
        self,
        tx: AccountsTransaction,
        kind: str,
        account: Account,
        visitor: Visitor,
        after: Mapping[str, Json],
    ) -> Account:
        """Done by the machine, on the provider's word."""
        saved = tx.accounts.save(account)
        actor = replace(MACHINE, via=visitor.via, address=visitor.address)
        tx.changes.append([actor.change(self.clock.now(), kind, account.name, after=after)])
        return saved


def account_name(identity: Identity) -> AccountName | None:
    """What a new account is called: as the provider calls the person, in our letters.

    >>> account_name(Identity(issuer="https://id", subject="7", username="Ana.Pérez"))
    'ana.p-rez'
    >>> account_name(Identity(issuer="https://id", subject="7")) is None
    True
    """
    wanted = identity.username or (identity.email or "")
    name = _NOT_IN_A_NAME.sub("-", wanted.lower().partition("@")[0]).strip("-._")[:64].strip("-._")
    is_free = ACCOUNT_NAME.fullmatch(name) is not None and name != MACHINE.id
    return AccountName(name) if is_free else None


def _actor(name: str, visitor: Visitor) -> Actor:
    return Actor(id=name, kind=ActorKind.PERSON, via=visitor.via, address=visitor.address)


def _named(roles: frozenset[AccountRole]) -> list[Json]:
    return [str(role) for role in sorted(roles)]


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST_FULL_NAME]

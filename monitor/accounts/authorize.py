"""From the key of a session, or a token, to an actor: what it may, and for which services."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass

from monitor.accounts.ports import AccountsJournal
from monitor.accounts.session_keys import IDLE_S, TOUCH_S, hash_of
from monitor.accounts.tokens import TOKEN_PREFIX
from monitor.domain.accounts.account import (
    AccessToken,
    Account,
    AccountName,
    AccountSession,
    OpenedBy,
)
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUse:
    """That a token, or the session of that key's hash, was used: to be written once it suits."""

    at: Second
    token: str = ""
    key_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks with the key of a session: the actor, the account as it is now, and the session.
    `last_use` is None where it was written less than a minute ago. Who `must_enrol` may do nothing
    but set up a second factor: the actor has no scopes."""

    actor: Actor
    account: Account
    session: AccountSession
    last_use: LastUse | None
    must_enrol: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUser:
    """What asks with a token; `last_use` as in `SignedIn`."""

    actor: Actor
    token: AccessToken
    last_use: LastUse | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """Read anew for each request, so that what is revoked opens nothing from then on. `reading`
    waits for nobody; `journal` is written to by `note` alone. Accounts of `two_factor_roles` have
    to have a second factor; their tokens open without one, for programs have none."""

    reading: AccountsJournal
    journal: AccountsJournal
    clock: Clock
    two_factor_roles: Collection[AccountRole] = ()

    def by_session(self, key: str, address: str, via: Via) -> SignedIn | None:
        """None where there is no such session, or it is over."""
        now, key_hash = self.clock.now(), hash_of(key)
        with self.reading.transaction() as tx:
            session = tx.accounts.session(key_hash)
            account = tx.accounts.get(session.account) if session else None
        if session is None or account is None or not session.is_valid(now, account, IDLE_S):
            return None
        is_proved = session.opened_by is OpenedBy.PROVIDER_TWO_FACTOR
        must_enrol = not is_proved and account.lacks_second_factor(self.two_factor_roles)
        actor = Actor(
            id=account.name,
            kind=ActorKind.PERSON,
            scopes=frozenset() if must_enrol else frozenset(account.scopes),
            services=account.services or None,
            via=via,
            address=address,
        )
        is_due = now - session.last_used_at >= TOUCH_S
        last_use = LastUse(at=now, key_hash=key_hash) if is_due else None
        return SignedIn(
            actor=actor, account=account, session=session, last_use=last_use, must_enrol=must_enrol
        )

    def by_token(self, text: str, address: str) -> TokenUser:
        """Raises Refused `token.invalid`: unknown, wrong, over, revoked, or its owner disabled."""
        now = self.clock.now()
        prefix, token_id, secret = _parts(text)
        with self.reading.transaction() as tx:
            token = tx.accounts.token(token_id) if prefix == TOKEN_PREFIX else None
            owner = tx.accounts.get(token.owner) if token else None
        stored = token.secret_hash if token else hash_of("")
        is_right = hmac.compare_digest(hash_of(secret), stored)
        if token is None or owner is None or not is_right or not token.is_valid(now, owner):
            raise Refused("token.invalid")
        actor = Actor(
            id=AccountName(owner.name),
            kind=ActorKind.TOKEN,
            scopes=frozenset(token.scopes & owner.scopes),
            services=owner.services or None,
            via=Via.API,
            token=token.id,
            address=address,
        )
        is_due = token.last_used_at is None or now - token.last_used_at >= TOUCH_S
        last_use = LastUse(at=now, token=token.id) if is_due else None
        return TokenUser(actor=actor, token=token, last_use=last_use)

    def note(self, use: LastUse) -> None:
        """Write it; this waits for other writers. Raises JournalError."""
        with self.journal.transaction() as tx:
            if use.token:
                tx.accounts.touch_token(use.token, use.at)
            else:
                tx.accounts.touch_session(use.key_hash, use.at)


def _parts(text: str) -> tuple[str, str, str]:
    prefix, _, rest = text.partition("_")
    token_id, _, secret = rest.partition("_")
    return f"{prefix}_", token_id, secret

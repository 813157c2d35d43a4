"""From a cookie or a token to an actor: what it may, and for which services."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from monitor.accounts.commands import TOKEN_PREFIX
from monitor.accounts.ports import AccountsJournal
from monitor.accounts.sign_in import IDLE_S, TOUCH_S, hash_of
from monitor.domain.accounts.account import Account, AccountName, Session
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks with a cookie: the actor, the account as it is now, and the session."""

    actor: Actor
    account: Account
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """Read anew for each request, so that what is revoked opens nothing from then on. `reading`
    waits for nobody; `journal` is written to at most once a minute, for the last use."""

    reading: AccountsJournal
    journal: AccountsJournal
    clock: Clock

    def by_session(self, key: str, address: str) -> SignedIn | None:
        """None where there is no such session, or it is over."""
        now, key_hash = self.clock.now(), hash_of(key)
        with self.reading.transaction() as tx:
            session = tx.accounts.session(key_hash)
            account = tx.accounts.get(session.account) if session else None
        if session is None or account is None or not session.is_valid(now, account, IDLE_S):
            return None
        if now - session.last_used_at >= TOUCH_S:
            with self.journal.transaction() as tx:
                tx.accounts.touch_session(key_hash, now)
        actor = Actor(
            id=account.name,
            kind=ActorKind.PERSON,
            scopes=frozenset(account.scopes),
            services=account.services or None,
            via=Via.CONSOLE,
            address=address,
        )
        return SignedIn(actor=actor, account=account, session=session)

    def by_token(self, text: str, address: str) -> Actor:
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
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_S:
            with self.journal.transaction() as tx:
                tx.accounts.touch_token(token.id, now)
        return Actor(
            id=AccountName(owner.name),
            kind=ActorKind.TOKEN,
            scopes=frozenset(token.scopes & owner.scopes),
            services=owner.services or None,
            via=Via.API,
            token=token.id,
            address=address,
        )


def _parts(text: str) -> tuple[str, str, str]:
    prefix, _, rest = text.partition("_")
    token_id, _, secret = rest.partition("_")
    return f"{prefix}_", token_id, secret

"""What people do to tokens: one path for the terminal and the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Randomness
from monitor.accounts.rights import (
    existing,
    looks_after_accounts,
    plain_label,
    require_admin,
    require_within,
)
from monitor.accounts.session_keys import hash_of
from monitor.domain.accounts.account import (
    MOST_DAYS,
    AccessToken,
    Account,
    AccountName,
    TokenState,
)
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind
from monitor.domain.refusals import Refused, no_such
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

TOKEN_PREFIX = "estado_"  # noqa: S105 - what tokens begin with, so that scanners find a lost one
_DAY_S = 86_400


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
        scopes: Collection[Scope] | None,
        days: int | None,
    ) -> tuple[AccessToken, str]:
        """A token and its secret text, which is shown this once. Who looks after accounts makes one
        for another account too, and none may do more than its owner. With `scopes` None it may all
        that the owner may today. With `days` None it lasts until it is revoked."""
        self._require_creatable(owner, scopes, days)
        now, secret = self.clock.now(), self.randomness.key()
        with self.journal.transaction() as tx:
            account = existing(tx, owner)
            given = frozenset(account.scopes if scopes is None else scopes)
            self._require_within_owner(account, given)
            token = AccessToken(
                id=self.randomness.token_id(),
                label=plain_label(label, "label"),
                owner=account.name,
                secret_hash=hash_of(secret),
                scopes=given,
                created_at=now,
                expires_at=None if days is None else Second(now + days * _DAY_S),
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
            if found is None or not (is_own or looks_after_accounts(self.actor)):
                raise no_such("token", wanted, [t.id for t in self._visible(tx)])
            if self.actor.kind is ActorKind.TOKEN and found.id != self.actor.token:
                require_admin(self.actor)
                require_within(self.actor, found.scopes, found.id)
            if found.revoked_at is not None:
                raise Refused("token.revoked", id=wanted)
            tx.accounts.revoke_token(found.id, now)
            tx.changes.append([self.actor.change(now, "token.revoked", found.id)])
            return replace(found, revoked_at=now)

    def states(self, tokens: Collection[AccessToken]) -> Mapping[str, TokenState]:
        """How each stands now, by its id."""
        now, names = self.clock.now(), {token.owner for token in tokens}
        with self.journal.transaction() as tx:
            owners = {name: existing(tx, name) for name in names}
        return {token.id: token.state(now, owners[token.owner]) for token in tokens}

    def _require_creatable(
        self, owner: str, scopes: Collection[Scope] | None, days: int | None
    ) -> None:
        """What can be said before the owner is looked up."""
        if owner != self.actor.id:
            require_admin(self.actor)
        if self.actor.kind is ActorKind.TOKEN:
            raise Refused("token.by_token")
        if scopes is not None and not scopes:
            raise Refused("token.no_scope")
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise Refused("token.days", days=days, most=MOST_DAYS)

    def _require_within_owner(self, owner: Account, scopes: Collection[Scope]) -> None:
        if not owner.is_enabled:
            raise Refused("token.owner_disabled", name=owner.name)
        if owner.name != self.actor.id:
            require_within(self.actor, scopes, owner.name)
        beyond = sorted(set(scopes) - owner.scopes)
        if beyond:
            raise Refused("token.beyond_owner", owner=owner.name, scopes=beyond)
        # Who has to set up a second factor first may do less than his account.
        require_within(self.actor, scopes, owner.name)

    def _visible(self, tx: AccountsTransaction) -> Sequence[AccessToken]:
        is_own_only = not looks_after_accounts(self.actor)
        return tx.accounts.tokens(AccountName(self.actor.id) if is_own_only else None)

"""What each command about accounts and tokens asks of whoever gives it."""

from __future__ import annotations

import re
from collections.abc import Collection

from monitor.accounts.ports import AccountsTransaction
from monitor.domain.accounts.account import Account, AccountName
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind
from monitor.domain.refusals import Refused, no_such, require_every_service, require_scope

ACCOUNT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_LONGEST_LABEL = 100


def looks_after_accounts(actor: Actor) -> bool:
    return actor.may(Scope.ACCOUNTS_WRITE) and actor.services is None


def require_admin(actor: Actor) -> None:
    """Who is bounded to services could else make an account that is not. Raises Refused."""
    require_scope(actor, Scope.ACCOUNTS_WRITE)
    require_every_service(actor)


def require_admin_in_person(actor: Actor) -> None:
    """By an account of its own a token would outlast its end. Raises Refused."""
    require_admin(actor)
    if actor.kind is ActorKind.TOKEN:
        raise Refused("account.by_token")


def require_within(actor: Actor, scopes: Collection[Scope], name: str) -> None:
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


def plain_label(text: str, what: str) -> str:
    label = "".join(c for c in text if c.isprintable()).strip()
    if len(label) > _LONGEST_LABEL:
        raise Refused("text.too_long", what=what, length=len(label), most=_LONGEST_LABEL)
    return label

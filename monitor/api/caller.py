"""Who calls: by a token, or by the key of a session, in one header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.accounts.authorize import Authorizer, LastUse
from monitor.accounts.tokens import TOKEN_PREFIX
from monitor.api.ports import Backend
from monitor.domain.accounts.account import AccountSession
from monitor.domain.change import Actor, Via
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second

_SCHEME = "bearer"
_LONGEST = 512
_SESSION_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`session` is None where a token calls. `credential` is the token's id or the hash of the
    session's key; `expires_at` is None where it lasts until it is revoked. `last_use` is what is to
    be written."""

    actor: Actor
    credential: str
    expires_at: Second | None
    last_use: LastUse | None
    session: AccountSession | None = None
    must_enrol: bool = False
    """May do nothing but set up a second factor."""


def bearer_of(header: str | None) -> str | None:
    """What stands in an Authorization header; None where there is none. Raises Refused.

    >>> bearer_of("Bearer estado_ab_cd"), bearer_of(None)
    ('estado_ab_cd', None)
    """
    if header is None:
        return None
    scheme, _, text = header.partition(" ")
    key = text.strip()
    if scheme.lower() != _SCHEME or not key or len(key) > _LONGEST or not key.isascii():
        raise Refused("signin.needed")
    return key


def caller_of(backend: Backend, key: str, address: str, via: Via = Via.API) -> Caller:
    """Raises Refused where the key opens nothing."""
    authorizer = authorizer_of(backend)
    if key.startswith(TOKEN_PREFIX):
        user = authorizer.by_token(key, address)
        return Caller(
            actor=user.actor, credential=user.token.id, expires_at=user.token.expires_at,
            last_use=user.last_use,
        )  # fmt: skip
    if not _SESSION_KEY.fullmatch(key):
        raise Refused("key.invalid")
    found = authorizer.by_session(key, address, via)
    if found is None:
        raise Refused("session.over")
    session = found.session
    return Caller(
        actor=found.actor, credential=session.key_hash,
        expires_at=session.expires_at, last_use=found.last_use, session=session,
        must_enrol=found.must_enrol,
    )  # fmt: skip


def authorizer_of(backend: Backend) -> Authorizer:
    return Authorizer(
        reading=backend.reading, journal=backend.writing, clock=backend.clock,
        two_factor_roles=backend.two_factor_roles,
    )  # fmt: skip

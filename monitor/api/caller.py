"""Who calls: by a token, or by the key of a session, in one header."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.accounts.authorize import Authorizer
from monitor.accounts.commands import TOKEN_PREFIX
from monitor.api.ports import Backend
from monitor.domain.accounts.account import Session
from monitor.domain.change import Actor, Via
from monitor.domain.refusals import Refused

_SCHEME = "bearer"
_LONGEST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`session` is None where a token calls."""

    actor: Actor
    session: Session | None = None


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


def caller_of(backend: Backend, key: str, address: str) -> Caller:
    """Raises Refused where the key opens nothing."""
    authorizer = Authorizer(reading=backend.reading, journal=backend.writing, clock=backend.clock)
    if key.startswith(TOKEN_PREFIX):
        return Caller(actor=authorizer.by_token(key, address))
    found = authorizer.by_session(key, address)
    if found is None:
        raise Refused("session.over")
    return Caller(actor=replace(found.actor, via=Via.API), session=found.session)

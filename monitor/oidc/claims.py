"""From what a provider says to who somebody is; whatever has not the type that it should is left
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.domain.accounts.identity import Identity, plain_email
from monitor.domain.catalogue import OidcProvider

_MOST = 1_000
_LONGEST = 200

Claims = Mapping[str, Any]


def lacks(claims: Claims, settings: OidcProvider) -> bool:
    """The ID token alone does not say what we ask for: many providers leave it short."""
    wants_groups = bool(settings.groups) and settings.groups_claim not in claims
    return "email" not in claims or wants_groups


def identity_of(claims: Claims, told: Claims, settings: OidcProvider) -> Identity:
    """`claims` are the ID token's, `told` what was asked for beside it. An address counts with the
    word of the same document that it is verified, and that word is `true` and nothing like it. How
    somebody was recognised is what the signed token says alone."""
    both = {**told, **claims}
    return Identity(
        issuer=settings.issuer,
        subject=claims["sub"],
        email=_email(claims) if "email" in claims else _email(told),
        full_name=_line(both.get("name")),
        username=_line(both.get("preferred_username")),
        groups=frozenset(_lines(both.get(settings.groups_claim))),
        methods=frozenset((*_lines(claims.get("amr")), *_lines(claims.get("acr")))),
    )


def _email(claims: Claims) -> str | None:
    written = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(written, str):
        return None
    return plain_email(written)


def _line(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _lines(value: object) -> Iterator[str]:
    """One text, or a list of them."""
    found = value if isinstance(value, list) else [value]
    return (text for text in found[:_MOST] if isinstance(text, str) and len(text) <= _LONGEST)

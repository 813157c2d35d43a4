"""Whether an ID token is the provider's, for us, for this sign-in, and of now (OpenID Connect Core
1.0, 3.1.3.7). `authlib` and `joserfc` check signature and claims; what is ours is what they may
accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from monitor.domain.time.interval import Second
from monitor.oidc.errors import Untrusted

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
"""Signed by a key that the provider alone has: not `none`, and none with a shared secret, for its
public key could be taken for one."""
SKEW_S = 60
OLDEST_S = 600
_LONGEST_SUBJECT = 255


class UnknownKey(Untrusted):
    """Signed by a key that is not among those we know: the provider may have taken a new one."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Expected:
    issuer: str
    client_id: str
    nonce: str
    access_token: str
    now: Second


def verified(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """The claims. Raises Untrusted, and UnknownKey."""
    try:
        found = jwt.decode(token, keys, algorithms=ALGORITHMS)
        _require_id_token(found.header)
        _require_claims(found, expected)
    except InvalidKeyIdError as error:
        raise UnknownKey(
            "the ID token is signed by a key that the provider does not name"
        ) from error
    except JoseError as error:
        raise Untrusted(f"the ID token: {error.error}: {error.description or ''}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Untrusted(f"the ID token is none: {type(error).__name__}") from error
    return found.claims


def _require_id_token(header: Mapping[str, Any]) -> None:
    """Not another kind of token that the same key has signed (RFC 8725, 3.11)."""
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() != "jwt":
        raise Untrusted("the ID token is a token of another kind")


def _require_claims(found: jwt.Token, expected: Expected) -> None:
    claims = CodeIDToken(
        found.claims,
        found.header,
        options={
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        params={
            "nonce": expected.nonce,
            "client_id": expected.client_id,
            "access_token": expected.access_token,
        },
    )
    claims.validate(now=expected.now, leeway=SKEW_S)
    if not 0 < len(found.claims["sub"]) <= _LONGEST_SUBJECT:
        raise Untrusted("the ID token names nobody")
    if found.claims["iat"] < expected.now - OLDEST_S - SKEW_S:
        raise Untrusted("the ID token was issued long ago: is the provider's clock right, or ours?")


def key_set(document: Mapping[str, Any]) -> KeySet:
    """The keys that a provider names, but for those that we cannot use. Raises Untrusted."""
    usable = [key for key in _keys_of(document) if key.get("kty") in ("RSA", "EC")]
    signing = [key for key in usable if key.get("use", "sig") == "sig"]
    try:
        return KeySet.import_key_set({"keys": signing})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Untrusted(f"the provider's keys cannot be read: {type(error).__name__}") from error


def _keys_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = document.get("keys")
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

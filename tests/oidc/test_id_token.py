"""Only a token that this provider signed, for us, for this sign-in and of now opens anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt

from monitor.oidc.provider import AGAIN_S
from tests.oidc.lying_provider import CLIENT, SECRET, Claims, LyingProvider, new_key
from tests.oidc.stage import Stage

LIES: dict[str, Callable[[Claims], Claims]] = {
    "another audience": lambda c: {**c, "aud": "another"},
    "another audience of several": lambda c: {**c, "aud": ["another", "third"]},
    "several audiences and nobody named": lambda c: {**c, "aud": [CLIENT, "another"]},
    "for another party": lambda c: {**c, "azp": "another"},
    "no audience": lambda c: {**c, "aud": []},
    "another issuer": lambda c: {**c, "iss": "https://other.example"},
    "its issuer with a slash": lambda c: {**c, "iss": c["iss"] + "/"},
    "no issuer": lambda c: {k: v for k, v in c.items() if k != "iss"},
    "another nonce": lambda c: {**c, "nonce": "x"},
    "no nonce": lambda c: {k: v for k, v in c.items() if k != "nonce"},
    "a nonce that is a list": lambda c: {**c, "nonce": [c["nonce"]]},
    "expired": lambda c: {**c, "exp": c["iat"] - 61},
    "no end": lambda c: {k: v for k, v in c.items() if k != "exp"},
    "an end that is text": lambda c: {**c, "exp": "2099-01-01"},
    "issued in the future": lambda c: {**c, "iat": c["iat"] + 61},
    "issued long ago": lambda c: {**c, "iat": c["iat"] - 661},
    "no time": lambda c: {k: v for k, v in c.items() if k != "iat"},
    "not yet": lambda c: {**c, "nbf": c["iat"] + 61},
    "nobody": lambda c: {k: v for k, v in c.items() if k != "sub"},
    "an empty name": lambda c: {**c, "sub": ""},
    "a number for a name": lambda c: {**c, "sub": 7},
    "a list of names": lambda c: {**c, "sub": ["7f3a"]},
    "a name without end": lambda c: {**c, "sub": "7" * 256},
    "another access token": lambda c: {**c, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


def unsigned(claims: Claims, header: dict[str, Any], signature: str = "") -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}.{signature}"


def by_shared(secret: bytes) -> Callable[[LyingProvider, Claims], str]:
    """Signed with something that we know as well, and so may somebody else."""

    def signed(provider: LyingProvider, claims: Claims) -> str:
        bare = unsigned(claims, {"alg": "HS256", "kid": provider.key.kid})
        made = hmac.new(secret, bare.removesuffix(".").encode(), "sha256").digest()
        return bare + base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    return signed


def by_public_key(provider: LyingProvider, claims: Claims) -> str:
    return by_shared(provider.key.as_pem(private=False))(provider, claims)


def by_another_key(provider: LyingProvider, claims: Claims) -> str:
    key = new_key("another")
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, key)


def by_its_own_key(provider: LyingProvider, claims: Claims) -> str:
    """It brings the key along by which it is to be checked."""
    key = new_key("another")
    header = {"alg": "RS256", "kid": "another", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


FORGERIES: dict[str, Callable[[LyingProvider, Claims], str]] = {
    "by another key": by_another_key,
    "by a key that it brings along": by_its_own_key,
    "alg none": lambda p, c: unsigned(c, {"alg": "none"}),
    "alg None": lambda p, c: unsigned(c, {"alg": "None", "kid": p.key.kid}),
    "alg left out": lambda p, c: unsigned(c, {"kid": p.key.kid}, "AAAA"),
    "by the public key as a secret": by_public_key,
    "by the client's secret": by_shared(SECRET.encode()),
    "its signature left out": lambda p, c: p.honest(c).rpartition(".")[0] + ".",
    "another token's signature": lambda p, c: (
        p.honest(c).rpartition(".")[0] + "." + p.honest({**c, "sub": "x"}).rpartition(".")[2]
    ),
    "claims changed": lambda p, c: ".".join(
        (p.honest(c).split(".")[0], unsigned({**c, "sub": "7f3a"}, {}).split(".")[1],
         p.honest({**c, "sub": "other"}).split(".")[2])
    ),
    "an access token": lambda p, c: p.honest(c, typ="at+jwt"),
    "a logout token": lambda p, c: p.honest(c, typ="logout+jwt"),
    "critical and unknown": lambda p, c: unsigned(
        c, {"alg": "RS256", "kid": p.key.kid, "crit": ["exp"], "exp": 1}, "AAAA"
    ),
    "no token": lambda p, c: "x",
    "nothing": lambda p, c: "",
    "five parts": lambda p, c: "a.b.c.d.e",
    "no object": lambda p, c: unsigned([], {"alg": "none"}),  # type: ignore[arg-type]
}  # fmt: skip


async def refused(made: Stage) -> None:
    browser = made.browser()
    seen = await made.signed_in(browser)
    assert (seen.status, seen.set_cookies) == (502, ()), seen.text
    assert await made.account_of(browser) is None
    assert made.changes("session.begun") == []


async def opened(made: Stage) -> None:
    assert (await made.signed_in(made.browser())).status == 303


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_says_something_else_opens_nothing(made: Stage, lie: str) -> None:
    made.provider.lie = LIES[lie]
    await refused(made)


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_token_that_it_did_not_sign_opens_nothing(made: Stage, forgery: str) -> None:
    made.provider.sign = lambda claims: FORGERIES[forgery](made.provider, claims)
    await refused(made)


async def test_each_of_them_would_open_if_it_were_honest(made: Stage) -> None:
    """Else the tests above would prove nothing."""
    made.provider.lie = lambda claims: {
        **claims, "aud": [CLIENT, "another"], "azp": CLIENT, "at_hash": at_hash("opaque"),
    }  # fmt: skip
    made.provider.sign = lambda claims: made.provider.honest(claims, typ="JWT")
    await opened(made)


def at_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


@pytest.mark.parametrize(("claim", "off"), [("exp", -59), ("iat", 59), ("nbf", 59)])
async def test_clocks_may_differ_by_a_minute(made: Stage, claim: str, off: int) -> None:
    made.provider.lie = lambda claims: {**claims, claim: claims["iat"] + off}
    await opened(made)


async def test_a_new_key_is_taken_up_when_it_first_signs(made: Stage) -> None:
    await opened(made)
    made.provider.key = new_key("second")
    made.service.world.clock.advance(AGAIN_S)
    await opened(made)
    assert made.provider.asked["/jwks"] == 2


async def test_forged_tokens_make_us_ask_for_keys_once_a_minute_at_most(made: Stage) -> None:
    await opened(made)
    forger = new_key("another")
    made.provider.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": forger.kid}, claims, forger
    )
    for _ in range(5):
        assert (await made.signed_in(made.browser())).status == 502
    assert made.provider.asked["/jwks"] == 1
    made.service.world.clock.advance(AGAIN_S)
    for _ in range(5):
        assert (await made.signed_in(made.browser())).status == 502
    assert made.provider.asked["/jwks"] == 2
    assert made.provider.asked["/.well-known/openid-configuration"] == 1


async def test_a_key_that_was_withdrawn_opens_nothing_after_an_hour(made: Stage) -> None:
    await opened(made)
    withdrawn = made.provider.key
    made.provider.key = new_key("second")
    made.provider.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": withdrawn.kid}, claims, withdrawn
    )
    made.service.world.clock.advance(3_600)
    assert (await made.signed_in(made.browser())).status == 502

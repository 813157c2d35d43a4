"""An OpenID provider on loopback that says what a test wants it to say, also what none should."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from monitor.domain.time.interval import Second

CLIENT, SECRET = "estado", "s3cret+with/odd=signs"
Claims = dict[str, Any]


@cache
def new_key(kid: str) -> RSAKey:
    """The same for a name: making one takes long."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class LyingProvider:
    """Honest unless told otherwise: `lie` changes claims, `sign` makes the token of them."""

    now: Callable[[], Second]
    base: str = ""
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    person: Claims = field(default_factory=lambda: {"sub": "7f3a"})
    told: Claims | None = None
    """What its user info says; None: it has no such place."""
    lie: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    metadata: Claims = field(default_factory=dict)
    answer: Claims = field(default_factory=dict)
    """What differs in the answer to a code."""
    reply: Callable[[web.Request], web.StreamResponse | None] = lambda request: None
    hangs_at: str = ""
    has_sign_out: bool = True
    asked: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def signed_in(self, location: str) -> dict[str, str]:
        """Somebody signs in at the address that a browser was sent to: what it comes back with."""
        asked = {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}
        code = f"code-{next(self._numbers)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def claims(self, nonce: str) -> Claims:
        now = self.now()
        return {
            "iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            **self.person,
        }  # fmt: skip

    def honest(self, claims: Claims, **header: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, **header}, claims, self.key)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        if request.path == self.hangs_at:
            await self.leaving.wait()
        told = self.reply(request)
        if told is not None:
            return told
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._described())
            case "/jwks":
                return web.json_response({"keys": [self.key.as_dict(private=False)]})
            case "/token":
                return await self._token(request)
            case "/me" if self.told is not None:
                self.seen.append(request.headers.get("Authorization"))
                return web.json_response(self.told)
        return web.Response(status=404)

    def _described(self) -> Claims:
        found = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/jwks",
        }
        if self.has_sign_out:
            found["end_session_endpoint"] = f"{self.base}/end"
        if self.told is not None:
            found["userinfo_endpoint"] = f"{self.base}/me"
        return found | self.metadata

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.seen.append(request.headers.get("Authorization"))
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = self.lie(self.claims(asked["nonce"]))
        token = self.sign(claims) if self.sign else self.honest(claims)
        return web.json_response(
            {"access_token": "opaque", "token_type": "Bearer", "id_token": token, **self.answer}
        )


@asynccontextmanager
async def lying_provider(now: Callable[[], Second]) -> AsyncIterator[LyingProvider]:
    provider = LyingProvider(now)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        provider.leaving.set()
        await runner.cleanup()

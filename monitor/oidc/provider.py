"""One OpenID provider: where it sends people to sign in, and what it says of who comes back.

Its document and keys are read when somebody first needs them, and kept for an hour. Where it takes
a new key, its keys are read again, once a minute at most: a forged token is no way to make us ask.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet

from monitor.domain.accounts.identity import Identity
from monitor.domain.catalogue import OidcProvider
from monitor.domain.secret import SecretMissing
from monitor.domain.time.clock import Clock
from monitor.oidc.claims import identity_of, lacks
from monitor.oidc.documents import Asked, Documents
from monitor.oidc.errors import ProviderAway, Untrusted
from monitor.oidc.id_token import Expected, UnknownKey, key_set, verified
from monitor.oidc.started import Started

KEPT_S = 3_600.0
AGAIN_S = 60.0
AWAY_S = 5.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(slots=True)
class _Kept:
    """What was read, and when by the monotonic clock."""

    at: float
    document: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Provider:
    """On the event loop alone. Each method raises ProviderAway or Untrusted."""

    settings: OidcProvider
    redirect_uri: str
    home_uri: str
    documents: Documents
    clock: Clock
    _metadata: _Kept | None = None
    _keys: tuple[float, KeySet] | None = None
    _away: tuple[float, ProviderAway] | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def address(self, state: str, started: Started) -> str:
        """Where the browser goes to sign in."""
        metadata = await self._described()
        uri: str = prepare_grant_uri(
            self._endpoint(metadata, "authorization_endpoint"),
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope=" ".join(self.settings.scopes),
            state=state,
            nonce=started.nonce,
            code_challenge=create_s256_code_challenge(started.verifier),
            code_challenge_method="S256",
        )
        return uri

    async def identity(self, code: str, started: Started) -> Identity:
        """Who signed in there; the code is used up."""
        tokens = await self._exchanged(code, started)
        access_token = _text(tokens, "access_token")
        expected = Expected(
            issuer=self.settings.issuer, client_id=self.settings.client_id, nonce=started.nonce,
            access_token=access_token, now=self.clock.now(),
        )  # fmt: skip
        claims = await self._verified(_text(tokens, "id_token"), expected)
        told: Mapping[str, Any] = {}
        if lacks(claims, self.settings):
            told = await self._user_info(access_token, str(claims["sub"]))
        return identity_of(claims, told, self.settings)

    async def require_issuer(self, said: str | None) -> None:
        """What came back with the code is of this provider (RFC 9207)."""
        metadata = await self._described()
        is_promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if said != self.settings.issuer and (said is not None or is_promised):
            raise Untrusted("another provider has answered")

    async def sign_out_address(self) -> str | None:
        """Where the browser signs out there as well, and comes back; None where it has no such
        place."""
        metadata = await self._described()
        if "end_session_endpoint" not in metadata:
            return None
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self.home_uri}
        endpoint = self._endpoint(metadata, "end_session_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def _described(self) -> Mapping[str, Any]:
        """Its document; an old one where no new one can be had."""
        async with self._reading:
            now = self.clock.monotonic()
            if self._metadata is not None and now - self._metadata.at < KEPT_S:
                return self._metadata.document
            if self._away is not None and now - self._away[0] < AWAY_S:
                raise self._away[1]
            try:
                self._metadata = _Kept(now, await self._read_description())
            except ProviderAway as error:
                if self._metadata is None:
                    # The next ones do not wait as long each: they are told at once.
                    self._away = (self.clock.monotonic(), error)
                    raise
            return self._metadata.document

    async def _read_description(self) -> Mapping[str, Any]:
        url = self.settings.issuer.rstrip("/") + _WELL_KNOWN
        found = await self._got(Asked(url=url))
        if found.get("issuer") != self.settings.issuer:
            raise Untrusted(f"it calls itself {str(found.get('issuer'))[:200]!r}")
        return found

    async def _verified(self, token: str, expected: Expected) -> Mapping[str, Any]:
        try:
            return verified(token, await self._key_set(), expected)
        except UnknownKey:
            return verified(token, await self._key_set(older_than_s=AGAIN_S), expected)

    async def _key_set(self, older_than_s: float = KEPT_S) -> KeySet:
        url = self._endpoint(await self._described(), "jwks_uri")
        async with self._reading:
            now = self.clock.monotonic()
            if self._keys is None or now - self._keys[0] >= older_than_s:
                self._keys = (now, key_set(await self._got(Asked(url=url))))
            return self._keys[1]

    async def _exchanged(self, code: str, started: Started) -> Mapping[str, Any]:
        metadata = await self._described()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": started.verifier,
        }  # fmt: skip
        headers, more = self._credentials(metadata)
        url = self._endpoint(metadata, "token_endpoint")
        status, found = await self.documents.ask(Asked(url=url, form=form | more, headers=headers))
        if status >= 400 or found.get("error"):
            raise Untrusted(f"it does not take the code: {_printable(found.get('error'))}")
        if str(found.get("token_type", "")).lower() != "bearer":
            raise Untrusted("its access token is of no kind that we know")
        return found

    def _endpoint(self, metadata: Mapping[str, Any], name: str) -> str:
        """An address that its document names, for us or for a browser: https, as the issuer is."""
        found = metadata.get(name)
        allowed = ("https://", f"{urlsplit(self.settings.issuer).scheme}://")
        if not isinstance(found, str) or not found.isprintable() or not found.startswith(allowed):
            raise Untrusted(f"its document has no https address as {name}")
        return found

    def _credentials(self, metadata: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """Headers, and fields of the form, by which it knows us (RFC 6749, 2.3.1)."""
        client = self.settings.client_id
        if self.settings.client_secret is None:
            return {}, {"client_id": client}
        try:
            secret = self.settings.client_secret.reveal()
        except SecretMissing as error:
            raise ProviderAway(f"client_secret: {error}") from error
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if isinstance(known, list) and "client_secret_basic" in known:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
        return {}, {"client_id": client, "client_secret": secret}

    async def _user_info(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """Empty where it has no such place. Another person's is refused (Core 5.3.2)."""
        metadata = await self._described()
        if "userinfo_endpoint" not in metadata:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        found = await self._got(
            Asked(url=self._endpoint(metadata, "userinfo_endpoint"), headers=headers)
        )
        if found.get("sub") != subject:
            raise Untrusted("what it says of the person is about another one")
        return found

    async def _got(self, asked: Asked) -> Mapping[str, Any]:
        status, found = await self.documents.ask(asked)
        if status != 200:
            raise ProviderAway(f"{urlsplit(asked.url).hostname}: status {status}")
        return found


def _text(tokens: Mapping[str, Any], name: str) -> str:
    found = tokens.get(name)
    if not isinstance(found, str):
        raise Untrusted(f"its answer has no {name}")
    return found


def _printable(error: object) -> str:
    return "".join(c for c in str(error) if c.isprintable())[:100]

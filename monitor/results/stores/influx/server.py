"""One exchange with an InfluxDB, through its library's client; what is no exchange, is unavailable.

The library neither batches, retries nor bounds what it reads: what is sent, when it is sent again
and how much is taken is ours.
"""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

from monitor.domain.secret import MASK, Secret, SecretMissing
from monitor.net.http_errors import why
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable

WRITE = "/api/v2/write"
_LARGEST_ANSWER = 64 * 1024 * 1024
_CONNECTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said, whatever it was."""

    status: int
    headers: Mapping[str, str]
    said: bytes

    def json(self) -> Any:
        """None where it is no JSON, or nested so deeply that nobody means it."""
        try:
            return json.loads(self.said)
        except (ValueError, RecursionError):
            return None

    def fields(self) -> Mapping[str, Any]:
        """Of a JSON object; empty where it is none."""
        found = self.json()
        return found if isinstance(found, dict) else {}


class Server:
    """Connects when it is first asked, in the name of whatever `token` then gives, or of nobody.
    Close it."""

    def __init__(self, spec: InfluxSpec, token: Callable[[], str] | None = None) -> None:
        self._spec = spec
        self._read_token = token
        self._client: InfluxDBClientAsync | None = None
        self._token = ""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request and its whole answer. Raises StoreUnavailable, StoreMisconfigured."""
        api = self._connected().api_client
        headers = {"Content-Type": "application/json"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "text/plain; charset=utf-8"
            if self._spec.gzip:
                # The library's own compression takes ten times as long for a tenth less.
                body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        try:
            response = await api.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                _preload_content=False,
            )
            async with response:
                said = await _bounded(response.content)
                return Answer(
                    status=response.status, headers=response.headers, said=self._masked(said)
                )
        except TimeoutError:
            raise self._unavailable(f"no answer within {self._spec.timeout_s:g} s") from None
        except aiohttp.InvalidURL:
            raise StoreMisconfigured(f"{self._spec.place} cannot be asked: see url") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unavailable(why(error)) from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _connected(self) -> InfluxDBClientAsync:
        if self._client is None:
            self._client = InfluxDBClientAsync(
                self._spec.url,
                org=self._spec.org,
                timeout=self._spec.timeout_s * 1000,
                ssl_context=_tls(self._spec),
                connection_pool_maxsize=_CONNECTIONS,
                # Who answers may not choose where results go.
                allow_redirects=False,
                client_session_kwargs={"cookie_jar": aiohttp.DummyCookieJar()},
            )
        if self._read_token is not None:
            # Each time: a person may replace it while we are asking in vain.
            self._token = self._read_token()
            header = f"Token {self._token}"
            self._client.api_client.set_default_header("Authorization", header)
        return self._client

    def _masked(self, said: bytes) -> bytes:
        """An answer may repeat what it was asked."""
        return said.replace(self._token.encode(), MASK.encode()) if self._token else said

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(f"{self._spec.place}: {reason}")


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    held = bytearray()
    async for part in content.iter_any():
        held += part
        if len(held) > _LARGEST_ANSWER:
            raise StoreUnavailable(f"an answer of more than {_LARGEST_ANSWER >> 20} MiB")
    return bytes(held)


@asynccontextmanager
async def connected(
    spec: InfluxSpec, token: Callable[[], str] | None = None
) -> AsyncIterator[Server]:
    server = Server(spec, token)
    try:
        yield server
    finally:
        await server.close()


def token_of(secret: Secret) -> str:
    """Raises StoreMisconfigured."""
    try:
        token = secret.reveal().strip()
    except SecretMissing as error:
        raise StoreMisconfigured(f"the token: {error}") from None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise StoreMisconfigured("what the token's reference names is no token")
    return token


def _tls(spec: InfluxSpec) -> ssl.SSLContext:
    if spec.url.startswith("http:"):
        # No roots are read that nobody asks for.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = ssl.create_default_context(cafile=spec.ca_file)
    except OSError as error:
        raise StoreMisconfigured(f"ca_file {spec.ca_file}: {error.strerror or error}") from None
    if not spec.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

"""One exchange with an InfluxDB, through its library's client; a failed one is StoreUnavailable.

The library neither batches, retries nor bounds what it reads: we decide what is sent, when it is
sent again and how much is read.
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
    """What a server answered, whatever it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """None where it is no JSON, or nested too deeply to be read."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def fields(self) -> Mapping[str, Any]:
        """The fields of a JSON object; empty where it is none."""
        found = self.json()
        return found if isinstance(found, dict) else {}


class Server:
    """Connects at its first request, with the token that `token` then returns, or without one.
    Close it."""

    def __init__(self, spec: InfluxSpec, token: Callable[[], str] | None = None) -> None:
        self._spec = spec
        self._read_token = token
        self._client: InfluxDBClientAsync | None = None
        self._token = ""

    async def request(
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
                received = await _read_bounded(response.content)
                return Answer(
                    status=response.status, headers=response.headers, body=self._masked(received)
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
                # Whatever answers may not choose where results go.
                allow_redirects=False,
                client_session_kwargs={"cookie_jar": aiohttp.DummyCookieJar()},
            )
        if self._read_token is not None:
            # Read at each request: a person may replace it while requests fail.
            self._token = self._read_token()
            header = f"Token {self._token}"
            self._client.api_client.set_default_header("Authorization", header)
        return self._client

    def _masked(self, received: bytes) -> bytes:
        """An answer may repeat the request's token."""
        return received.replace(self._token.encode(), MASK.encode()) if self._token else received

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(f"{self._spec.place}: {reason}")


async def _read_bounded(content: aiohttp.StreamReader) -> bytes:
    received = bytearray()
    async for part in content.iter_any():
        received += part
        if len(received) > _LARGEST_ANSWER:
            raise StoreUnavailable(f"an answer of more than {_LARGEST_ANSWER >> 20} MiB")
    return bytes(received)


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
        # Root certificates are not read, for nothing needs them.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = ssl.create_default_context(cafile=spec.ca_file)
    except OSError as error:
        raise StoreMisconfigured(f"ca_file {spec.ca_file}: {error.strerror or error}") from None
    if not spec.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

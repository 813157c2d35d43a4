"""A mirror in storage that speaks S3's protocol, whoever runs it."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from monitor.domain.time.clock import Clock
from monitor.mirrors.ports import LIST, MirrorFailed
from monitor.mirrors.signature import Credentials, encoded_path, signed_headers

TIMEOUT_S = 30.0
MOST_BYTES = 16 << 20
"""Of a list that is read back."""
CACHING = "no-cache"


class S3Place:
    """`endpoint` is the server (`https://s3.example.com`); the bucket stands in the path, which
    every implementation takes. `prefix` comes before each name."""

    def __init__(
        self, endpoint: str, bucket: str, prefix: str, credentials: Credentials, clock: Clock
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._host = urlsplit(endpoint).netloc
        self._root = "/".join(filter(None, ("", bucket, prefix.strip("/"))))
        if not self._root.startswith("/"):
            self._root = f"/{self._root}"
        self._credentials = credentials
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def listed(self) -> bytes | None:
        status, content = await self._ask("GET", LIST)
        # Who may not list a bucket is told 403 of what is not there. Any other 403 (a wrong clock,
        # a wrong key) says nothing of the list, and without it nobody knows what to remove.
        if status == 404 or (status == 403 and b"<Code>AccessDenied</Code>" in content):
            return None
        self._require(status, "GET", LIST, content)
        return content

    async def put(self, name: str, content: bytes, content_type: str) -> None:
        also = {"Content-Type": content_type, "Cache-Control": CACHING}
        status, said = await self._ask("PUT", name, content, also)
        self._require(status, "PUT", name, said)

    async def remove(self, name: str) -> None:
        status, said = await self._ask("DELETE", name)
        if status != 404:
            self._require(status, "DELETE", name, said)

    async def finish(self, about: str) -> None:
        """Nothing is left to do."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def _ask(
        self, method: str, name: str, content: bytes = b"", also: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        path = f"{self._root}/{key_of(name)}"
        headers = signed_headers(
            method, self._host, path, content, self._credentials, self._clock.now(), also
        )
        url = URL(self._endpoint + encoded_path(path), encoded=True)
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            # A redirect would carry the signature elsewhere.
            async with self._session.request(
                method, url, headers=headers, data=content, allow_redirects=False
            ) as answer:
                return answer.status, await _whole(answer)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise MirrorFailed(f"{self._host}: {type(error).__name__} {error}") from error

    def _require(self, status: int, method: str, name: str, said: bytes) -> None:
        if status not in (200, 204):
            why = said[:200].decode("utf-8", "replace")
            raise MirrorFailed(f"{self._host}: {method} {name}: {status} {why}")


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """Raises MirrorFailed where it is longer than any list of ours."""
    content = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        content += piece
        if len(content) > MOST_BYTES:
            raise MirrorFailed(f"{answer.url.host}: more than {MOST_BYTES} bytes")
    return bytes(content)


def key_of(name: str) -> str:
    """Objects are found by the address itself: no server tries another ending.

    >>> key_of("historial.html"), key_of("es/index.html"), key_of("404.html")
    ('historial', 'es/index.html', '404.html')
    """
    base = name.rpartition("/")[2]
    return name if base in ("index.html", "404.html") else name.removesuffix(".html")

"""The `http` probe: fetch, follow, judge. Each request has a connection of its own."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.net.connection import Connection
from monitor.net.errors import PROTOCOL_ERROR, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from probes._observe import check_expiry, observe
from probes.http import http2
from probes.http.charset import decode
from probes.http.cookies import CookieJar
from probes.http.expect import (
    REDIRECT_LOOP,
    check_age,
    check_headers,
    check_json,
    check_size,
    check_status,
    check_text,
    is_expected,
)
from probes.http.failures import FAILURES, PROTO_DOWNGRADE
from probes.http.request import Request, encode_request, first_request, redirected, withheld
from probes.http.response import HEAD_LIMIT, Response
from probes.http.spec import HttpSpec, HttpVersion
from probes.http.url import follow, parse_url

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_SHOWN = 4096
_WIRE_PER_BYTE = 8
"""A body in chunks of one byte takes six bytes on the wire for each; more is an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The last answer of a chain of redirects, and the address that sent it (`peer`)."""

    url: str
    response: Response
    peer: str
    is_http2: bool


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Fetches a URL."""

    transport: Transport

    def start(self, spec: HttpSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: HttpSpec) -> None:
        fetched = await self.fetch(session, spec)
        response = fetched.response
        session.evidence["status"] = response.status
        session.evidence["bytes"] = response.size
        if response.is_truncated:
            session.evidence["truncated"] = True
        if fetched.is_http2:
            session.evidence["http_version"] = HttpVersion.TWO.value
        _judge(response, spec)
        if spec.http_version is HttpVersion.TWO and not fetched.is_http2:
            raise ProbeFailure(PROTO_DOWNGRADE, "it speaks HTTP/1.1 alone")
        check_expiry(self.transport, spec, session)

    async def fetch(self, session: Session, spec: HttpSpec, led_from: str | None = None) -> Fetched:
        """Follow redirects until an answer is not one. `led_from` is the address whose answer named
        this URL (in a playlist, say), None where a person did. Raises ProbeFailure."""
        request = first_request(spec, parse_url(spec.url))
        jar = CookieJar(self.transport.wall())
        trail: list[str] = []
        withheld_fields: dict[str, None] = {}
        while True:
            fetched = await self._fetch(session, spec, request, led_from)
            response = fetched.response
            if not _is_to_follow(response, spec):
                return fetched
            jar.take(request.place, response.fields("set-cookie"))
            previous, request = request, _next(request, response, jar)
            withheld_fields |= dict.fromkeys(withheld(spec, previous, request))
            if withheld_fields:
                session.evidence["withheld"] = [*withheld_fields]
            led_from = fetched.peer
            trail.append(request.place.url)
            session.evidence["redirects"] = list(trail)
            if len(trail) > spec.max_redirects:
                raise ProbeFailure(REDIRECT_LOOP, f"more than {spec.max_redirects} redirects")

    async def _fetch(
        self, session: Session, spec: HttpSpec, request: Request, led_from: str | None
    ) -> Fetched:
        try:
            return await self._once(session, spec, request, led_from, spec.http_version.alpn())
        except _SpeaksHttp2:
            return await self._once(session, spec, request, led_from, (http2.ALPN,))

    async def _once(
        self,
        session: Session,
        spec: HttpSpec,
        request: Request,
        led_from: str | None,
        alpn: tuple[str, ...],
    ) -> Fetched:
        place = request.place
        connection = await self.transport.connect(
            session,
            place.host,
            place.port,
            family=spec.family,
            led_from=led_from,
            max_bytes=spec.max_bytes * _WIRE_PER_BYTE + 2 * HEAD_LIMIT,
        )
        try:
            if place.is_tls:
                await self.transport.start_tls(connection, spec.tls_options(alpn))
            is_http2 = connection.tls is not None and connection.tls.alpn == http2.ALPN
            response = await _exchange(connection, session, spec, request, is_http2=is_http2)
        finally:
            connection.close()
        return Fetched(url=place.url, response=response, peer=connection.peer, is_http2=is_http2)


class _SpeaksHttp2(Exception):
    """The answer to a request in HTTP/1.1 is HTTP/2: the request is repeated in HTTP/2."""


async def _exchange(
    connection: Connection, session: Session, spec: HttpSpec, request: Request, *, is_http2: bool
) -> Response:
    response = Response(
        max_bytes=spec.max_bytes,
        keeps_body=spec.reads_body or spec.measures_body,
        is_bodyless=request.method == "HEAD",
        ends_at_head=lambda response: _is_to_follow(response, spec),
    )
    session.enter("processing")
    if is_http2:
        await http2.exchange(connection, session, spec, request, response)
    else:
        await _exchange_http1(connection, session, spec, request, response)
    if response.oddities:
        session.evidence["oddities"] = list(response.oddities)
    return response


async def _exchange_http1(
    connection: Connection, session: Session, spec: HttpSpec, request: Request, response: Response
) -> None:
    await connection.send(encode_request(session, spec, request))
    piece = await connection.read_some()
    if spec.http_version is HttpVersion.ANY and request.place.is_tls and http2.is_http2(piece):
        raise _SpeaksHttp2
    await _read(connection, session, response, piece)


async def _read(connection: Connection, session: Session, response: Response, piece: bytes) -> None:
    session.enter("transfer")
    while piece:
        if session.is_shown and connection.received - len(piece) < _MAX_SHOWN:
            session.show_received(piece[:_MAX_SHOWN])
        response.feed(piece)
        if not response.wants_more:
            return
        piece = await connection.read_some()
    response.feed_end()


def _is_to_follow(response: Response, spec: HttpSpec) -> bool:
    """Whether to follow the answer. A redirect whose status is expected is the answer itself."""
    return (
        spec.follow_redirects
        and response.status in _REDIRECTS
        and "location" in response.headers
        and not is_expected(response.status, spec.expect_status)
    )


def _next(request: Request, response: Response, jar: CookieJar) -> Request:
    location = response.raw_field("location")
    try:
        place = follow(request.place, location)
    except ValueError as error:
        raise ProbeFailure(PROTOCOL_ERROR, f"Location leads nowhere: {location[:200]!r}") from error
    return redirected(request, response.status, place, cookies=jar.header(place))


def _judge(response: Response, spec: HttpSpec) -> None:
    """Check everything expected, the simplest first. The first that fails raises ProbeFailure."""
    is_whole = not response.is_truncated
    check_status(response.status, spec.expect_status)
    if spec.expect_header:
        check_headers(response.headers, spec.expect_header)
    if spec.max_age_s is not None:
        check_age(response.headers, spec.max_age_s)
    if spec.measures_body:
        check_size(response.size, spec.min_size, spec.max_size, is_whole=is_whole)
    if spec.reads_body:
        body = bytes(response.body)
        content_type = response.headers.get("content-type", "")
        if spec.reads_text:
            check_text(
                decode(body, content_type),
                wanted=spec.expect_body,
                forbidden=spec.forbid_body,
                regex=spec.expect_regex,
                is_whole=is_whole,
            )
        if spec.expect_json:
            check_json(body, content_type, spec.expect_json, is_whole=is_whole)

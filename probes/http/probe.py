"""The `http` probe: fetch, follow, judge. Each look is a connection of its own."""

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
from probes.http import two
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
_SHOWN = 4096
_WIRE_PER_BYTE = 8
"""A body in chunks of one byte takes six bytes of wire each; past that it is an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The last answer of a chain of redirects, and who gave it."""

    url: str
    response: Response
    peer: str
    is_two: bool


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Fetches a URL."""

    transport: Transport

    def start(self, spec: HttpSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        return observe(run, FAILURES, self._talk(run, spec))

    async def _talk(self, run: Session, spec: HttpSpec) -> None:
        fetched = await self.fetch(run, spec)
        response = fetched.response
        run.evidence["status"] = response.status
        run.evidence["bytes"] = response.size
        if response.is_truncated:
            run.evidence["truncated"] = True
        if fetched.is_two:
            run.evidence["http_version"] = HttpVersion.TWO.value
        _judge(response, spec)
        if spec.http_version is HttpVersion.TWO and not fetched.is_two:
            raise ProbeFailure(PROTO_DOWNGRADE, "it speaks HTTP/1.1 alone")
        check_expiry(self.transport, spec, run)

    async def fetch(self, run: Session, spec: HttpSpec, led_from: str | None = None) -> Fetched:
        """Go where the answers lead until one is not a redirect. `led_from` is the address whose
        answer named this URL (a playlist's, say), None where a person did. Raises Fault."""
        asked = first_request(spec, parse_url(spec.url))
        jar = CookieJar(self.transport.wall())
        trail: list[str] = []
        kept: dict[str, None] = {}
        while True:
            fetched = await self._fetch(run, spec, asked, led_from)
            response = fetched.response
            if not _is_to_follow(response, spec):
                return fetched
            jar.take(asked.place, response.fields("set-cookie"))
            before, asked = asked, _next(asked, response, jar)
            kept |= dict.fromkeys(withheld(spec, before, asked))
            if kept:
                run.evidence["withheld"] = [*kept]
            led_from = fetched.peer
            trail.append(asked.place.url)
            run.evidence["redirects"] = list(trail)
            if len(trail) > spec.max_redirects:
                raise ProbeFailure(REDIRECT_LOOP, f"more than {spec.max_redirects} redirects")

    async def _fetch(
        self, run: Session, spec: HttpSpec, asked: Request, led_from: str | None
    ) -> Fetched:
        try:
            return await self._once(run, spec, asked, led_from, spec.http_version.alpn())
        except _SpeaksTwo:
            return await self._once(run, spec, asked, led_from, (two.ALPN,))

    async def _once(
        self,
        run: Session,
        spec: HttpSpec,
        asked: Request,
        led_from: str | None,
        alpn: tuple[str, ...],
    ) -> Fetched:
        place = asked.place
        connection = await self.transport.connect(
            run,
            place.host,
            place.port,
            family=spec.family,
            led_from=led_from,
            max_bytes=spec.max_bytes * _WIRE_PER_BYTE + 2 * HEAD_LIMIT,
        )
        try:
            if place.is_tls:
                await self.transport.start_tls(connection, spec.tls_options(alpn))
            is_two = connection.tls is not None and connection.tls.alpn == two.ALPN
            response = await _exchange(connection, run, spec, asked, is_two=is_two)
        finally:
            connection.close()
        return Fetched(url=place.url, response=response, peer=connection.peer, is_two=is_two)


class _SpeaksTwo(Exception):
    """What answers a request in HTTP/1.1 is HTTP/2: ask again in that."""


async def _exchange(
    connection: Connection, run: Session, spec: HttpSpec, asked: Request, *, is_two: bool
) -> Response:
    response = Response(
        max_bytes=spec.max_bytes,
        keeps_body=spec.reads_body or spec.measures_body,
        is_bodyless=asked.method == "HEAD",
        ends_at_head=lambda response: _is_to_follow(response, spec),
    )
    run.enter("processing")
    if is_two:
        await two.exchange(connection, run, spec, asked, response)
    else:
        await _exchange_one(connection, run, spec, asked, response)
    if response.oddities:
        run.evidence["oddities"] = list(response.oddities)
    return response


async def _exchange_one(
    connection: Connection, run: Session, spec: HttpSpec, asked: Request, response: Response
) -> None:
    await connection.send(encode_request(run, spec, asked))
    piece = await connection.read_some()
    if spec.http_version is HttpVersion.ANY and asked.place.is_tls and two.is_spoken_in(piece):
        raise _SpeaksTwo
    await _read(connection, run, response, piece)


async def _read(connection: Connection, run: Session, response: Response, piece: bytes) -> None:
    run.enter("transfer")
    while piece:
        if run.is_shown and connection.received - len(piece) < _SHOWN:
            run.show_received(piece[:_SHOWN])
        response.feed(piece)
        if not response.wants_more:
            return
        piece = await connection.read_some()
    response.feed_end()


def _is_to_follow(response: Response, spec: HttpSpec) -> bool:
    """A redirect whose status is expected by name is the answer, and not the way to it."""
    return (
        spec.follow_redirects
        and response.status in _REDIRECTS
        and "location" in response.headers
        and not is_expected(response.status, spec.expect_status)
    )


def _next(asked: Request, response: Response, jar: CookieJar) -> Request:
    location = response.raw_field("location")
    try:
        place = follow(asked.place, location)
    except ValueError as error:
        raise ProbeFailure(PROTOCOL_ERROR, f"Location leads nowhere: {location[:200]!r}") from error
    return redirected(asked, response.status, place, cookies=jar.header(place))


def _judge(response: Response, spec: HttpSpec) -> None:
    """Everything expected, the plainest first. Raises the Fault of the first that fails."""
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

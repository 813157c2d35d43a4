"""What `http` expects and asks, against a real nginx and answers made by hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.secret import Secret
from monitor.net.transport import Transport
from probes.http import HttpProbe, HttpSpec
from probes.http.request import first_request, redirected
from probes.http.response import Response
from probes.http.url import parse_url
from tests.support.looks import run_check
from tests.support.nginx import Nginx
from tests.support.transcript import RecordingTranscript

Say = Callable[[bytes], bytes]


@asynccontextmanager
async def answering(say: Say) -> AsyncIterator[str]:
    """A server that gives a function the whole request and sends what it returns."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(say(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def see(transport: Transport, url: str, **settings: Any) -> Observation:
    return await run_check(HttpProbe(transport), HttpSpec(url=url, **settings), timeout_s=5)


@pytest.mark.parametrize(
    ("path", "settings", "failure"),
    [
        ("/", {}, None),
        ("/", {"expect_body": "mundo"}, None),
        ("/", {"expect_body": "adiós"}, "body_mismatch"),
        ("/", {"forbid_body": "hola"}, "body_mismatch"),
        ("/", {"forbid_body": "error"}, None),
        ("/", {"expect_regex": r"^hola\s+mun(do|go)$"}, None),
        ("/", {"expect_regex": r"hola\d"}, "body_mismatch"),
        ("/", {"expect_header": {"content-type": "text/plain"}}, None),
        ("/", {"expect_header": {"Content-Type": "text/html"}}, "header_mismatch"),
        ("/", {"expect_header": {"X-None": ""}}, "header_mismatch"),
        ("/", {"min_size": 11, "max_size": 11}, None),
        ("/", {"min_size": 12}, "size"),
        ("/", {"max_size": 10}, "size"),
        ("/", {"method": "HEAD"}, None),
        ("/500", {}, "status_mismatch"),
        ("/500", {"expect_status": (500, "502-504")}, None),
        ("/204", {}, None),
        ("/nothing", {"expect_status": ("400-499",), "expect_body": "404"}, None),
        ("/to", {"expect_body": "hola"}, None),
        ("/to", {"follow_redirects": False}, "status_mismatch"),
        ("/to", {"expect_status": (302,)}, None),
        ("/loop", {}, "redirect_loop"),
        ("/post", {"method": "POST", "body": "a=1"}, None),
        ("/post", {}, "status_mismatch"),
        ("/status.json", {"expect_json": {"status": "ok", "checks[0].up": True}}, None),
        ("/status.json", {"expect_json": {"$.load": 0.5}}, None),
        ("/status.json", {"expect_json": {"status": "bad"}}, "json_mismatch"),
        ("/status.json", {"expect_json": {"checks[1].up": True}}, "json_mismatch"),
        ("/status.json", {"expect_json": {"checks[0].up": 1}}, "json_mismatch"),
        ("/", {"expect_json": {"a": 1}}, "json_mismatch"),
        ("/packed/page.txt", {"compression": True, "expect_body": "mundo"}, None),
        ("/packed/page.txt", {"compression": True, "min_size": 1100, "max_size": 1100}, None),
    ],
)
async def test_it_judges_what_a_real_server_answers(
    transport: Transport, nginx: Nginx, path: str, settings: dict[str, Any], failure: str | None
) -> None:
    seen = await see(transport, f"http://127.0.0.1:{nginx.http}{path}", **settings)
    assert seen.failure == failure, seen


async def test_it_logs_in_with_a_secret_and_shows_it_nowhere(
    transport: Transport, nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_PASSWORD", "hunter2")
    spec = HttpSpec(
        url=f"http://127.0.0.1:{nginx.http}/private/",
        username="probe",
        password=Secret("${PROBE_PASSWORD}"),
        expect_body="dentro",
    )
    transcript = RecordingTranscript()
    seen = await run_check(HttpProbe(transport), spec, timeout_s=5, transcript=transcript)
    assert seen.outcome is Outcome.UP
    assert "> Authorization: Basic ***" in transcript.lines
    assert "hunter2" not in f"{seen} {spec} {transcript.lines}"


async def test_it_masks_a_secret_that_the_server_sends_back(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "t0ken")
    transcript = RecordingTranscript()
    async with answering(lambda request: b"HTTP/1.1 200 OK\r\n\r\n" + request) as url:
        spec = HttpSpec(url=url, secret_headers={"X-Key": Secret("${TOKEN}")}, expect_body="X-Key")
        seen = await run_check(HttpProbe(transport), spec, timeout_s=5, transcript=transcript)
    assert seen.outcome is Outcome.UP
    assert not [line for line in transcript.lines if "t0ken" in line]
    assert "< X-Key: ***" in transcript.lines


async def test_it_keeps_secrets_from_another_origin(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "t0ken")
    heard: list[bytes] = []

    def listen(request: bytes) -> bytes:
        heard.append(request)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    async with answering(listen) as away:
        there = f"HTTP/1.1 302 Found\r\nLocation: {away}/\r\n\r\n".encode()
        async with answering(lambda _: there) as home:
            seen = await see(transport, home, secret_headers={"X-Key": Secret("${TOKEN}")})
    assert seen.outcome is Outcome.UP
    assert b"t0ken" not in heard[0]


async def sent_away(
    transport: Transport, status: str, **settings: Any
) -> tuple[bytes, Observation]:
    """What another origin hears of a look that is redirected there, and what the look saw."""
    heard: list[bytes] = []

    def listen(request: bytes) -> bytes:
        heard.append(request)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    async with answering(listen) as away:
        there = f"HTTP/1.1 {status}\r\nLocation: {away}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with answering(lambda _: there) as home:
            seen = await see(transport, home, **settings)
    return heard[0], seen


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
async def test_it_takes_nothing_that_signs_in_and_no_body_to_another_origin(
    transport: Transport, status: str
) -> None:
    heard, seen = await sent_away(
        transport,
        status,
        method="POST",
        headers={"authorization": "Bearer t0ken", "Cookie": "session=t0ken", "X-Shown": "yes"},
        body="password=hunter2",
    )
    assert seen.outcome is Outcome.UP
    assert b"t0ken" not in heard
    assert b"X-Shown: yes" in heard
    # A POST that became a GET has no body anywhere.
    lost = ["body"] if status.startswith("307") else []
    assert seen.evidence["withheld"] == ["authorization", "Cookie", *lost]
    assert heard.startswith(b"POST / " if lost else b"GET / ")
    assert (b"Content-Length: 0\r\n" in heard) is bool(lost)


async def test_it_takes_headers_and_body_along_within_an_origin(transport: Transport) -> None:
    heard: list[bytes] = []

    def serve(request: bytes) -> bytes:
        heard.append(request)
        if request.startswith(b"POST /there "):
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 308 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"

    settings = {"headers": {"Authorization": "Bearer t0ken"}, "body": "a=b", "method": "POST"}
    async with answering(serve) as url:
        seen = await see(transport, url, **settings)
    assert seen.outcome is Outcome.UP
    assert "withheld" not in seen.evidence
    assert b"Authorization: Bearer t0ken\r\n" in heard[1]


@pytest.mark.parametrize(
    ("there", "keeps"),
    [
        ("https://a.test/", True),
        ("https://a.test:8443/", False),
        ("https://b.test/", False),
        ("http://a.test:8080/", False),
    ],
)
def test_a_body_goes_along_to_https_of_the_same_host(there: str, keeps: bool) -> None:
    spec = HttpSpec(url="http://a.test/", method="POST", body="a=b")
    asked = first_request(spec, parse_url(spec.url))
    then = redirected(asked, 308, parse_url(there))
    assert (then.has_body, then.has_secrets) == (keeps, False)


async def test_it_says_which_secret_is_missing(transport: Transport, nginx: Nginx) -> None:
    url = f"http://127.0.0.1:{nginx.http}/"
    seen = await see(transport, url, secret_headers={"X-Key": Secret("${NOT_SET_ANYWHERE}")})
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "probe_error")
    assert "NOT_SET_ANYWHERE" in seen.message


async def test_it_has_only_the_phases_that_happened(transport: Transport, nginx: Nginx) -> None:
    plain = await see(transport, f"http://127.0.0.1:{nginx.http}/")
    named = await see(
        transport, f"https://localhost:{nginx.https['good']}/", ca_file=str(nginx.ca_file)
    )
    assert list(plain.phases_ms) == ["connect", "processing", "transfer"]
    assert list(named.phases_ms) == ["resolve", "connect", "tls", "processing", "transfer"]


async def test_it_reads_an_endless_body_to_the_cap_and_says_so(transport: Transport) -> None:
    body = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000
    async with answering(lambda _: body) as url:
        seen = await see(transport, url, max_bytes=1000)
        found = await see(transport, url, max_bytes=1000, expect_body="xxx")
        sized = await see(transport, url, max_bytes=1000, min_size=10)
    assert (seen.outcome, seen.evidence["bytes"]) == (Outcome.UP, 1000)
    assert seen.evidence["truncated"] is True
    assert (found.failure, sized.failure) == (None, "too_large")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", None),
        (b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n", None),
        (b"HTTP/1.0 200 OK\r\n\r\nhola", None),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\nx", None),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip", "protocol_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "protocol_error"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "protocol_error"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\n\r\n", "protocol_error"),
        (b"HTTP/1.1 302 Found\r\n\r\n", "status_mismatch"),
        (b"ICY 200 OK\r\n\r\n", "protocol_error"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol_error"),
        (b"HTTP/1.1 200 OK\r\n", "conn_reset"),
        (b"", "conn_reset"),
    ],
)
async def test_it_judges_answers_that_are_odd(
    transport: Transport, answer: bytes, failure: str | None
) -> None:
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url, forbid_body="nothing of the kind")
    assert seen.failure == failure, seen


async def test_it_tells_stale_content_by_the_servers_own_clock(transport: Transport) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Oct 2026 12:00:00 GMT\r\n"
        b"Last-Modified: Thu, 01 Oct 2026 11:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
    )
    async with answering(lambda _: head) as url:
        fresh = await see(transport, url, max_age_s=3600.0)
        stale = await see(transport, url, max_age_s=3599.0)
    assert (fresh.failure, stale.failure) == (None, "stale_content")


async def test_it_keeps_a_little_of_a_body_without_what_a_terminal_would_act_on(
    transport: Transport,
) -> None:
    body = b"HTTP/1.1 200 OK\r\n\r\n\x1b[31m" + b"<script>" * 1000
    async with answering(lambda _: body) as url:
        seen = await see(transport, url, expect_body="bien")
    excerpt = seen.evidence["excerpt"]
    assert isinstance(excerpt, str)
    assert len(excerpt) <= 120
    assert excerpt.isprintable()


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"url": "ftp://example.org/"}, "want http:// or https://, got 'ftp://example.org/'"),
        ({"url": "file:///etc/passwd"}, "want http:// or https://, got 'file:///etc/passwd'"),
        ({"url": "http://u:p@example.org/"}, "no user or password in a URL"),
        ({"url": "http://example.org:0/"}, "nothing listens on port 0"),
        ({"url": "http://exa mple.org/"}, "no spaces or control characters"),
        ({"url": "http:///x"}, "want a host"),
        ({"url": "http://a/", "expect_status": ("2xx",)}, "want 200 or 200-299, got '2xx'"),
        ({"url": "http://a/", "expect_json": {"a..b": 1}}, "want a path as in a.b[0].c"),
        ({"url": "http://a/", "expect_regex": "("}, "no regular expression"),
        ({"url": "http://a/", "username": "u"}, "username and password go together"),
        ({"url": "http://a/", "method": "GET / HTTP/1.1\r\n"}, "want a method or header name"),
        ({"url": "http://a/", "headers": {"X": "a\r\nY: b"}}, "control character"),
        ({"url": "http://a/", "max_bytes": 0}, "at least 1"),
    ],
)
def test_it_refuses_settings_that_cannot_work(settings: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wanted)):
        HttpSpec(**settings)


async def test_what_comes_after_the_head_changes_nothing_of_it(transport: Transport) -> None:
    head = b"HTTP/1.1 500 Broken\r\nTransfer-Encoding: chunked\r\nX-State: bad\r\n\r\n"
    rest = b"0\r\nX-State: good\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    settings = {"expect_status": (500,), "expect_header": {"X-State": "good"}}
    async with answering(lambda _: head + rest) as url:
        seen = await see(transport, url, **settings)
    assert (seen.failure, seen.evidence["status"]) == ("header_mismatch", 500), seen


def test_trailers_are_not_kept() -> None:
    response = Response(max_bytes=10, keeps_body=False, is_bodyless=False)
    response.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    response.feed(b"X-More: a\r\n" * 1000)
    assert list(response.headers) == ["transfer-encoding"]


@pytest.mark.parametrize(
    "date",
    ["Thu, 01 Jan 99999999999999999999 00:00:00 GMT", "Thu, 01 Jan 2030 00:00:00 +99999999999999"],
)
async def test_a_date_beyond_all_calendars_is_none(transport: Transport, date: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\nLast-Modified: {date}\r\n\r\n"
    async with answering(lambda _: head.encode()) as url:
        seen = await see(transport, url, max_age_s=5.0)
    assert seen.failure == "header_mismatch", seen


async def test_a_secret_that_the_target_gives_back_is_not_kept(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESTADO_ECHOED", "hunter2-hunter2")
    settings = {"secret_headers": {"X-Key": Secret("${ESTADO_ECHOED}")}, "expect_body": "all well"}
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    async with answering(lambda request: answer + request[request.index(b"X-Key") :]) as url:
        seen = await see(transport, url, **settings)
    assert seen.failure == "body_mismatch", seen
    assert "X-Key: ***" in str(seen.evidence["excerpt"])
    assert "hunter2" not in repr(seen)

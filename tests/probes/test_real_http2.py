"""Origins that speak HTTP/2 alone, and those that were meant to speak it and do not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.family import Family
from monitor.net.transport import Transport
from probes.http import HttpProbe, HttpSpec
from probes.http.http2 import is_http2
from probes.http.spec import HttpVersion
from tests.probes.real_rows import Record, tell
from tests.probes.test_real_tls import roots, showing
from tests.support.certificates import Authority
from tests.support.http2 import DnsAnswer, http2_origin
from tests.support.looks import run_check
from tests.support.transcript import RecordingTranscript

HOLA = "hola música".encode()


async def see(
    transport: Transport, port: int, ca_file: str, path: str = "/", **settings: Any
) -> Observation:
    spec = {"url": f"https://localhost:{port}{path}", "ca_file": ca_file, "family": Family.IPV4}
    return await run_check(HttpProbe(transport), HttpSpec(**(spec | settings)), timeout_s=5)


@pytest.mark.parametrize("version", [HttpVersion.ANY, HttpVersion.TWO])
async def test_an_origin_that_speaks_http_2_alone_is_up(
    transport: Transport, tmp_path: Path, version: HttpVersion, record_property: Record
) -> None:
    authority, heard = Authority(), DnsAnswer()
    async with http2_origin(authority.good(), tmp_path, HOLA, heard=heard) as port:
        seen = await see(
            transport,
            port,
            roots(authority, tmp_path),
            "/a?b=c",
            http_version=version,
            expect_body="música",
            expect_header={"X-Radio": "Música"},
        )
    tell(record_property, "http", f"H6 HTTP/2 alone, http_version {version}", None, seen)
    assert seen.evidence["http_version"] == "2"
    (asked,) = heard
    assert (asked[":method"], asked[":path"]) == ("GET", "/a?b=c")
    assert asked[":authority"] == f"localhost:{port}"
    assert {"host", "connection"}.isdisjoint(asked)


async def test_an_origin_that_was_meant_to_speak_http_2_and_does_not_is_degraded(
    transport: Transport, tmp_path: Path, record_property: Record
) -> None:
    authority = Authority()
    async with showing(authority.good(), tmp_path) as port:
        ca_file = roots(authority, tmp_path)
        two = await see(transport, port, ca_file, http_version=HttpVersion.TWO)
        either = await see(transport, port, ca_file)
        wrong = await see(
            transport, port, ca_file, http_version=HttpVersion.TWO, expect_status=(204,)
        )
    tell(record_property, "http", "H6 HTTP/1.1 alone, http_version 2", "proto_downgrade", two)
    tell(record_property, "http", "H6 HTTP/1.1 alone, http_version any", None, either)
    assert two.outcome is Outcome.DEGRADED
    assert wrong.failure == "status_mismatch"


async def test_a_forced_version_is_all_that_is_spoken(
    transport: Transport, tmp_path: Path, record_property: Record
) -> None:
    authority = Authority()
    async with http2_origin(authority.good(), tmp_path, HOLA) as port:
        ca_file = roots(authority, tmp_path)
        seen = await see(transport, port, ca_file, http_version=HttpVersion.ONE)
    tell(record_property, "http", "H6 HTTP/2 alone, http_version 1.1", "protocol_error", seen)


async def test_it_judges_an_answer_in_http_2_as_any_other(
    transport: Transport, tmp_path: Path
) -> None:
    authority, heard = Authority(), DnsAnswer()
    async with http2_origin(authority.good(), tmp_path, HOLA, 503, heard) as port:
        ca_file = roots(authority, tmp_path)
        broken = await see(transport, port, ca_file)
        posted = await see(
            transport, port, ca_file, method="POST", body="a=ñ", expect_status=(503,)
        )
        cut = await see(
            transport, port, ca_file, expect_status=(503,), expect_body="adiós", max_bytes=4
        )
        head = await see(transport, port, ca_file, method="HEAD", expect_status=(503,))
    assert [broken.failure, posted.failure, cut.failure] == ["status_mismatch", None, "too_large"]
    assert heard[1]["body"] == "a=ñ"
    assert head.failure is None


async def test_it_posts_more_than_the_first_window_holds(
    transport: Transport, tmp_path: Path
) -> None:
    authority, heard = Authority(), DnsAnswer()
    body = "x" * 200_000
    async with http2_origin(authority.good(), tmp_path, HOLA, heard=heard) as port:
        ca_file = roots(authority, tmp_path)
        seen = await see(transport, port, ca_file, method="POST", body=body)
    assert seen.failure is None, seen
    assert heard[0]["body"] == body


async def test_its_transcript_shows_both_heads(transport: Transport, tmp_path: Path) -> None:
    authority, transcript = Authority(), RecordingTranscript()
    async with http2_origin(authority.good(), tmp_path, HOLA) as port:
        spec = HttpSpec(
            url=f"https://localhost:{port}/",
            ca_file=roots(authority, tmp_path),
            family=Family.IPV4,
            http_version=HttpVersion.TWO,
        )
        await run_check(HttpProbe(transport), spec, timeout_s=5, transcript=transcript)
    assert {"> :path: /", "< HTTP/2 200"} <= set(transcript.lines)


@pytest.mark.parametrize(
    ("piece", "is_spoken"),
    [
        (b"\0\0\x12\4\0\0\0\0\0", True),
        (b"\0\0\x08\7\0\0\0\0\0", True),
        (b"HTTP/1.1 200 OK\r\n", False),
        (b"\0\0\x12\4\0\0\0\0\1", False),
        (b"\0\0\x12\4", False),
        (b"", False),
    ],
)
def test_it_knows_http_2_by_its_first_frame(piece: bytes, is_spoken: bool) -> None:
    assert is_http2(piece) is is_spoken


def test_it_refuses_http_2_in_the_clear() -> None:
    with pytest.raises(ValueError, match=re.escape("http_version 2 wants https://")):
        HttpSpec(url="http://radio.test/", http_version=HttpVersion.TWO)

"""What real web servers send, judged as a visitor's browser does."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from backports import zstd

from monitor.net.transport import Transport
from probes.http.charset import decode
from probes.http.cookies import CookieJar
from probes.http.url import follow, join, parse_url
from tests.probes.real_rows import Record, tell
from tests.probes.test_http import answering, see
from tests.support.playlists import parse_playlist
from tests.support.scripted import scripted

NOW = 1_790_000_000.0
HOLA = "<p>Atención: música de ñandú"


def ok(body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *fields, b"", body))


TEXTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "ISO-8859-1 declared": (
        ok(HOLA.encode("latin-1"), b"Content-Type: text/html; charset=ISO-8859-1"),
        {"expect_body": "Atención", "expect_regex": "ñand[úu]$"},
    ),
    "windows-1252 declared as ISO-8859-1": (
        ok("son 5 €".encode("cp1252"), b'Content-Type: text/plain;charset="iso-8859-1"'),
        {"expect_body": "5 €"},
    ),
    "UTF-16 with its mark": (
        ok(HOLA.encode("utf-16"), b"Content-Type: text/html"),
        {"expect_body": "música"},
    ),
    "a mark against Content-Type": (
        ok(HOLA.encode("utf-8-sig"), b"Content-Type: text/html; charset=iso-8859-1"),
        {"expect_body": "música"},
    ),
    "encoding in the page's meta": (
        ok(b"<html><head><meta charset='iso-8859-15'>" + "5 €".encode("iso-8859-15")),
        {"expect_body": "5 €"},
    ),
    "encoding in the page's old meta": (
        ok(
            b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
            + "привет".encode("cp1251")
        ),
        {"expect_body": "привет"},
    ),
    "encoding in the XML declaration": (
        ok(b'<?xml version="1.0" encoding="ISO-8859-1"?><a>' + "canción".encode("latin-1")),
        {"expect_body": "canción"},
    ),
    "windows-1252, nothing declared": (
        ok("información".encode("cp1252")),
        {"expect_body": "información"},
    ),
    "a declared encoding unheard of": (
        ok(HOLA.encode(), b"Content-Type: text/html; charset=rot13"),
        {"expect_body": "Atención"},
    ),
    "JSON in ISO-8859-1": (
        ok('{"a": "sí"}'.encode("latin-1"), b"Content-Type: application/json; charset=latin1"),
        {"expect_json": {"a": "sí"}},
    ),
    "JSON in UTF-16": (ok('{"a": "sí"}'.encode("utf-16-le")), {"expect_json": {"a": "sí"}}),
    "JSON with a mark": (ok('{"a": 1}'.encode("utf-8-sig")), {"expect_json": {"a": 1}}),
    "a header in UTF-8": (
        ok(b"", "X-Radio: Música".encode()),
        {"expect_header": {"X-Radio": "Música"}},
    ),
    "a header in ISO-8859-1": (
        ok(b"", "X-Radio: Música".encode("latin-1")),
        {"expect_header": {"X-Radio": "Música"}},
    ),
}


@pytest.mark.parametrize("line", TEXTS)
async def test_it_compares_text_with_text(
    transport: Transport, line: str, record_property: Record
) -> None:
    answer, settings = TEXTS[line]
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url, **settings)
    tell(record_property, "http", f"H1 {line}", None, seen)


async def test_a_text_that_visitors_see_broken_is_not_found(
    transport: Transport, record_property: Record
) -> None:
    answer = ok(HOLA.encode("latin-1"), b"Content-Type: text/html; charset=utf-8")
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url, expect_body="Atención")
    tell(record_property, "http", "H1 declared as what it is not", "body_mismatch", seen)


def test_a_text_that_was_cut_within_a_character_is_still_utf_8() -> None:
    assert decode("añadió".encode()[:-1], "") == "añadi"


REDIRECTS: dict[str, tuple[bytes, str]] = {
    "raw UTF-8 path": ("/música/".encode(), "/m%C3%BAsica/"),
    "raw ISO-8859-1 path": ("/música/".encode("latin-1"), "/m%FAsica/"),
    "a space in the path": (b"/mi pagina", "/mi%20pagina"),
    "spaces around it": (b"  /a  ", "/a"),
    "a backslash": (b"\\a\\b?c\\d", "/a/b?c%5Cd"),
    "brackets and quotes": (b'/a"<b>|{c}', "/a%22%3Cb%3E%7C%7Bc%7D"),
    "escaped already": (b"/m%C3%BAsica/", "/m%C3%BAsica/"),
}


@pytest.mark.parametrize("line", REDIRECTS)
async def test_it_follows_a_location_as_browsers_read_it(
    transport: Transport, line: str, record_property: Record
) -> None:
    location, target = REDIRECTS[line]

    def serve(request: bytes) -> bytes:
        path = request.split(b" ")[1].decode("ascii")
        if path == "/":
            return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n"
        return ok(b"") if path == target else b"HTTP/1.1 404 Not Found\r\n\r\n"

    async with answering(serve) as url:
        seen = await see(transport, url)
    tell(record_property, "http", f"H2 Location with {line}", None, seen)


@pytest.mark.parametrize("coding", ["", "Content-Encoding: gzip\r\n", "Content-Length: 5\r\n"])
async def test_a_redirect_is_followed_at_its_head(
    transport: Transport, coding: str, record_property: Record
) -> None:
    """Its body may never end, or be none of what it is said to be: no visitor sees it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if asked.startswith(b"GET /there "):
            writer.write(ok(b"", b"Content-Length: 0"))
        else:
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: /there\r\n{coding}\r\n<h1>".encode())
            await reader.read()
        writer.close()

    async with scripted(serve) as port:
        seen = await see(transport, f"http://127.0.0.1:{port}/", expect_body="")
    tell(record_property, "http", f"302 without an end {coding.strip()}", None, seen)


@pytest.mark.parametrize(
    ("location", "led_to"),
    [
        (b"//b.test/x", "https://b.test/x"),
        (b"///b.test/x", "https://b.test/x"),
        (b"////b.test", "https://b.test"),
        (b"\\\\b.test\\x", "https://b.test/x"),
        (b"/\\b.test/x", "https://b.test/x"),
        (b"http:///b.test/x", "http://b.test/x"),
        (b"http:/b.test/x", "http://b.test/x"),
        (b"HTTP:b.test/x", "http://b.test/x"),
        (b"http:\\\\b.test/x", "http://b.test/x"),
        (b"https:///b.test/x", "https://b.test/x"),
        (b"https:/x", "https://a.test/x"),
        (b"https:x", "https://a.test/d/x"),
        (b"ht\ntp://b.t\test/\rx", "http://b.test/x"),
        (b"\x00 //b.test/x\x1f", "https://b.test/x"),
        (b"/\t/b.test/x", "https://b.test/x"),
        (b"?q=//c.test", "https://a.test/d/e?q=//c.test"),
        (b"?q=http:///c", "https://a.test/d/e?q=http:///c"),
        (b"", "https://a.test/d/e"),
    ],
)
def test_slashes_before_a_host_are_as_many_as_there_are(location: bytes, led_to: str) -> None:
    """As WHATWG URL has it, and with it every browser."""
    assert join("https://a.test/d/e", location) == led_to


@pytest.mark.parametrize(
    "location", [b"//", b"///", b"https://", b"http:", b"javascript:x", b"//[broken", b"///[::1"]
)
def test_a_location_without_a_host_leads_nowhere(location: bytes) -> None:
    with pytest.raises(ValueError, match=r"want|Invalid"):
        follow(parse_url("https://a.test/d/e"), location)


def test_it_reads_uris_of_a_playlist_likewise() -> None:
    text = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nmi música 1.ts\n"
    found = parse_playlist(text.encode(), "http://radio.test/en vivo/a.m3u8".replace(" ", "%20"))
    assert found.newest is not None
    assert found.newest.part.uri == "http://radio.test/en%20vivo/mi%20m%C3%BAsica%201.ts"
    assert parse_url(found.newest.part.uri).target == "/en%20vivo/mi%20m%C3%BAsica%201.ts"


async def test_cookies_live_across_the_hops_of_one_look_and_no_longer(
    transport: Transport, record_property: Record
) -> None:
    heard: list[bytes] = []

    def serve(request: bytes) -> bytes:
        heard.append(request)
        if b"Cookie: seen=1; b=2\r\n" in request:
            return ok(b"")
        again = b"HTTP/1.1 302 Found\r\nLocation: /\r\n"
        return again + b"Set-Cookie: seen=1; Path=/\r\nSet-Cookie: b=2; HttpOnly\r\n\r\n"

    async with answering(serve) as url:
        first = await see(transport, url)
        await see(transport, url)
    tell(record_property, "http", "H3 302 to itself until the cookie comes back", None, first)
    assert ["Cookie:" in request.decode() for request in heard] == [False, True, False, True]


async def test_cookies_of_the_look_stand_behind_those_of_the_settings(
    transport: Transport,
) -> None:
    def serve(request: bytes) -> bytes:
        if b"Cookie: own=a; b=2\r\n" in request:
            return ok(b"")
        return b"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: b=2\r\n\r\n"

    async with answering(serve) as url:
        seen = await see(transport, url, headers={"cookie": "own=a"})
    assert seen.failure is None, seen


@pytest.mark.parametrize(
    ("field", "to", "sent"),
    [
        ("a=1", "http://www.radio.test/", "a=1"),
        ("a=1", "http://radio.test/", ""),
        ("a=1; Domain=radio.test", "http://radio.test/", "a=1"),
        ("a=1; Domain=.radio.test", "http://x.radio.test/", "a=1"),
        ("a=1; Domain=other.test", "http://other.test/", ""),
        ("a=1; Domain=test", "http://radio.test/", ""),
        ("a=1; Domain=adio.test", "http://adio.test/", ""),
        ("a=1; Secure", "http://www.radio.test/", ""),
        ("a=1; Secure", "https://www.radio.test/", "a=1"),
        ("a=1; Path=/x", "http://www.radio.test/x/y", "a=1"),
        ("a=1; Path=/x", "http://www.radio.test/xy", ""),
        ("a=1; Max-Age=0", "http://www.radio.test/", ""),
        ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://www.radio.test/", "a=1"),
        ("a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "http://www.radio.test/", ""),
        ("a=1; Expires=never", "http://www.radio.test/", "a=1"),
        ("a", "http://www.radio.test/", ""),
        ("=1", "http://www.radio.test/", ""),
        (f"a={'1' * 5000}", "http://www.radio.test/", ""),
    ],
)
def test_a_cookie_goes_where_a_browser_sends_it(field: str, to: str, sent: str) -> None:
    jar = CookieJar(NOW)
    jar.take(parse_url("https://www.radio.test/"), [field])
    assert jar.header(parse_url(to)) == sent


def test_a_cookie_that_is_taken_back_is_gone() -> None:
    jar, place = CookieJar(NOW), parse_url("http://radio.test/")
    jar.take(place, ["a=1", "b=2"])
    jar.take(place, ["a=; Max-Age=-1"])
    assert jar.header(place) == "b=2"


ODD_HEADS: dict[str, tuple[bytes, str]] = {
    "folded header line": (
        b"HTTP/1.1 200 OK\r\nX-Long: one,\r\n two\r\nContent-Length: 4\r\n\r\nhola",
        "folded header line",
    ),
    "equal Content-Length twice": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nhola",
        "equal Content-Length more than once",
    ),
    "equal Content-Length in one field": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\nhola",
        "equal Content-Length more than once",
    ),
    "LF alone as line end": (
        b"HTTP/1.1 200 OK\nContent-Length: 4\n\nhola",
        "line feed alone as line end",
    ),
    "LF alone after 100 Continue": (
        b"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 4\n\nhola",
        "line feed alone as line end",
    ),
    "Content-Length beside chunks": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"4\r\nhola\r\n0\r\n\r\n",
        "Content-Length beside chunks",
    ),
    "a space before the colon": (
        b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nhola",
        "space before a header's colon",
    ),
    "an encoding as Content-Encoding": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: UTF-8\r\nContent-Length: 4\r\n\r\nhola",
        "Content-Encoding is 'UTF-8', which is no coding",
    ),
    "none as Content-Encoding": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: none\r\nContent-Length: 4\r\n\r\nhola",
        "Content-Encoding is 'none', which is no coding",
    ),
    "a line that is no header": (
        b"HTTP/1.1 200 OK\r\nWarning in line 3\r\nContent-Length: 4\r\n\r\nhola",
        "header line without a name",
    ),
}


@pytest.mark.parametrize("line", ODD_HEADS)
async def test_it_reads_a_head_that_browsers_read_and_keeps_what_was_odd(
    transport: Transport, line: str, record_property: Record
) -> None:
    answer, oddity = ODD_HEADS[line]
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url, expect_body="hola", max_size=4)
    tell(record_property, "http", f"H4 {line}", None, seen)
    assert seen.evidence["oddities"] == [oddity]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhola",
        b"HTTP/1.1 200 OK\nContent-Length: x\n\nhola",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\nX: never whole",
        b"220 mail.test\nready\n\n",
    ],
)
async def test_it_takes_no_head_that_browsers_refuse(transport: Transport, answer: bytes) -> None:
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url)
    assert seen.failure == "protocol_error", seen


async def test_a_header_is_read_from_its_folds(transport: Transport) -> None:
    answer = b"HTTP/1.1 200 OK\r\nX-Long: one,\r\n\ttwo\r\nContent-Length: 0\r\n\r\n"
    async with answering(lambda _: answer) as url:
        seen = await see(transport, url, expect_header={"X-Long": "one, two"})
    assert seen.failure is None, seen


async def test_it_asks_for_what_browsers_offer_and_unpacks_it(
    transport: Transport, record_property: Record
) -> None:
    asked: list[str] = []

    def serve(request: bytes) -> bytes:
        asked.extend(re.findall(r"Accept-Encoding: (.*)\r", request.decode()))
        return ok(zstd.compress(b"hola mundo"), b"Content-Encoding: zstd")

    async with answering(serve) as url:
        seen = await see(transport, url, compression=True, expect_body="mundo")
        small = await see(transport, url, compression=True, expect_body="mundo", max_bytes=9)
    tell(record_property, "http", "H5 zstd", None, seen)
    tell(record_property, "http", "H5 zstd past the cap", "too_large", small)
    assert asked[0] == "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://straße.test/", "xn--strae-oqa.test"),
        ("https://ESPAÑOL.test/", "xn--espaol-zwa.test"),
        ("https://βόλος.test/", "xn--nxasmm1c.test"),
        ("https://💩.test/", "xn--ls8h.test"),
        ("https://a。test/", "a.test"),
        ("https://\uff11\uff12\uff17.0.0.1/", "127.0.0.1"),
    ],
)
def test_it_asks_for_the_name_that_a_browser_asks_for(url: str, host: str) -> None:
    assert parse_url(url).host == host
    assert parse_url(join("http://radio.test/", url)).host == host


@pytest.mark.parametrize("url", ["https://a℀b.test/", "https://a\u2100/", "https://\uff052f.test/"])
def test_it_takes_no_name_that_becomes_another_part_of_a_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"no host name|want a host|netloc"):
        parse_url(url)

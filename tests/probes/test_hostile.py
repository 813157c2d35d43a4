"""What a target sends costs the loop a bounded amount of work: its neighbours look on time.

Work is compared with work, in processor time: what a parser does with four times as much may take
four times as long, and sixteen times where it is quadratic.
"""

from __future__ import annotations

import asyncio
import encodings
import gzip
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from time import thread_time
from typing import Any

import dns.message
import pytest
from backports import zstd

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.net.connection import Connection
from monitor.net.decompress import unpacker
from monitor.net.errors import ProbeFailure
from monitor.net.resolve.wire import (
    AddressType,
    Malformed,
    decode_answer,
    encode_name,
    encode_query,
)
from monitor.net.session import Session
from monitor.net.stream import SocketStream
from monitor.net.transport import Transport
from probes.dns.query import _parsed
from probes.hls.playlist import parse_in_slices
from probes.hls.probe import HlsProbe, HlsSpec
from probes.http import HttpProbe, HttpSpec
from probes.http.charset import declared
from probes.http.head import mend
from probes.http.request import Request, encode_request
from probes.http.response import Response
from probes.http.url import follow, parse_url
from probes.icecast.audio_frames import FrameMeter
from probes.rtmp.amf import decode, encode
from probes.rtmp.chunks import AGGREGATE, AUDIO, COMMAND, Message, encode_message
from probes.rtmp.flv_tags import media_kind
from probes.rtmp.probe import RtmpProbe, RtmpSpec
from tests.net.test_late import pair
from tests.support.looks import run_check
from tests.support.playlists import parse_playlist
from tests.support.scripted import Handler, scripted

URL = "http://radio.test/live/a.m3u8?x=1"
HEAD = b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n"
BLINK_S = 0.2
"""Of processor time: several times what the longest piece of work takes, and a fraction of what a
parser took that was not bounded."""
SKIPPED = b"\x50\x2a\x4d\x18" + bytes(4)
SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
Work = Callable[[], object]


def spent_s(work: Work) -> float:
    """The least of three times; a refusal is an end like any other."""
    times = []
    for _ in range(3):
        began = thread_time()
        with suppress(ProbeFailure):
            work()
        times.append(thread_time() - began)
    return min(times)


def answered(wire: bytes, size: int = 1 << 20) -> Response:
    response = Response(max_bytes=size, keeps_body=True, is_bodyless=False)
    response.feed(wire)
    return response


def unpacked(coding: str, *pieces: bytes) -> None:
    engine = unpacker(coding, 1 << 20)
    for piece in pieces:
        engine.feed(piece)


def dripped(wire: bytes) -> None:
    response = Response(max_bytes=1000, keeps_body=True, is_bodyless=False)
    for at in range(len(wire)):
        response.feed(wire[at : at + 1])


WORST: dict[str, tuple[int, Callable[[int], Work]]] = {
    "a tag's name without end": (
        1000,
        lambda n: lambda: parse_playlist(HEAD + b"#EXT-X-KEY:" + b"A" * n, URL),
    ),
    "spaces behind a tag's name": (
        1000,
        lambda n: lambda: parse_playlist(HEAD + b"#EXT-X-KEY:A" + b" " * n, URL),
    ),
    "sounds of one group": (
        5000,
        lambda n: lambda: parse_playlist(HEAD + b"#EXT-X-MEDIA:TYPE=AUDIO,URI=a\n" * n, URL),
    ),
    "spaces before a charset": (1000, lambda n: lambda: declared("a; charset=" + " " * n + ";")),
    "bytes behind gzip's end": (
        50_000,
        lambda n: lambda: unpacked("gzip", gzip.compress(b"a"), *(b"\0" for _ in range(n))),
    ),
    "empty frames of zstd": (1000, lambda n: lambda: unpacked("zstd", SKIPPED * n)),
    "empty frames in gzip": (
        8000,
        lambda n: lambda: unpacked("zstd, gzip", gzip.compress(SKIPPED * n)),
    ),
    "headers of one name": (
        3000,
        lambda n: lambda: answered(b"HTTP/1.1 200 OK\r\n" + b"a:b\r\n" * n + b"\r\n").headers,
    ),
    "folds of one header": (
        5000,
        lambda n: lambda: mend(b"HTTP/1.1 200 OK\na: b\n" + b" a\n" * n + b"\n"),
    ),
    "an odd head byte by byte": (
        500,
        lambda n: lambda: dripped(b"HTTP/1.1 200 OK\n" + b"a:b\n" * n + b"\n"),
    ),
}


@pytest.mark.parametrize("worst", WORST)
def test_four_times_as_much_takes_four_times_as_long(worst: str) -> None:
    size, make = WORST[worst]
    small, large = spent_s(make(size)), spent_s(make(4 * size))
    assert large <= 8 * max(small, 0.0005), (small, large)


@pytest.mark.parametrize(
    "payload", [b"\5" * 1001, b"\5" * 70_000, b"\x0a\0\0\xff\xff" + b"\5" * 60_000]
)
def test_a_command_has_few_values(payload: bytes) -> None:
    assert len(decode(b"\5" * 1000)) == 1000
    with pytest.raises(ProbeFailure, match="AMF0") as caught:
        decode(payload)
    assert caught.value.failure == "protocol_error"


def test_a_body_of_a_thousand_frames_is_read_and_one_of_more_is_too_large() -> None:
    frame = zstd.compress(b"hola")
    assert unpacker("zstd", 1 << 20).feed(frame * 1000) == b"hola" * 1000
    with pytest.raises(ProbeFailure, match="more than 1000 frames") as caught:
        unpacker("zstd", 1 << 20).feed(frame * 1001)
    assert caught.value.failure == "too_large"


def test_what_stands_behind_gzips_end_is_passed_over() -> None:
    engine = unpacker("gzip", 1000)
    assert [engine.feed(gzip.compress(b"hola")), engine.feed(b"\0"), engine.feed(b"x")] == [
        b"hola",
        b"",
        b"",
    ]


def test_an_aggregate_is_looked_through_as_far_as_its_first_thousand_tags() -> None:
    nothing, sound = bytes(15), bytes((AUDIO, 0, 0, 2)) + bytes(7) + b"\x2f\1" + bytes(4)
    found = [
        media_kind(Message(type=AGGREGATE, stream=1, payload=nothing * before + sound))
        for before in (999, 1000)
    ]
    assert found == ["audio", None]


def test_a_rate_is_read_from_as_many_frames_as_tell_it() -> None:
    meter = FrameMeter()
    frames = bytes((0xFF, 0xF1, 0x50, 0x80, 0x01, 0, 0xFC, 0)) * 10_000
    first = spent_s(lambda: meter.feed(frames))
    rate = meter.kbps
    for _ in range(3):
        meter.feed(frames)
    assert meter.kbps == rate
    assert spent_s(lambda: meter.feed(frames)) < max(first, 0.001) / 2


@pytest.mark.parametrize("records", [500, 501])
def test_an_answer_of_names_that_each_cost_all_their_labels_is_refused(records: int) -> None:
    query = dns.message.make_query("x.test", "A")
    wire = bytearray(query.to_wire())
    wire[2], wire[6:8] = 0x81, struct.pack("!H", records)
    at = len(wire)
    wire += b"\1a" * 120 + b"\0" + struct.pack("!2HIH", 1, 1, 0, 4) + bytes(4)
    for number in range(records - 1):
        pointer = struct.pack("!H", 0xC000 | at)
        wire += pointer + struct.pack("!2HIHB", 16, 1, 0, 3, 2) + struct.pack("!H", number)
    if records == 500:
        assert _parsed(bytes(wire), (query,)).answer
        return
    with pytest.raises(ProbeFailure, match="501 records"):
        _parsed(bytes(wire), (query,))
    asked = encode_query(1, encode_name("x.test"), AddressType.A)
    with pytest.raises(Malformed, match="501 records"):
        decode_answer(bytes(wire), asked)


# What is kept from look to look


def grown_kib(work: Work) -> float:
    """By how much what is held grows, once the library's own caches of a hundred are full."""
    tracemalloc.start()
    try:
        for _ in range(4):
            work()
        before = tracemalloc.get_traced_memory()[0]
        work()
        return (tracemalloc.get_traced_memory()[0] - before) / 1024
    finally:
        tracemalloc.stop()


def test_a_target_that_leads_elsewhere_each_time_fills_no_memory() -> None:
    numbers = count()
    here = parse_url("http://radio.test/")

    def wander() -> None:
        for _ in range(40):
            place = follow(here, b"/%d?" % next(numbers) + b"a" * 10_000)
            asked = Request(place=place, method="GET", has_body=False, has_secrets=False)
            with Session(Context(deadline=float("inf"))) as run:
                encode_request(run, HttpSpec(url="http://radio.test/"), asked)

    async def held() -> float:
        return grown_kib(wander)

    assert asyncio.run(held()) < 400


def test_a_label_that_nobody_has_heard_of_is_not_kept() -> None:
    before = len(encodings._cache)
    assert [declared(f"text/html; charset=nobody-{number}") for number in range(20)] == [None] * 20
    assert len(encodings._cache) == before
    assert declared('text/html; charset=" ISO-8859-15"') == "iso8859-15"
    assert [declared(f"text/html; charset={label}") for label in ("mbcs", "oem", "ansi")] == [
        None
    ] * 3


def test_a_name_of_thousands_of_letters_is_none() -> None:
    with pytest.raises(ValueError, match="is no host name"):
        parse_url("http://" + "ñ" * 60_000 + "/")


# Turns


def test_a_long_playlist_is_read_in_turns() -> None:
    day = HEAD + b"#EXTINF:6,\nhttp://radio.test/a.ts\n" * 20_000
    turns = sum(1 for _ in parse_in_slices(day, URL))
    assert turns >= 40_000 // 500
    assert len(parse_playlist(day, URL).lengths_s) == 20_000


@pytest.mark.parametrize("separator", [b"\x0b", b"\x0c", b"\x85", "\u2028".encode(), b"\r"])
def test_no_other_line_end_gets_past_the_limit_of_lines(separator: bytes) -> None:
    with pytest.raises(ProbeFailure) as caught:
        parse_playlist(HEAD + separator.join([b"#"] * 90_000), URL)
    assert caught.value.failure == "spec_violation"


async def test_a_connection_gives_way_between_reads_that_need_no_wait() -> None:
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    with pair() as (ours, theirs), Session(Context(deadline=float("inf"))) as run:
        connection = Connection(run, SocketStream(run, ours), host="a", peer="a")
        theirs.send(b"a" * 4096)
        await connection.read_exact(1)
        turn()
        for _ in range(4095):
            await connection.read_exact(1)
    assert turns >= 4096 // 256


# Whole looks, beside somebody who wants the loop as well


class Neighbour:
    """Wants a turn of the loop all the time; `longest_s` is the work of others in between."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def run(self) -> None:
        last = thread_time()
        while True:
            await asyncio.sleep(0)
            now = thread_time()
            self.longest_s = max(self.longest_s, now - last)
            last = now


async def beside(neighbour: Neighbour, looking: Any) -> Observation:
    task = asyncio.create_task(neighbour.run())
    try:
        seen: Observation = await looking
    finally:
        task.cancel()
    return seen


def saying(*pieces: bytes) -> Handler:
    """A web server that answers everything with that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return serve


def ok(fields: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + body


CHUNKED = b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked"
WEB: dict[str, tuple[bytes, str | None]] = {
    "spaces before a charset": (ok(b"Content-Type: a; charset=" + b" " * 20_000, b"x"), "body"),
    "bytes behind gzip's end": (
        ok(CHUNKED, b"16\r\n" + gzip.compress(b"ab")[:22] + b"\r\n" + b"1\r\nx\r\n" * 60_000),
        "conn_reset",
    ),
    "empty frames of zstd": (ok(b"Content-Encoding: zstd", SKIPPED * 60_000), "too_large"),
    "empty frames in gzip": (
        ok(b"Content-Encoding: zstd, gzip", gzip.compress(SKIPPED * 60_000)),
        "too_large",
    ),
    "bytes that are no letter": (ok(b"A: b", b"\x81" * 1_000_000), "body"),
}


@pytest.mark.parametrize("line", WEB)
async def test_a_hostile_page_holds_the_loop_for_a_blink(transport: Transport, line: str) -> None:
    answer, failure = WEB[line]
    neighbour = Neighbour()
    async with scripted(saying(answer)) as port:
        spec = HttpSpec(url=f"http://127.0.0.1:{port}/", expect_body="estado-ok")
        seen = await beside(neighbour, run_check(HttpProbe(transport), spec, timeout_s=20))
    assert seen.failure == ("body_mismatch" if failure == "body" else failure), seen
    assert neighbour.longest_s < BLINK_S


LISTS: dict[str, bytes] = {
    "a tag's name without end": HEAD + b"#EXT-X-KEY:" + b"A" * 24_000,
    "long lines": (HEAD + (b"#EXT-X-KEY:" + b"A=," * 20_000 + b"\n") * 40),
    "sounds of one group": HEAD + b"#EXT-X-MEDIA:TYPE=AUDIO,URI=a\n" * 40_000,
}


@pytest.mark.parametrize("line", LISTS)
async def test_a_hostile_playlist_holds_the_loop_for_a_blink(
    transport: Transport, line: str
) -> None:
    neighbour = Neighbour()
    async with scripted(saying(ok(b"Content-Type: a/b", LISTS[line]))) as port:
        spec = HlsSpec(url=f"http://127.0.0.1:{port}/a.m3u8")
        seen = await beside(neighbour, run_check(HlsProbe(transport), spec, timeout_s=20))
    assert seen.failure in ("spec_violation", "stale_playlist"), seen
    assert neighbour.longest_s < BLINK_S


def talking(*messages: bytes) -> Handler:
    """An RTMP server that greets, and then says that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readexactly(1537)
        writer.write(b"\x03" + bytes(1536) + asked[1:])
        await reader.readexactly(1536)
        for message in messages:
            writer.write(message)
            await writer.drain()

    return serve


def nulls(count: int) -> bytes:
    return encode_message(COMMAND, b"\5" * count)


STREAMS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "a command of nulls": ((nulls(300_000),), "protocol_error"),
    "many commands": (
        (encode_message(COMMAND, encode("a", *[None] * 500)) * 600,),
        "protocol_error",
    ),
    "sizes of chunks": ((encode_message(1, struct.pack("!I", 128)) * 20_000,), "app_rejected"),
}


@pytest.mark.parametrize("line", STREAMS)
async def test_a_hostile_stream_holds_the_loop_for_a_blink(transport: Transport, line: str) -> None:
    messages, failure = STREAMS[line]
    neighbour = Neighbour()
    async with scripted(talking(*messages)) as port:
        spec = RtmpSpec(host="127.0.0.1", port=port, app="a", stream="b")
        seen = await beside(neighbour, run_check(RtmpProbe(transport), spec, timeout_s=20))
    assert seen.failure == failure, seen
    assert neighbour.longest_s < BLINK_S

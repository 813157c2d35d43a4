"""HTTP/2 as no honest origin speaks it: streams that nobody asked for, floods, numbers."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import hpack
import pytest

from monitor.domain.checks.observation import Observation
from monitor.net.family import Family
from monitor.net.transport import Transport
from probes.http import HttpProbe, HttpSpec
from probes.http.http2 import Frames
from tests.probes.test_hostile import BLINK_S, SETTINGS, Neighbour, beside
from tests.probes.test_real_tls import roots
from tests.support.certificates import Authority
from tests.support.looks import run_check
from tests.support.scripted import Handler, scripted

DATA, HEADERS, RESET, PUSH, PING, GOAWAY = 0, 1, 3, 5, 6, 7
ENDS, WHOLE = 1, 4
PAGE, PUSHED = 1, 2


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
    return head + payload


def origin(*frames: bytes) -> Handler:
    """Says that, whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(24)
        writer.write(SETTINGS)
        for wire in frames:
            writer.write(wire)
            await writer.drain()
        await asyncio.Event().wait()

    return serve


async def ask(
    transport: Transport, folder: Path, *frames: bytes, **settings: Any
) -> tuple[Observation, float]:
    """What was seen, and the longest piece of work (in processor time) that it was."""
    authority, neighbour = Authority(), Neighbour()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.good().write(folder, "http2"))
    context.set_alpn_protocols(["h2"])
    async with scripted(origin(*frames), tls=context) as port:
        spec = HttpSpec(
            url=f"https://localhost:{port}/",
            ca_file=roots(authority, folder),
            family=Family.IPV4,
            **settings,
        )
        seen = await beside(neighbour, run_check(HttpProbe(transport), spec, timeout_s=20))
    return seen, neighbour.longest_s


def page(status: str, body: bytes = b"estado-ok") -> bytes:
    fields = hpack.Encoder().encode([(":status", status)])
    return frame(HEADERS, WHOLE, PAGE, fields) + frame(DATA, ENDS, PAGE, body)


def pushed(status: str) -> bytes:
    """A promise of something beside the page, and that."""
    encoder = hpack.Encoder()
    promise = encoder.encode(
        [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/a.css")]
    )
    return b"".join(
        (
            frame(PUSH, WHOLE, PAGE, PUSHED.to_bytes(4, "big") + promise),
            frame(HEADERS, WHOLE, PUSHED, encoder.encode([(":status", status)])),
            frame(DATA, ENDS, PUSHED, b"estado-ok"),
        )
    )


@pytest.mark.parametrize("statuses", [("200", "500"), ("404", "200")])
async def test_what_is_pushed_is_no_answer(
    transport: Transport, tmp_path: Path, statuses: tuple[str, str]
) -> None:
    beside_it, asked = statuses
    seen, _ = await ask(
        transport, tmp_path, pushed(beside_it) + page(asked), expect_body="estado-ok"
    )
    assert seen.failure == "protocol_error", seen
    assert "pushed" in seen.message


async def test_what_is_said_of_other_streams_is_not_said_of_the_page(
    transport: Transport, tmp_path: Path
) -> None:
    other = frame(RESET, 0, PUSHED, bytes(4))
    seen, _ = await ask(transport, tmp_path, other + page("200"), expect_body="estado-ok")
    assert seen.failure is None, seen


@pytest.mark.parametrize(
    "status", ["9" * 5000, "0", "", "99", "1000", "-20", "+200", "2e2", "\uff12\uff10\uff10"]
)
async def test_a_status_that_is_none_is_the_origins_fault(
    transport: Transport, tmp_path: Path, status: str
) -> None:
    seen, _ = await ask(transport, tmp_path, page(status))
    assert seen.failure == "protocol_error", seen


FLOODS = {
    "settings": SETTINGS * 60_000,
    "pings": frame(PING, 0, 0, bytes(8)) * 30_000,
    "unknown frames": frame(0xBE, 0, 0) * 60_000,
    "hints": frame(HEADERS, WHOLE, PAGE, hpack.Encoder().encode([(":status", "103")])) * 30_000,
    "large hints": frame(
        HEADERS,
        WHOLE,
        PAGE,
        hpack.Encoder().encode([(":status", "103")]) + b"\x10\1a\x7f\x81\x7c" + b"b" * 16_000,
    )
    * 20,
    "data without any": page("200", b"")[: -len(frame(DATA, ENDS, PAGE))]
    + frame(DATA, 0, PAGE) * 60_000,
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_of_frames_is_cut_short_and_holds_nobody_up(
    transport: Transport, tmp_path: Path, flood: str
) -> None:
    seen, longest_s = await ask(transport, tmp_path, FLOODS[flood], expect_body="estado-ok")
    assert seen.failure == "too_large", seen
    assert longest_s < BLINK_S


async def test_a_body_in_small_frames_is_no_flood(transport: Transport, tmp_path: Path) -> None:
    begun = page("200", b"")[: -len(frame(DATA, ENDS, PAGE))]
    lines = frame(
        DATA, 0, PAGE, b"a line of a page that is written line by line, as many are\n" * 2
    )
    last = frame(DATA, ENDS, PAGE, b"estado-ok")
    seen, _ = await ask(transport, tmp_path, begun + lines * 500 + last, expect_body="estado-ok")
    assert seen.failure is None, seen


def test_frames_are_cut_so_that_each_part_holds_few() -> None:
    frames = Frames()
    wire = SETTINGS * 1000 + b"\0\x40\0" + bytes(6) + bytes(16384) + SETTINGS * 10
    pieces = [wire[at : at + 1000] for at in range(0, len(wire), 1000)]
    parts = [part for piece in pieces for part in frames.cut(piece)]
    assert b"".join(parts) == wire
    assert frames.seen == 1011
    assert max(map(len, parts[:16])) <= 64 * len(SETTINGS)


async def test_a_coding_that_is_none_is_told_in_http_2_as_well(
    transport: Transport, tmp_path: Path
) -> None:
    fields = hpack.Encoder().encode([(":status", "200"), ("content-encoding", "none")])
    wire = frame(HEADERS, WHOLE, PAGE, fields) + frame(DATA, ENDS, PAGE, b"estado-ok")
    seen, _ = await ask(transport, tmp_path, wire, expect_body="estado-ok")
    assert seen.failure is None, seen
    assert seen.evidence["oddities"] == ["Content-Encoding is 'none', which is no coding"]

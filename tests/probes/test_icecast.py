"""`icecast` against a real Icecast fed by ffmpeg, and against servers of other manners."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.connection import Connection
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes.icecast.head import Head
from probes.icecast.probe import IcecastSpec
from tests.probes.bench import measure
from tests.support.icecast import BURST_BYTES, RADIO_KBPS, Icecast
from tests.support.scripted import Handler, scripted

TIMEOUT_S = 8.0
SAMPLE_S = 1.0


async def listen(url: str, timeout_s: float = TIMEOUT_S, **settings: Any) -> Observation:
    spec = replace(IcecastSpec(url=url, sample_s=SAMPLE_S), **settings)
    return (await measure("icecast", spec, timeout_s)).observation


def number(seen: Observation, name: str) -> float:
    found = seen.evidence[name]
    assert isinstance(found, int | float), seen
    return found


async def test_it_hears_a_stream_at_the_rate_it_plays(icecast: Icecast) -> None:
    seen = await listen(icecast.url("radio.mp3"), sample_s=2.0)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen
    assert number(seen, "kbps") == pytest.approx(RADIO_KBPS, rel=0.3)
    assert number(seen, "burst_bytes") >= BURST_BYTES / 2
    assert seen.evidence["content_type"] == "audio/mpeg"
    assert list(seen.phases_ms) == ["connect", "processing", "first_media", "transfer"]


async def test_it_fits_its_listening_into_a_short_deadline(icecast: Icecast) -> None:
    seen = await listen(icecast.url("radio.mp3"), timeout_s=3.0, sample_s=30.0)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen


async def test_it_hears_a_stall_behind_the_burst(icecast: Icecast) -> None:
    with icecast.frozen.stopped():
        seen = await listen(icecast.url("frozen.mp3"))
    assert (seen.failure, seen.evidence["kbps"]) == ("stalled", 0.0), seen
    assert number(seen, "burst_bytes") >= BURST_BYTES / 2
    assert number(seen, "last_byte_age_s") >= SAMPLE_S


@pytest.mark.parametrize(
    ("mount", "settings", "failure"),
    [
        ("none.mp3", {}, "mount_missing"),
        ("limited.mp3", {}, "listener_limit"),
        ("radio.mp3", {"content_type": "audio/aac"}, "wrong_codec"),
        ("radio.mp3", {"min_kbps": RADIO_KBPS * 1.5}, "bitrate_low"),
    ],
)
async def test_it_names_what_is_wrong_with_a_mount(
    icecast: Icecast, mount: str, settings: dict[str, Any], failure: str
) -> None:
    seen = await listen(icecast.url(mount), **settings)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, failure), seen


def radio(head: bytes, *, burst: int = 4096, piece: int = 800, every_s: float = 0.05) -> Handler:
    """A server with a head, a burst and then pieces for ever; 800 bytes each 50 ms: 128 kbit/s."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n" + bytes(burst))
        while piece:
            await writer.drain()
            await asyncio.sleep(every_s)
            writer.write(bytes(piece))
        await asyncio.Event().wait()

    return serve


ICY = (
    b"ICY 200 OK\r\nicy-notice1:<BR>\r\nicy-name:Radio\r\nicy-br:128\r\ncontent-type:audio/mpeg\r\n"
)


async def test_it_understands_the_old_status_line() -> None:
    async with scripted(radio(ICY)) as port:
        seen = await listen(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen
    assert (seen.evidence["icy-br"], seen.evidence["icy-name"]) == ("128", "Radio")
    assert number(seen, "kbps") == pytest.approx(128, rel=0.3)


async def test_it_holds_a_stream_to_the_rate_it_declares() -> None:
    async with scripted(radio(ICY, piece=400)) as port:
        seen = await listen(f"http://127.0.0.1:{port}/")
    assert seen.failure == "bitrate_low", seen
    assert "expected 90" in (seen.message or "")


async def test_it_measures_a_stream_that_never_pauses_after_its_burst() -> None:
    async with scripted(radio(ICY, burst=200_000)) as port:
        seen = await listen(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen
    assert number(seen, "kbps") == pytest.approx(128, rel=0.3)


class Far(Transport):
    """Whose connections take a while to stand, as from another continent."""

    async def connect(self, session: Session, *args: Any, **settings: Any) -> Connection:
        connection = await super().connect(session, *args, **settings)
        await session.sleep(0.2)
        return connection


async def test_it_takes_a_burst_that_comes_by_windows_from_afar_for_a_burst() -> None:
    async def by_windows(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ICY + b"\r\n")
        for _ in range(3):
            writer.write(bytes(16_000))
            await asyncio.sleep(0.35)
        await asyncio.Event().wait()

    async with scripted(by_windows) as port:
        spec = IcecastSpec(url=f"http://127.0.0.1:{port}/", sample_s=2.0)
        far = Far(wall=SystemClock().wall)
        seen = (await measure("icecast", spec, TIMEOUT_S, far)).observation
    assert (seen.failure, seen.evidence["burst_bytes"]) == ("stalled", 48_000), seen


async def test_it_says_stalled_where_no_sound_follows_the_answer() -> None:
    async with scripted(radio(ICY, burst=0, piece=0)) as port:
        seen = await listen(f"http://127.0.0.1:{port}/", timeout_s=0.6)
    assert seen.failure == "stalled", seen


@pytest.mark.parametrize(
    ("head", "failure"),
    [
        (b"ICY 404 Resource Not Found\r\n", "mount_missing"),
        (b"ICY 401 Service Unavailable\r\n", "mount_missing"),
        (b"HTTP/1.0 503 Server Full\r\n", "listener_limit"),
        (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n", "wrong_codec"),
        (b"HTTP/1.0 200 OK\r\n", "wrong_codec"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol_error"),
    ],
)
async def test_it_reads_the_answer_of_any_server(head: bytes, failure: str) -> None:
    async with scripted(radio(head)) as port:
        seen = await listen(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, failure), seen


async def test_it_says_so_where_the_stream_ends() -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ICY + b"\r\n" + bytes(4096))
        await writer.drain()

    async with scripted(end) as port:
        seen = await listen(f"http://127.0.0.1:{port}/")
    assert seen.failure == "conn_reset", seen


@pytest.mark.parametrize("rate", ["\u00b2", "9" * 5000])
def test_a_rate_that_is_none_declares_none(rate: str) -> None:
    assert Head(status=200, headers={"icy-br": rate}).declared_kbps is None

"""What radio servers really send, each line of it judged as a player would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from probes.icecast.audio_frames import FrameMeter
from probes.icecast.head import Head
from tests.probes.real_rows import Record, judged, look_at
from tests.support.icecast import RADIO_KBPS, Icecast
from tests.support.scripted import Handler, scripted

MOUNT = {"target": "http://127.0.0.1:{port}/", "sample_s": 1.0}
MPEG = b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n"
OGG = b"HTTP/1.0 200 OK\r\nContent-Type: application/ogg\r\n"
WEBM = b"HTTP/1.0 200 OK\r\nContent-Type: video/webm\r\n"
EVERY_S = 0.05


def mpeg_frames(count: int) -> bytes:
    """MPEG 1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes each."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * count


def adts_frames(count: int) -> bytes:
    """AAC at 44.1 kHz in frames of 372 bytes: 128 kbit/s."""
    return (bytes((0xFF, 0xF1, 0x50, 0x80, 372 >> 3, (372 & 7) << 5 | 0x1F, 0xFC)) + bytes(365)) * (
        count
    )


def mount(
    head: bytes,
    burst: bytes = b"",
    *,
    bytes_per_s: float = 16_000,
    stops_after_s: float | None = None,
    sound: bytes = mpeg_frames(500),
) -> Handler:
    """A head, a burst, and from then on bytes of frames at a rate, for so long."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n" + burst)
        at, sent = 0.0, 0
        while stops_after_s is None or at < stops_after_s:
            await writer.drain()
            await asyncio.sleep(EVERY_S)
            at += EVERY_S
            due = int(at * bytes_per_s) % len(sound)
            writer.write(sound[sent:due])
            sent = due
        await asyncio.Event().wait()

    return serve


def unframed(head: bytes, bytes_per_s: float) -> Handler:
    """Sound in frames that we cannot read."""
    return mount(head, bytes_per_s=bytes_per_s, sound=b"OggS\0" * 40_000)


def once(answer: bytes) -> Handler:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    return serve


async def test_a_real_ogg_mount_is_up_by_default(icecast: Icecast, record_property: Record) -> None:
    settings = {"target": icecast.url("radio.ogg"), "sample_s": 1.0}
    measured = await look_at("icecast", icecast.port, settings)
    seen = judged(record_property, "icecast", "S1: application/ogg", None, measured)
    assert seen.evidence["content_type"] == "application/ogg"


@pytest.mark.parametrize(
    ("line", "server", "settings", "expected"),
    [
        (
            "S1: video/webm",
            mount(WEBM),
            {},
            None,
        ),
        (
            "S1: text/html",
            mount(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n"),
            {},
            "wrong_codec",
        ),
        ("S3: icy-br:128000", mount(MPEG + b"icy-br:128000\r\n"), {}, None),
        ("S3: icy-br:128.0", mount(MPEG + b"icy-br:128.0\r\n"), {}, None),
        (
            "S3: icy-br:256.0 at 128 kbit/s",
            mount(MPEG + b"icy-br:256.0\r\n"),
            {},
            "bitrate_low",
        ),
        (
            "S3: ice-audio-info of 256 at 128 kbit/s",
            mount(MPEG + b"ice-audio-info: ice-samplerate=44100;ice-bitrate=256\r\n"),
            {},
            "bitrate_low",
        ),
        ("S3: nothing said, frames of 128", mount(MPEG, mpeg_frames(30)), {}, None),
        (
            "S4: 3 kbit/s of MPEG, nothing said",
            mount(MPEG, mpeg_frames(30), bytes_per_s=375),
            {},
            "bitrate_low",
        ),
        (
            "S4: 3 kbit/s of MPEG, no burst",
            mount(MPEG, bytes_per_s=375),
            {},
            "bitrate_low",
        ),
        (
            "S5: silent after a part of the sample",
            mount(MPEG + b"icy-br:128\r\n", mpeg_frames(4), stops_after_s=1.2),
            {"sample_s": 2.0, "max_silence_s": 0.5},
            "stalled",
        ),
        (
            "S6: m3u in place of the mount",
            once(
                b"HTTP/1.0 200 OK\r\nContent-Type: audio/x-mpegurl\r\n\r\nhttp://a.example/radio\r\n"
            ),
            {},
            "playlist_instead",
        ),
        (
            "S6: pls in place of the mount",
            once(b"HTTP/1.0 200 OK\r\nContent-Type: audio/x-scpls\r\n\r\n[playlist]\r\n"),
            {},
            "playlist_instead",
        ),
        (
            "S6: m3u that calls itself sound",
            once(MPEG + b"\r\n#EXTM3U\r\nhttp://a.example/radio\r\n"),
            {},
            "playlist_instead",
        ),
        (
            "S6: 401",
            once(b"HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n"),
            {},
            "auth_required",
        ),
        ("S6: ICY 401", once(b"ICY 401 Service Unavailable\r\n\r\n"), {}, "mount_missing"),
        ("S4: 2 bytes a second of Ogg", unframed(OGG, 2.0), {}, "bitrate_low"),
        ("S4: 2 bytes a second of WebM", unframed(WEBM, 2.0), {}, "bitrate_low"),
        ("S4: 6 kbit/s of Opus", unframed(OGG, 750), {}, None),
        ("S4: asked for next to nothing", unframed(OGG, 80), {"min_kbps": 0.1}, None),
        ("lines that end in LF alone", mount(MPEG.replace(b"\r\n", b"\n")), {}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_it_judges_a_mount_as_a_player_does(
    line: str,
    server: Handler,
    settings: dict[str, Any],
    expected: str | None,
    record_property: Record,
) -> None:
    async with scripted(server) as port:
        measured = await look_at("icecast", port, {**MOUNT, **settings})
    judged(record_property, "icecast", line, expected, measured)


async def test_it_follows_a_redirect_to_the_mount(
    icecast: Icecast, record_property: Record
) -> None:
    target = icecast.url("radio.mp3")
    there = b"HTTP/1.0 302 Found\r\nLocation: " + target.encode() + b"\r\n\r\n"
    async with scripted(once(there)) as port:
        measured = await look_at("icecast", port, MOUNT)
    seen = judged(record_property, "icecast", "S2: mount behind a 302", None, measured)
    assert seen.evidence["redirects"] == [target]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
async def test_it_follows_a_location_in_bytes_that_are_no_ascii(
    encoding: str, record_property: Record
) -> None:
    """As every player does, and as `http` does: escaped as they came."""
    location = "/música.mp3".encode(encoding)
    escaped = b"/" + quote_from_bytes(location[1:]).encode()
    there = b"HTTP/1.0 302 Found\r\nLocation: " + location + b"\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n")).split()[1]
        if asked == escaped:
            await mount(MPEG)(reader, writer)
        else:
            writer.write(there if asked == b"/" else b"HTTP/1.0 404 Not Found\r\n\r\n")

    async with scripted(serve) as port:
        measured = await look_at("icecast", port, MOUNT)
    judged(record_property, "icecast", f"S2: Location in raw {encoding}", None, measured)


async def test_a_stations_name_is_shown_as_it_is_written(record_property: Record) -> None:
    named = MPEG + "icy-name: Música de ñandú\r\n".encode()
    async with scripted(mount(named)) as port:
        measured = await look_at("icecast", port, MOUNT)
    seen = judged(record_property, "icecast", "icy-name in UTF-8", None, measured)
    assert seen.evidence["icy-name"] == "Música de ñandú"


async def test_redirects_that_never_end_are_told_as_such(record_property: Record) -> None:
    again = once(b"HTTP/1.0 302 Found\r\nLocation: /again\r\n\r\n")
    async with scripted(again) as port:
        measured = await look_at("icecast", port, MOUNT)
    judged(record_property, "icecast", "S2: 302 for ever", "redirect_loop", measured)


@pytest.mark.parametrize(
    ("headers", "kbps"),
    [
        ({"icy-br": "128"}, 128),
        ({"icy-br": "128000"}, 128),
        ({"icy-br": "128.0"}, 128),
        ({"icy-br": "96,128"}, 96),
        ({"icy-br": "1411"}, 1411),
        ({"icy-br": "Quality 4"}, None),
        ({"icy-br": "0"}, None),
        ({"icy-br": "0", "ice-bitrate": "64"}, 64),
        ({"ice-audio-info": "ice-samplerate=44100;ice-bitrate=192;ice-channels=2"}, 192),
        ({"ice-audio-info": "channels=2;samplerate=44100;bitrate=64"}, 64),
        ({}, None),
    ],
)
def test_it_reads_a_declared_rate(headers: dict[str, str], kbps: float | None) -> None:
    assert Head(status=200, headers=headers).declared_kbps == kbps


@pytest.mark.parametrize(("frames", "kbps"), [(mpeg_frames, 128), (adts_frames, 128)])
@pytest.mark.parametrize("piece", [1, 7, 400, 100_000])
def test_it_reads_the_rate_of_frames_however_they_come(
    frames: Callable[[int], bytes], kbps: float, piece: int
) -> None:
    meter, sound = FrameMeter(), b"\xff\xff half a frame" + frames(20)
    for at in range(0, len(sound), piece):
        meter.feed(sound[at : at + piece])
    assert meter.kbps == pytest.approx(kbps, rel=0.01)


@pytest.mark.parametrize("noise", [bytes(50_000), b"\xff" * 50_000, b"OggS\0" * 10_000, b""])
def test_it_reads_no_rate_where_there_are_no_frames(noise: bytes) -> None:
    meter = FrameMeter()
    meter.feed(noise)
    assert meter.kbps is None


async def test_it_sees_the_frames_rate_of_a_real_mount(icecast: Icecast) -> None:
    settings = {"target": icecast.url("radio.mp3"), "sample_s": 1.0}
    seen = (await look_at("icecast", icecast.port, settings)).observation
    assert seen.evidence["frames_kbps"] == pytest.approx(RADIO_KBPS, rel=0.05)

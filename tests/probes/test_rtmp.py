"""`rtmp` against nginx's RTMP module fed by ffmpeg, and against servers that say and do not do."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.errors import ProbeFailure
from probes.registry import PROBES
from probes.rtmp.amf import Amf, decode, encode
from probes.rtmp.chunks import AUDIO, COMMAND, SET_CHUNK_SIZE, encode_message
from probes.rtmp.probe import RtmpSpec
from tests.probes.bench import measure
from tests.support.hls_rtmp import Streaming
from tests.support.scripted import Handler, scripted

TIMEOUT_S = 5.0
SHORT_S = 0.6


async def watch(
    port: int, app: str = "live", stream: str = "radio", timeout_s: float = TIMEOUT_S
) -> Observation:
    spec = RtmpSpec(host="127.0.0.1", port=port, app=app, stream=stream)
    return (await measure("rtmp", spec, timeout_s)).observation


async def test_it_finds_a_stream_up_by_its_media(streaming: Streaming) -> None:
    seen = await watch(streaming.rtmp)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen
    assert seen.evidence["media"] == "audio"
    assert seen.evidence["server"] == "NetConnection.Connect.Success"
    assert list(seen.phases_ms) == ["connect", "greeting", "processing", "first_media", "transfer"]


@pytest.mark.parametrize(
    ("app", "stream", "failure"),
    [
        ("live", "nobody", "stream_not_found"),
        ("nowhere", "radio", "app_rejected"),
        ("waiting", "radio", "no_media"),
    ],
)
async def test_it_names_what_a_real_server_refuses(
    streaming: Streaming, app: str, stream: str, failure: str
) -> None:
    seen = await watch(streaming.rtmp, app, stream, timeout_s=1.5)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, failure), seen


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """S0, S1 and S2, and C2 heard."""
    asked = await reader.readexactly(1537)
    writer.write(b"\x03" + bytes(1536) + asked[1:])
    await reader.readexactly(1536)


def server(
    *answers: bytes, media: Sequence[bytes] = (), ends: bool = False, then: bytes = b""
) -> Handler:
    """A server that answers connect, createStream and play in turn, then sends `media`, and `then`
    for ever, twenty times a second."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _greet(reader, writer)
        for answer in answers:
            assert await reader.read(65536)
            writer.write(answer)
        for piece in media:
            writer.write(piece)
        await writer.drain()
        while then:
            await asyncio.sleep(0.05)
            writer.write(then)
        if not ends:
            await asyncio.Event().wait()

    return serve


def command(*values: Amf, stream: int = 0) -> bytes:
    return encode_message(COMMAND, encode(*values), stream=stream)


def status(code: str, level: str = "status") -> bytes:
    return command("onStatus", 0.0, None, {"level": level, "code": code}, stream=1)


CONNECTED = command("_result", 1.0, None, {"code": "NetConnection.Connect.Success"})
CREATED = command("_result", 2.0, None, 1.0)
STARTED = status("NetStream.Play.Start")
SOUND = encode_message(AUDIO, b"\xaf\x01" + bytes(300), stream=1)
# 300 bytes announced, 128 of them sent, then the same message once more with 4.
SHRINKING = (
    b"\x03\0\0\0\0\x01\x2c\x14\0\0\0\0" + bytes(128) + b"\x43\0\0\0\0\0\x04\x14" + bytes(400)
)
BIG_CHUNKS = encode_message(SET_CHUNK_SIZE, struct.pack("!I", 4096))


@pytest.mark.parametrize(
    ("answers", "media", "failure"),
    [
        ((CONNECTED, CREATED, STARTED), (), "no_media"),
        ((CONNECTED, CREATED, STARTED), (encode_message(AUDIO, b"", stream=1),), "no_media"),
        ((CONNECTED, CREATED, STARTED), (STARTED,) * 600, "no_media"),
        ((CONNECTED, CREATED, status("NetStream.Play.StreamNotFound")), (), "stream_not_found"),
        ((CONNECTED, CREATED, status("NetStream.Play.Failed", "error")), (), "no_media"),
        (
            (command("_error", 1.0, None, {"code": "NetConnection.Connect.Rejected"}),),
            (),
            "app_rejected",
        ),
        ((CONNECTED, command("_error", 2.0, None, None)), (), "app_rejected"),
        ((CONNECTED, command("_result", 2.0, None)), (), "protocol_error"),
        ((CONNECTED, command("_result", 2.0, None, float("nan"))), (), "protocol_error"),
        ((CONNECTED, command("_result", 2.0, None, float("inf"))), (), "protocol_error"),
        ((CONNECTED, command("_result", 2.0, None, 1e300)), (), "protocol_error"),
        ((CONNECTED, command("_result", 2.0, None, -1.0)), (), "protocol_error"),
        ((CONNECTED, command("_result", 2.0, None, 2.0**32)), (), "protocol_error"),
        ((BIG_CHUNKS + encode_message(COMMAND, b"\x02\xff"),), (), "protocol_error"),
        ((encode_message(SET_CHUNK_SIZE, bytes(4)),), (), "protocol_error"),
        ((b"\xc5" + bytes(64),), (), "protocol_error"),
        ((b"\x03\0\0\0\xff\xff\xff\x14\0\0\0\0",), (), "too_large"),
        ((SHRINKING,), (), "protocol_error"),
    ],
    ids=[
        "starts and is silent",
        "empty packets",
        "talks for ever",
        "not found",
        "fails",
        "rejects",
        "no stream",
        "no number",
        "not a number",
        "infinity",
        "beyond all streams",
        "less than none",
        "one stream too far",
        "broken command",
        "no chunk size",
        "continues nothing",
        "huge message",
        "shrinks",
    ],
)
async def test_it_believes_media_alone(
    answers: tuple[bytes, ...], media: tuple[bytes, ...], failure: str
) -> None:
    async with scripted(server(*answers, media=media)) as port:
        seen = await watch(port, timeout_s=SHORT_S)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, failure), seen


async def test_it_finds_a_stream_up_that_goes_on() -> None:
    async with scripted(server(CONNECTED, CREATED, STARTED, then=SOUND)) as port:
        seen = await watch(port, timeout_s=SHORT_S)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen


async def test_it_takes_a_server_that_hangs_up_on_the_application_for_a_refusal() -> None:
    async with scripted(server(b"", ends=True)) as port:
        seen = await watch(port, timeout_s=SHORT_S)
    assert seen.failure == "app_rejected", seen


async def test_it_says_that_another_protocol_answers() -> None:
    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await asyncio.Event().wait()

    async with scripted(other) as port:
        seen = await watch(port, timeout_s=SHORT_S)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "handshake"), seen


def test_it_reads_back_what_it_writes() -> None:
    values: list[Amf] = ["play", 0.0, None, True, {"a": {"b": "ñ"}, "c": False}]
    assert decode(encode(*values)) == values


@pytest.mark.parametrize(
    "payload",
    [
        b"\x00\x01",
        b"\x02\x00\x05ab",
        b"\x02\x00\x01\xff",
        b"\x03\x00\x01a",
        b"\x03\x00\x00",
        b"\x0d",
        b"\x0a\xff\xff\xff\xff\x05",
        b"\x03\x00\x01a" * 50,
        b"\x0a\x00\x00\x00\x01" * 50,
    ],
)
def test_it_refuses_a_broken_command(payload: bytes) -> None:
    with pytest.raises(ProbeFailure, match="AMF0") as caught:
        decode(payload)
    assert caught.value.failure == "protocol_error"


@pytest.mark.parametrize(
    ("target", "spec"),
    [
        ("rtmp://live.example/radio/aire", ("live.example", 1935, "radio", "aire")),
        ("rtmp://live.example:1936/a/b/c?key=1", ("live.example", 1936, "a", "b/c?key=1")),
        ("rtmps://live.example/radio/aire", ("live.example", 443, "radio", "aire")),
    ],
)
def test_it_reads_a_target(target: str, spec: tuple[str, int, str, str]) -> None:
    found = PROBES["rtmp"].from_target(target)
    assert (found["host"], found["port"], found["app"], found["stream"]) == spec


@pytest.mark.parametrize("target", ["http://a/b/c", "rtmp://a/b", "rtmp:///a/b", "a"])
def test_it_refuses_another_target(target: str) -> None:
    with pytest.raises(ValueError, match="want rtmp://"):
        PROBES["rtmp"].from_target(target)

"""What RTMP servers really send, each line of it judged as a player would."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from probes.rtmp.chunks import AGGREGATE, AUDIO, DATA, VIDEO, Message, encode_message
from probes.rtmp.flv_tags import media_kind
from tests.probes.real_rows import Record, judged, look_at
from tests.probes.test_rtmp import CONNECTED, CREATED, SOUND, STARTED, server
from tests.support.certificates import Authority
from tests.support.hls_rtmp import Streaming
from tests.support.scripted import scripted

STREAM = {"target": "rtmp://127.0.0.1:{port}/live/radio", "watch_s": 0.3}
SHORT_S = 1.0
AAC_HEADER = b"\xaf\x00\x12\x10"
AVC_HEADER = b"\x17\x00\x00\x00\x00\x01\x64\x00\x1f"
PICTURE = encode_message(VIDEO, b"\x27\x01\x00\x00\x00" + bytes(500), stream=1)


def sound(payload: bytes) -> bytes:
    return encode_message(AUDIO, payload, stream=1)


def picture(payload: bytes) -> bytes:
    return encode_message(VIDEO, payload, stream=1)


@pytest.mark.parametrize(
    ("line", "media", "then", "expected"),
    [
        ("AAC header and nothing", (sound(AAC_HEADER),), b"", "no_media"),
        ("AVC header and nothing", (picture(AVC_HEADER),), b"", "no_media"),
        ("headers again and again", (), sound(AAC_HEADER), "no_media"),
        ("enhanced header and nothing", (picture(b"\x90hvc1" + bytes(30)),), b"", "no_media"),
        ("cached GOP, publisher gone", (picture(AVC_HEADER), *(PICTURE,) * 50), b"", "no_media"),
        ("cached GOP, then live", (picture(AVC_HEADER), *(PICTURE,) * 50), PICTURE, None),
        ("700 messages in store, then live", (PICTURE, SOUND) * 350, SOUND, None),
        ("sound goes on", (sound(AAC_HEADER),), SOUND, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_it_believes_media_that_goes_on(
    line: str,
    media: Sequence[bytes],
    then: bytes,
    expected: str | None,
    record_property: Record,
) -> None:
    async with scripted(server(CONNECTED, CREATED, STARTED, media=media, then=then)) as port:
        measured = await look_at("rtmp", port, STREAM, timeout_s=SHORT_S)
    judged(record_property, "rtmp", f"S13: {line}", expected, measured)


async def test_a_real_server_whose_publisher_hangs_has_no_media(
    streaming: Streaming, record_property: Record
) -> None:
    settings = {"target": f"rtmp://127.0.0.1:{streaming.rtmp}/live/radio"}
    with streaming.publisher.stopped():
        measured = await look_at("rtmp", streaming.rtmp, settings, timeout_s=2.0)
    judged(record_property, "rtmp", "S13: nginx, publisher frozen", "no_media", measured)


@pytest.mark.parametrize(
    ("kind", "payload", "found"),
    [
        (AUDIO, b"", None),
        (AUDIO, AAC_HEADER, None),
        (AUDIO, b"\xaf\x01\x21", "audio"),
        (AUDIO, b"\x2f\xff\xfb", "audio"),
        (AUDIO, b"\x90Opus\x01", None),
        (AUDIO, b"\x91Opus\x01", "audio"),
        (VIDEO, AVC_HEADER, None),
        (VIDEO, b"\x17\x02\x00\x00\x00", None),
        (VIDEO, b"\x1c\x00\x00\x00\x00", None),
        (VIDEO, b"\x27\x01\x00\x00\x00", "video"),
        (VIDEO, b"\x57\x00", None),
        (VIDEO, b"\x22\x00", "video"),
        (VIDEO, b"\x90hvc1", None),
        (VIDEO, b"\x93hvc1", "video"),
        (DATA, b"\x02\x00\x0aonMetaData", None),
    ],
)
def test_it_tells_media_from_what_configures_it(
    kind: int, payload: bytes, found: str | None
) -> None:
    assert media_kind(Message(type=kind, stream=1, payload=payload)) == found


def _tag(kind: int, payload: bytes) -> bytes:
    head = struct.pack("!B", kind) + len(payload).to_bytes(3, "big") + bytes(7)
    return head + payload + struct.pack("!I", len(payload) + 11)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (_tag(AUDIO, AAC_HEADER) + _tag(VIDEO, AVC_HEADER), None),
        (_tag(AUDIO, AAC_HEADER) + _tag(AUDIO, b"\xaf\x01\x21"), "audio"),
        (_tag(VIDEO, b"\x27\x01\x00")[:13], "video"),
        (b"\x09\xff\xff\xff", None),
    ],
)
def test_it_looks_into_an_aggregate(tags: bytes, found: str | None) -> None:
    assert media_kind(Message(type=AGGREGATE, stream=1, payload=tags)) == found


@pytest.mark.parametrize(
    ("line", "is_good", "expected"),
    [("rtmps://", True, None), ("rtmps://, certificate expired", False, "cert_expired")],
)
async def test_it_plays_over_tls(
    line: str, is_good: bool, expected: str | None, tmp_path: Path, record_property: Record
) -> None:
    authority = Authority()
    issued = authority.good() if is_good else authority.expired()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*issued.write(tmp_path, "leaf"))
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem())
    settings = {
        "target": "rtmps://127.0.0.1:{port}/live/radio",
        "watch_s": 0.3,
        "ca_file": str(tmp_path / "ca.pem"),
    }
    async with scripted(server(CONNECTED, CREATED, STARTED, then=SOUND), tls) as port:
        measured = await look_at("rtmp", port, settings)
    seen = judged(record_property, "rtmp", f"S14: {line}", expected, measured)
    if is_good:
        assert list(seen.phases_ms)[:3] == ["connect", "tls", "greeting"]
        assert "tls" in seen.evidence

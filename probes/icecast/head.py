"""What a stream's server answers before the sound: its status line, its headers, its rate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.net.connection import Connection
from monitor.net.errors import PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from monitor.net.session import Session

_HEAD_LIMIT = 16_384
_RATE = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_BITS_ABOVE = 2000.0
"""No stream plays at more kbit/s, and none at fewer bit/s: a larger number is in bits."""
_SHOWN = ("icy-name", "icy-br", "ice-audio-info", "server")
_PLAYLISTS = (
    *("audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl", "application/mpegurl"),
    *("application/vnd.apple.mpegurl", "audio/x-scpls", "audio/scpls", "application/pls"),
    *("application/x-scpls", "application/xspf+xml", "audio/x-ms-wax", "video/x-ms-wvx"),
)
_PLAYLIST_STARTS = (b"#extm3u", b"[playlist]", b"<asx", b"http://", b"https://")


@dataclass(frozen=True, slots=True)
class Head:
    """A stream's answer. `is_icy`: the status line is `ICY 200 OK`, not one of HTTP."""

    status: int
    headers: Mapping[str, str]
    is_icy: bool = False
    location: bytes = b""
    """The redirect's address, in bytes as it came."""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def declared_kbps(self) -> float | None:
        """The rate by `icy-br`, or by headers of other servers; some list several rates."""
        declared = (self.headers.get("icy-br"), self.headers.get("ice-bitrate"), self._audio_info())
        return next((rate for text in declared if (rate := _kbps(text or "")) is not None), None)

    @property
    def names_a_playlist(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() in _PLAYLISTS

    def _audio_info(self) -> str | None:
        """`ice-samplerate=44100;ice-bitrate=128;ice-channels=2`, also without the `ice-`."""
        pairs = (pair.partition("=") for pair in self.headers.get("ice-audio-info", "").split(";"))
        return next((rate for name, _, rate in pairs if name.strip().endswith("bitrate")), None)


async def read_head(session: Session, connection: Connection) -> Head:
    """Raises ProbeFailure. Lines may end in a line feed alone: players accept both."""
    lines: list[bytes] = []
    size = 0
    while raw := await connection.read_line(_HEAD_LIMIT):
        size += len(raw)
        if size > _HEAD_LIMIT:
            raise ProbeFailure(TOO_LARGE, f"no end within {_HEAD_LIMIT} bytes")
        lines.append(raw)
    status_line = lines[0].decode("latin-1") if lines else ""
    protocol, _, rest = status_line.partition(" ")
    code = rest[:3]
    if not protocol.startswith(("ICY", "HTTP/1.")) or not (code.isascii() and code.isdigit()):
        raise ProbeFailure(PROTOCOL_ERROR, f"no stream's answer: {status_line[:80]!a}")
    pairs = (line.partition(b":") for line in lines[1:] if b":" in line)
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    head = Head(
        status=int(code),
        headers={name.decode("latin-1"): _text(value) for name, value in fields.items()},
        is_icy=protocol.startswith("ICY"),
        location=fields.get(b"location", b""),
    )
    _note(session, head)
    return head


def begins_a_playlist(piece: bytes) -> bool:
    """Whether what should be sound is a list of addresses."""
    return piece[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PLAYLIST_STARTS)


def _text(value: bytes) -> str:
    """UTF-8 where it is, as newer servers send names, else ISO-8859-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _note(session: Session, head: Head) -> None:
    session.evidence |= {"status": head.status, "content_type": head.content_type[:80]}
    for header in _SHOWN:
        if header in head.headers:
            session.evidence[header] = head.headers[header][:80]


def _kbps(text: str) -> float | None:
    found = _RATE.fullmatch(text.split(",")[0].strip())
    if found is None or float(found[0]) <= 0:
        return None
    rate = float(found[0])
    return rate / 1000 if rate > _BITS_ABOVE else rate

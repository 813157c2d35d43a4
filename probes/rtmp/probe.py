"""`rtmp`: a live stream plays: handshake, connect, play, and media that really goes on.

`NetStream.Play.Start` proves nothing: some servers send it for streams that do not exist. A codec's
header proves nothing either, nor do the last pictures of a publisher that has gone: a server stores
both for every new client, and sends them at once. Only packets that still come a while after the
first one prove that the stream plays.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from monitor.domain.checks.observation import FailureId, Observation
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind
from monitor.net.connection import Connection
from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, READ_TIMEOUT, TOTAL_TIMEOUT, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._kind import ProbeKind, TlsSettings
from probes._observe import check_expiry, observe
from probes.rtmp.amf import Amf, decode, encode
from probes.rtmp.chunks import COMMAND, ChunkReader, Message, encode_message
from probes.rtmp.failures import APP_REJECTED, FAILURES, HANDSHAKE, NO_MEDIA, NOT_FOUND
from probes.rtmp.flv_tags import media_kind

_HANDSHAKE = 1536
_VERSION = 3
_MAX_MESSAGES = 500
"""How many messages without media may come before there is no stream."""
_MAX_BYTES = 32 << 20
_STREAMS = 1 << 32
_SHARE = 0.5
"""The share of the time left for which the stream may be watched."""
_SCHEMES = {"rtmp": 1935, "rtmps": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class RtmpSpec(TlsSettings):
    """A stream to watch until its media goes on."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    host: str = required("name or address")
    port: int = setting("its port", 1935)
    app: str = required("the application")
    stream: str = required("the stream's name")
    implicit_tls: bool = setting("TLS from the first byte (rtmps)", False)
    watch_s: float = setting("how long after the first packet media must still come", 1.0)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port must be 1 to 65535, got {self.port}")
        if self.watch_s <= 0:
            raise ValueError(f"watch_s must be above 0, got {self.watch_s:g}")

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.STREAM


@dataclass(frozen=True, slots=True)
class RtmpProbe:
    """A client that leaves once it has seen that the stream goes on."""

    transport: Transport

    def start(self, spec: RtmpSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: RtmpSpec) -> None:
        connection = await self.transport.connect(
            session, spec.host, spec.port, family=spec.family, max_bytes=_MAX_BYTES
        )
        try:
            if spec.implicit_tls:
                await self.transport.start_tls(connection, spec.tls_options())
            session.enter("greeting")
            await _shake_hands(session, connection)
            session.enter("processing")
            commands = _Commands(session, connection)
            await commands.connect(spec)
            stream = await commands.create_stream()
            await commands.play(spec, stream)
            session.enter("first_media")
            await commands.first_media()
            session.enter("transfer")
            await commands.going_on(min(spec.watch_s, session.left_s * _SHARE))
            check_expiry(self.transport, spec, session)
        finally:
            connection.close()


async def _shake_hands(session: Session, connection: Connection) -> None:
    ours = bytes(8) + secrets.token_bytes(_HANDSHAKE - 8)
    await connection.send(bytes((_VERSION,)) + ours, shown="C0 C1")
    version = (await connection.read_exact(1))[0]
    if version != _VERSION:
        raise ProbeFailure(HANDSHAKE, f"the server speaks version {version}, not {_VERSION}")
    theirs = await connection.read_exact(_HANDSHAKE)
    await connection.send(theirs, shown="C2")
    await connection.read_exact(_HANDSHAKE)
    session.show_received("S0 S1 S2")


class _Commands:
    """Commands and their answers, after the handshake."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self._session = session
        self._connection = connection
        self._chunks = ChunkReader(connection)
        self._idle = 0

    async def connect(self, spec: RtmpSpec) -> None:
        shown = f"[{spec.host}]" if ":" in spec.host else spec.host
        scheme = "rtmps" if spec.implicit_tls else "rtmp"
        await self._command(
            "connect",
            1.0,
            {"app": spec.app, "tcUrl": f"{scheme}://{shown}:{spec.port}/{spec.app}"},
        )
        try:
            answer = await self._answer(1.0, APP_REJECTED)
        except ProbeFailure as fault:
            if fault.failure != CONN_RESET:
                raise
            # Some servers refuse an application by hanging up.
            message = "the server hung up when it heard the application's name"
            raise ProbeFailure(APP_REJECTED, message) from fault
        self._session.evidence["server"] = str(_field(answer, "code"))[:80]

    async def create_stream(self) -> float:
        await self._command("createStream", 2.0, None)
        answer = await self._answer(2.0, APP_REJECTED)
        number = answer[3] if len(answer) > 3 else None
        # The number must fit into a message's header; infinity and NaN are floats too.
        if not isinstance(number, float) or not 0 <= number < _STREAMS:
            raise ProbeFailure(PROTOCOL_ERROR, f"createStream gave no stream: {str(number)[:40]}")
        return number

    async def play(self, spec: RtmpSpec, stream: float) -> None:
        await self._command("play", 0.0, None, spec.stream, stream=int(stream))

    async def first_media(self) -> None:
        """Wait for sound or picture. `Play.Start` is noted but not trusted."""
        self._session.evidence["media"] = await self._media("no packet of media in time")

    async def going_on(self, seconds: float) -> None:
        """Wait for a packet so long after the first: what a server has stored comes first."""
        first_at = self._session.now()
        while self._session.now() - first_at < seconds:
            await self._media(f"no media after the first {self._session.now() - first_at:.1f} s")

    async def _media(self, missing: str) -> str:
        """The next packet's kind."""
        try:
            while self._idle < _MAX_MESSAGES:
                message = await self._chunks.message()
                kind = media_kind(message)
                if kind is not None:
                    self._idle = 0
                    return kind
                self._idle += 1
                self._note_status(message)
        except ProbeFailure as fault:
            if fault.failure in (READ_TIMEOUT, TOTAL_TIMEOUT):
                raise ProbeFailure(NO_MEDIA, missing) from fault
            raise
        raise ProbeFailure(NO_MEDIA, f"no media among {_MAX_MESSAGES} messages")

    def _note_status(self, message: Message) -> None:
        if message.type != COMMAND:
            return
        values = decode(message.payload)
        code = str(_field(values, "code"))
        self._session.show_received(f"{values[:1]} {code}")
        if "StreamNotFound" in code:
            raise ProbeFailure(NOT_FOUND, code)
        if _field(values, "level") == "error":
            raise ProbeFailure(NO_MEDIA, code)

    async def _command(self, name: str, number: float, *rest: Amf, stream: int = 0) -> None:
        payload = encode(name, number, *rest)
        chunk_stream = 8 if stream else 3
        await self._connection.send(
            encode_message(COMMAND, payload, stream=stream, chunk_stream=chunk_stream),
            shown=f"{name} {rest}",
        )

    async def _answer(self, number: float, refused: FailureId) -> list[Amf]:
        for _ in range(_MAX_MESSAGES):
            message = await self._chunks.message()
            if message.type != COMMAND:
                continue
            values = decode(message.payload)
            self._session.show_received(f"{values[:2]} {_field(values, 'code')}")
            if values[1:2] != [number]:
                continue
            if values[0] == "_result":
                return values
            raise ProbeFailure(refused, f"{values[0]}: {_field(values, 'code')}")
        raise ProbeFailure(PROTOCOL_ERROR, f"no answer among {_MAX_MESSAGES} messages")


def _field(values: list[Amf], name: str) -> Amf:
    """A field of the command's information object: the last value that is such an object."""
    objects = [v for v in values if isinstance(v, Mapping) and name in v]
    return objects[-1][name] if objects else None


def _from_target(target: str) -> Mapping[str, Any]:
    parts = urlsplit(target)
    app, _, stream = parts.path.lstrip("/").partition("/")
    if parts.scheme not in _SCHEMES or not parts.hostname or not app or not stream:
        raise ValueError(f"want rtmp://host[:port]/app/stream or rtmps://..., got {target!r}")
    if parts.port == 0:
        raise ValueError(f"nothing listens on port 0: {target!r}")
    if parts.query:
        # Servers take keys and tokens as part of the stream's name.
        stream = f"{stream}?{parts.query}"
    return {
        "host": parts.hostname,
        "port": parts.port or _SCHEMES[parts.scheme],
        "app": app,
        "stream": stream,
        "implicit_tls": parts.scheme == "rtmps",
    }


KIND = ProbeKind(
    name="rtmp",
    spec=RtmpSpec,
    from_target=_from_target,
    build=RtmpProbe,
    failures=tuple(FAILURES.values()),
    phases=("resolve", "connect", "tls", "greeting", "processing", "first_media", "transfer"),
    summary="a live stream plays: handshake, connect, play, and media that really goes on",
    example="estado probe rtmp rtmp://live.example/radio/aire",
)

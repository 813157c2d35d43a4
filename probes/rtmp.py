"""`rtmp`: a live stream plays: handshake, connect, play, and media that really comes.

`NetStream.Play.Start` proves nothing: some servers send it for streams that do not exist. Only a
packet of sound or picture does.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from monitor.domain.observation import FailureId, Observation
from monitor.net.connection import Connection
from monitor.net.faults import CONN_RESET, PROTOCOL_ERROR, READ_TIMEOUT, TOTAL_TIMEOUT, Fault
from monitor.net.run import Run
from monitor.net.transport import Transport
from monitor.ports.probe import Context
from probes._amf import Amf, decode, encode
from probes._failures import SHARED, failure, words
from probes._kind import EXTRA_FORBIDDEN, NetSettings, ProbeKind, by_id, required, setting
from probes._observe import observe
from probes._rtmp_chunks import (
    AGGREGATE,
    AUDIO,
    COMMAND,
    VIDEO,
    ChunkReader,
    Message,
    encode_message,
)

_HANDSHAKE = 1536
_VERSION = 3
_MAX_MESSAGES = 500
_SILENT = (
    words("sin sonido", "silent"),
    words(
        "Sus oyentes escuchan silencio o no logran conectarse.",
        "Listeners hear silence or cannot connect.",
    ),
)
_OWN = (
    failure(
        "handshake",
        _SILENT,
        summary=words("La negociación RTMP falló.", "The RTMP handshake failed."),
        cause=words(
            "Otra cosa escucha en ese puerto, o el servidor está roto.",
            "Something else listens on that port, or the server is broken.",
        ),
        remedy=words(
            "Revise qué escucha ahí; reinicie el servidor de streaming.",
            "See what listens there; restart the streaming server.",
        ),
    ),
    failure(
        "app_rejected",
        _SILENT,
        summary=words("El servidor rechazó la aplicación.", "The server refused the application."),
        cause=words(
            "La aplicación no está configurada, o su acceso está limitado.",
            "The application is not configured, or access to it is limited.",
        ),
        remedy=words(
            "Compare el nombre de la aplicación con la configuración del servidor.",
            "Compare the application's name with the server's configuration.",
        ),
    ),
    failure(
        "stream_not_found",
        _SILENT,
        summary=words("El servidor no conoce esa transmisión.", "The server knows no such stream."),
        cause=words(
            "Nadie la publica, o se publica con otro nombre.",
            "Nobody publishes it, or under another name.",
        ),
        remedy=words(
            "Revise si el codificador está en marcha y con qué nombre publica.",
            "See whether the encoder runs and which name it publishes.",
        ),
    ),
    failure(
        "no_media",
        _SILENT,
        summary=words(
            "La transmisión se abrió, pero no llegó sonido ni imagen.",
            "The stream was opened but no sound or picture came.",
        ),
        cause=words(
            "El codificador se detuvo, o no publica nada.",
            "The encoder stopped, or publishes nothing.",
        ),
        remedy=words(
            "Revise el codificador y su conexión.", "Look at the encoder and at its line."
        ),
    ),
)
_FAILURES = by_id((*SHARED, *_OWN))
HANDSHAKE, APP_REJECTED, NOT_FOUND, NO_MEDIA = (FailureId(f.id) for f in _OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RtmpSpec(NetSettings):
    """A stream to watch until its first packet of media."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    host: str = required("name or address")
    port: int = setting("its port", 1935)
    app: str = required("the application")
    stream: str = required("the stream's name")


@dataclass(frozen=True, slots=True)
class RtmpProbe:
    """A client that leaves at the first packet."""

    transport: Transport

    def start(self, spec: RtmpSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        return observe(run, _FAILURES, self._look(run, spec))

    async def _look(self, run: Run, spec: RtmpSpec) -> None:
        connection = await self.transport.connect(
            run, spec.host, spec.port, family=spec.family, max_bytes=8 << 20
        )
        try:
            run.enter("greeting")
            await _shake_hands(run, connection)
            run.enter("processing")
            session = _Session(run, connection)
            await session.connect(spec)
            stream = await session.create_stream()
            await session.play(spec, stream)
            run.enter("first_media")
            await session.first_media()
        finally:
            connection.close()


async def _shake_hands(run: Run, connection: Connection) -> None:
    ours = bytes(8) + secrets.token_bytes(_HANDSHAKE - 8)
    await connection.send(bytes((_VERSION,)) + ours, shown="C0 C1")
    version = (await connection.read_exact(1))[0]
    if version != _VERSION:
        raise Fault(HANDSHAKE, f"the server speaks version {version}, not {_VERSION}")
    theirs = await connection.read_exact(_HANDSHAKE)
    await connection.send(theirs, shown="C2")
    await connection.read_exact(_HANDSHAKE)
    run.show_received("S0 S1 S2")


class _Session:
    """Commands and their answers, after the handshake."""

    def __init__(self, run: Run, connection: Connection) -> None:
        self._run = run
        self._connection = connection
        self._chunks = ChunkReader(connection)
        self._seen_media = False

    async def connect(self, spec: RtmpSpec) -> None:
        shown = f"[{spec.host}]" if ":" in spec.host else spec.host
        await self._command(
            "connect", 1.0, {"app": spec.app, "tcUrl": f"rtmp://{shown}:{spec.port}/{spec.app}"}
        )
        try:
            answer = await self._answer(1.0, APP_REJECTED)
        except Fault as fault:
            if fault.failure != CONN_RESET:
                raise
            # Some servers refuse an application without a word.
            message = "the server hung up when it heard the application's name"
            raise Fault(APP_REJECTED, message) from fault
        self._run.evidence["server"] = str(_field(answer, "code"))[:80]

    async def create_stream(self) -> float:
        await self._command("createStream", 2.0, None)
        answer = await self._answer(2.0, APP_REJECTED)
        number = answer[3] if len(answer) > 3 else None
        if not isinstance(number, float):
            raise Fault(PROTOCOL_ERROR, "createStream gave no stream")
        return number

    async def play(self, spec: RtmpSpec, stream: float) -> None:
        await self._command("play", 0.0, None, spec.stream, stream=int(stream))

    async def first_media(self) -> None:
        """Until sound or picture. `Play.Start` is noted and not believed."""
        try:
            for _ in range(_MAX_MESSAGES):
                message = await self._chunks.message()
                if message.type in (AUDIO, VIDEO, AGGREGATE) and len(message.payload) > 1:
                    self._run.evidence["media"] = "audio" if message.type == AUDIO else "video"
                    return
                self._note_status(message)
        except Fault as fault:
            if fault.failure in (READ_TIMEOUT, TOTAL_TIMEOUT):
                raise Fault(NO_MEDIA, "no packet of media in time") from fault
            raise
        raise Fault(NO_MEDIA, f"no media among {_MAX_MESSAGES} messages")

    def _note_status(self, message: Message) -> None:
        if message.type != COMMAND:
            return
        values = decode(message.payload)
        code = str(_field(values, "code"))
        self._run.show_received(f"{values[:1]} {code}")
        if "StreamNotFound" in code:
            raise Fault(NOT_FOUND, code)
        if _field(values, "level") == "error":
            raise Fault(NO_MEDIA, code)

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
            self._run.show_received(f"{values[:2]} {_field(values, 'code')}")
            if values[1:2] != [number]:
                continue
            if values[0] == "_result":
                return values
            raise Fault(refused, f"{values[0]}: {_field(values, 'code')}")
        raise Fault(PROTOCOL_ERROR, f"no answer among {_MAX_MESSAGES} messages")


def _field(values: list[Amf], name: str) -> Amf:
    """A field of the command's information object, the last value that is one."""
    objects = [v for v in values if isinstance(v, Mapping) and name in v]
    return objects[-1][name] if objects else None


def _from_target(target: str) -> Mapping[str, Any]:
    parts = urlsplit(target)
    app, _, stream = parts.path.lstrip("/").partition("/")
    if parts.scheme != "rtmp" or not parts.hostname or not app or not stream:
        raise ValueError(f"want rtmp://host[:port]/app/stream, got {target!r}")
    if parts.query:
        # Servers take keys and tokens as part of the stream's name.
        stream = f"{stream}?{parts.query}"
    return {"host": parts.hostname, "port": parts.port or 1935, "app": app, "stream": stream}


KIND = ProbeKind(
    name="rtmp",
    spec=RtmpSpec,
    from_target=_from_target,
    build=RtmpProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "greeting", "processing", "first_media"),
    summary="a live stream plays: handshake, connect, play, and media that really comes",
    example="estado probe rtmp rtmp://live.example/radio/aire",
)

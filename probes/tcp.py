"""`tcp`: a port accepts a connection and, where configured, sends the expected text."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.net.connection import Connection
from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._failures import JUDGED, OURS, REACHING
from probes._kind import NetSettings, ProbeKind, by_id, host_and_port
from probes._observe import observe

_SCHEME = "tcp://"
_EXCERPT = 120
_FAILURES = by_id((*REACHING, *OURS, *JUDGED))


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpSpec(NetSettings):
    """A port to connect to; `send` and `expect` make one request and one response."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    host: str = required("name or address")
    port: int = required("1 to 65535")
    send: str | None = setting("what to say first; \\r and \\n are understood", None)
    expect: str | None = setting("what must stand in what comes back", None)
    max_bytes: int = setting("how much to read while looking for `expect`", 65536)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port must be 1 to 65535, got {self.port}")


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """Connects; with `expect`, reads until that text has arrived."""

    transport: Transport

    def start(self, spec: TcpSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: TcpSpec) -> None:
        connection = await self.transport.connect(
            session, spec.host, spec.port, family=spec.family, max_bytes=spec.max_bytes
        )
        try:
            if spec.send is not None:
                await connection.send(_unescaped(spec.send))
            if spec.expect is not None:
                session.enter("greeting")
                await _read_until(connection, session, _unescaped(spec.expect))
        finally:
            connection.close()


async def _read_until(connection: Connection, session: Session, wanted: bytes) -> None:
    seen = bytearray()
    searched = 0
    while seen.find(wanted, searched) < 0:
        searched = max(0, len(seen) - len(wanted) + 1)
        piece = await connection.read_some()
        if not piece:
            raise _unmet(bytes(seen), wanted)
        session.show_received(piece)
        seen += piece


def _unmet(seen: bytes, wanted: bytes) -> ProbeFailure:
    if not seen:
        return ProbeFailure(CONN_RESET, "the connection closed without a word")
    excerpt = ascii(seen[:_EXCERPT].decode("utf-8", "replace"))[1:-1]
    return ProbeFailure(PROTOCOL_ERROR, f"{wanted!r} did not come", received=excerpt)


def _unescaped(words: str) -> bytes:
    """Text as typed; `\\r` and `\\n` become the line ends that a command line cannot contain.

    >>> _unescaped("PING\\\\r\\\\n")
    b'PING\\r\\n'
    """
    return words.replace("\\r", "\r").replace("\\n", "\n").encode()


def _from_target(target: str) -> Mapping[str, Any]:
    host, port = host_and_port(target.removeprefix(_SCHEME))
    return {"host": host, "port": port}


KIND = ProbeKind(
    name="tcp",
    spec=TcpSpec,
    from_target=_from_target,
    build=TcpProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "greeting"),
    summary="a port takes a connection and, where asked, says the right thing",
    example="estado probe tcp panel.example:2087",
)

"""A connection as a probe's protocol wants it: lines and bytes, bounded, with TLS when asked.

    with transport.run(context) as run:
        connection = await transport.connect(run, "mail.example", 25)   # phases resolve, connect
        try:
            run.enter("greeting")
            banner = await connection.read_line()
            await connection.send(b"STARTTLS\\r\\n")
            await connection.read_line()
            await transport.start_tls(connection, TlsOptions())         # phase tls
        finally:
            connection.close()

Every method raises `ProbeFailure` alone: its class comes from the system's error, from TLS, or from
the
phase in which the deadline struck, so a probe has nothing to map. Every read is bounded twice, by
its own limit and by `max_bytes`, what the connection may bring in all; past either: `too_large`.
What goes over the wire is shown to the transcript; give `shown` where it carries a secret.
"""

from __future__ import annotations

import ssl

from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from monitor.net.session import Session
from monitor.net.stream import Stream
from monitor.net.tls.certificate import Certificate
from monitor.net.tls.stream import TlsStream

LINE_LIMIT = 8192
MAX_BYTES = 1 << 20
_READS_A_TURN = 256
"""Reads that what has come already may serve before everybody else has a turn: 64 KiB hold as many
messages as a peer likes."""


class Connection:
    """One end of a conversation; one reader at a time. Whoever opens it closes it."""

    __slots__ = (
        "_buffer",
        "_is_shown",
        "_reads",
        "_received",
        "_stream",
        "host",
        "max_bytes",
        "peer",
        "run",
    )

    def __init__(
        self, run: Session, stream: Stream, *, host: str, peer: str, max_bytes: int = MAX_BYTES
    ) -> None:
        self.run = run
        self._stream = stream
        self._buffer = bytearray()
        self._received = 0
        self._reads = 0
        self._is_shown = run.is_shown
        self.host = host
        self.peer = peer
        self.max_bytes = max_bytes

    async def send(self, payload: bytes, *, shown: str | None = None) -> None:
        """All of it; `shown` stands for it in the transcript. Where the other side has hung up, no
        more is said, and what it said before that is there to be read: it often says why."""
        if self._is_shown:
            self.run.show_sent(payload if shown is None else shown)
        try:
            await self._stream.send(payload)
        except ProbeFailure as fault:
            if fault.failure != CONN_RESET:
                raise

    async def read_line(self, limit: int = LINE_LIMIT) -> bytes:
        """Up to a line feed, which is left out with its carriage return. EOF is `conn_reset`."""
        line = (await self.read_until(b"\n", limit)).removesuffix(b"\n").removesuffix(b"\r")
        if self._is_shown:
            self.run.show_received(line)
        return line

    async def read_until(self, separator: bytes, limit: int) -> bytes:
        """Up to and with a separator. Not shown to the transcript: the caller knows what it is."""
        if self._is_turn_over():
            await self.run.give_way()
        searched = 0
        while (found := self._buffer.find(separator, searched)) < 0:
            searched = max(0, len(self._buffer) - len(separator) + 1)
            if len(self._buffer) >= limit:
                raise ProbeFailure(TOO_LARGE, f"no end within {limit} bytes")
            await self._fill()
        if found + len(separator) > limit:
            raise ProbeFailure(TOO_LARGE, f"no end within {limit} bytes")
        return self._take(found + len(separator))

    async def read_exact(self, size: int) -> bytes:
        """Exactly so many bytes. Not shown to the transcript."""
        if self._is_turn_over():
            await self.run.give_way()
        while len(self._buffer) < size:
            await self._fill()
        return self._take(size)

    async def read_some(self, until: float | None = None) -> bytes:
        """What comes next, 64 KiB at most; empty at the end. Not shown to the transcript. Raises
        TooSlow once `until` (monotonic) has come: the conversation may go on after it."""
        if self._is_turn_over():
            await self.run.give_way()
        if self._buffer:
            return self._take(len(self._buffer))
        return await self._receive(until)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Go on in TLS. Bytes that came before the handshake are an injection (CVE-2011-0411)."""
        if self._buffer:
            raise ProbeFailure(PROTOCOL_ERROR, "bytes in the clear after STARTTLS was agreed")
        stream = TlsStream(self.run, self._stream, context, server_name)
        await stream.handshake()
        self._stream = stream
        if self._is_shown:
            self.run.note(f"TLS: {stream.version}, {stream.cipher}")

    @property
    def tls(self) -> TlsStream | None:
        """The TLS layer, where there is one: version, cipher, alpn, certificate."""
        return self._stream if isinstance(self._stream, TlsStream) else None

    @property
    def certificate(self) -> Certificate | None:
        return self.tls.certificate() if self.tls else None

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The certificates that were relied on, the peer's own first."""
        return self.tls.chain() if self.tls else ()

    @property
    def received(self) -> int:
        """Bytes that came so far, TLS taken off."""
        return self._received

    def close(self) -> None:
        """At once and without a word; twice does no harm."""
        self._stream.close()

    def _is_turn_over(self) -> bool:
        self._reads += 1
        return self._reads % _READS_A_TURN == 0

    async def _fill(self) -> None:
        chunk = await self._receive()
        if not chunk:
            raise ProbeFailure(CONN_RESET, "the connection closed in the middle of an answer")
        self._buffer += chunk

    async def _receive(self, until: float | None = None) -> bytes:
        chunk = await self._stream.receive(until)
        self._received += len(chunk)
        if self._received > self.max_bytes:
            raise ProbeFailure(TOO_LARGE, f"more than {self.max_bytes} bytes")
        return chunk

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

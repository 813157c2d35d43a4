"""A connection as a probe's protocol needs it: lines and bytes, bounded, with TLS when asked.

    with transport.run(context) as session:
        connection = await transport.connect(session, "mail.example", 25)   # resolve, connect
        try:
            session.enter("greeting")
            banner = await connection.read_line()
            await connection.send(b"STARTTLS\\r\\n")
            await connection.read_line()
            await transport.start_tls(connection, TlsOptions())             # phase tls
        finally:
            connection.close()

Every method raises only `ProbeFailure`. Its class comes from the system's error, from TLS, or from
the phase in which the deadline struck, so a probe has nothing to map. Two bounds hold for every
read: its own limit, and `max_bytes` for all that the connection may receive. Past either one it
fails with `too_large`. The transcript shows what goes over the wire; give `shown` where that
carries a secret.
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
_READS_BEFORE_YIELD = 256
"""How many reads the buffer may serve before other runs go on: 64 KiB hold as many messages as a
peer likes."""


class Connection:
    """One end of a conversation; one reader at a time. The caller that opens it closes it."""

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
        self, session: Session, stream: Stream, *, host: str, peer: str, max_bytes: int = MAX_BYTES
    ) -> None:
        self.run = session
        self._stream = stream
        self._buffer = bytearray()
        self._received = 0
        self._reads = 0
        self._is_shown = session.is_shown
        self.host = host
        self.peer = peer
        self.max_bytes = max_bytes

    async def send(self, payload: bytes, *, shown: str | None = None) -> None:
        """Send all of it; the transcript has `shown` instead. Where the other side has hung up,
        this raises nothing: what it sent before can still be read, and often says why."""
        if self._is_shown:
            self.run.show_sent(payload if shown is None else shown)
        try:
            await self._stream.send(payload)
        except ProbeFailure as fault:
            if fault.failure != CONN_RESET:
                raise

    async def read_line(self, limit: int = LINE_LIMIT) -> bytes:
        """Read up to a line feed; it and its carriage return are left out. EOF: `conn_reset`."""
        line = (await self.read_until(b"\n", limit)).removesuffix(b"\n").removesuffix(b"\r")
        if self._is_shown:
            self.run.show_received(line)
        return line

    async def read_until(self, separator: bytes, limit: int) -> bytes:
        """Read up to and including a separator. The caller shows it, if anybody."""
        if self._must_yield():
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
        """Read exactly `size` bytes. The transcript does not show them."""
        if self._must_yield():
            await self.run.give_way()
        while len(self._buffer) < size:
            await self._fill()
        return self._take(size)

    async def read_some(self, until: float | None = None) -> bytes:
        """Read what comes next, 64 KiB at most; empty at the end. The transcript does not show it.
        Raises TooSlow once `until` (monotonic) has come; the conversation may go on after that."""
        if self._must_yield():
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
        """The certificates that the handshake relied on, the peer's own first."""
        return self.tls.chain() if self.tls else ()

    @property
    def received(self) -> int:
        """Bytes received so far, without those of TLS."""
        return self._received

    def close(self) -> None:
        """Close at once, sending nothing. Calling it twice does no harm."""
        self._stream.close()

    def _must_yield(self) -> bool:
        self._reads += 1
        return self._reads % _READS_BEFORE_YIELD == 0

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

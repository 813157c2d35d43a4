"""TLS over any stream, with memory BIOs: no asyncio streams, some 22 KiB per connection."""

from __future__ import annotations

import ssl

from monitor.net.errors import ProbeFailure
from monitor.net.session import Session
from monitor.net.stream import CHUNK, Stream
from monitor.net.tls.certificate import Certificate, read_certificate
from monitor.net.tls.contexts import of_ssl_error

_DER = 2
"""`_ssl.ENCODING_DER`."""


class TlsStream:
    """A stream that wraps another one. Make it, then call `handshake`."""

    __slots__ = ("_below", "_incoming", "_outgoing", "_run", "_tls")

    def __init__(
        self, session: Session, below: Stream, context: ssl.SSLContext, server_name: str
    ) -> None:
        self._run = session
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name or None
        )

    async def handshake(self) -> None:
        """Raises ProbeFailure: a class about the certificate, or `tls_handshake`."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLError as error:
                await self._say_goodbye()
                raise of_ssl_error(error) from error
            else:
                await self._flush()
                return

    async def receive(self, until: float | None = None) -> bytes:
        while True:
            try:
                return self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed(until)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError:
                # Many servers close without close_notify. The protocol above decides whether the
                # answer was whole.
                return b""
            except ssl.SSLError as error:
                raise of_ssl_error(error) from error

    async def send(self, payload: bytes) -> None:
        try:
            self._tls.write(payload)
        except ssl.SSLError as error:
            raise of_ssl_error(error) from error
        await self._flush()

    def close(self) -> None:
        self._below.close()

    @property
    def version(self) -> str:
        return self._tls.version() or ""

    @property
    def cipher(self) -> str:
        chosen = self._tls.cipher()
        return chosen[0] if chosen else ""

    @property
    def alpn(self) -> str | None:
        return self._tls.selected_alpn_protocol()

    @property
    def was_resumed(self) -> bool:
        return bool(self._tls.session_reused)

    def certificate(self) -> Certificate | None:
        """The peer's own certificate, verified or not."""
        der = self._tls.getpeercert(binary_form=True)
        return read_certificate(der) if der else None

    def chain(self) -> tuple[Certificate, ...]:
        """The certificates relied on, the peer's own first: the chain as it was built, up to its
        root; only the peer's own where nothing was verified."""
        own = self.certificate()
        if own is None:
            return ()
        if self._tls.context.verify_mode is ssl.CERT_NONE:
            return (own,)
        return tuple(map(read_certificate, _verified_chain(self._tls))) or (own,)

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._below.send(self._outgoing.read())

    async def _feed(self, until: float | None = None) -> None:
        received = await self._below.receive(until)
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()

    async def _say_goodbye(self) -> None:
        """Send the alert that says why, if the other side still listens."""
        try:
            await self._flush()
        except ProbeFailure:
            return


def _verified_chain(tls: ssl.SSLObject) -> list[bytes]:
    """In DER, the peer's own first. Public from Python 3.13 on; undocumented before."""
    if hasattr(tls, "get_verified_chain"):
        chain: list[bytes] = tls.get_verified_chain()
        return chain
    internal = getattr(tls, "_sslobj", None)
    certificates = internal.get_verified_chain() if internal is not None else None
    return [certificate.public_bytes(_DER) for certificate in certificates or ()]

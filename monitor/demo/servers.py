"""The demonstration's servers: a site, a name server, mail in and out, a radio.

They are small, but each speaks enough of its protocol for any client to use it.
"""

from __future__ import annotations

import asyncio
from importlib import resources
from typing import ClassVar

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from monitor.demo.faults import Diary, Fault
from monitor.demo.tcp_server import TcpServer

_HOUR = 3600


class WebServer(TcpServer):
    """A page over HTTPS; broken, it says 503, or shows an expired certificate."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.EXPIRED, Fault.WRONG)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if self.fault is Fault.WRONG:
            status, body = "503 Service Unavailable", b"Error establishing a database connection\n"
        else:
            status, body = "200 OK", b"<!doctype html><title>Panel</title><h1>Bienvenido</h1>\n"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()


class SmtpServer(TcpServer):
    """Greets, takes EHLO and QUIT; wrong, it answers 554."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.WRONG)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wrong = self.fault is Fault.WRONG
        writer.write(b"554 5.3.2 no service\r\n" if wrong else b"220 correo.demo ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                await writer.drain()
                return
            writer.write(_smtp_answer(verb))
            await writer.drain()


def _smtp_answer(verb: bytes) -> bytes:
    if verb == b"EHLO":
        return b"250-correo.demo\r\n250-SIZE 1000000\r\n250 ENHANCEDSTATUSCODES\r\n"
    if verb in (b"HELO", b"NOOP", b"RSET"):
        return b"250 2.0.0 Ok\r\n"
    return b"502 5.5.1 Command not implemented\r\n"


class ImapServer(TcpServer):
    """Greets, lists its capabilities, lets one user in and out."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.WRONG)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wrong = self.fault is Fault.WRONG
        writer.write(b"* BYE overloaded\r\n" if wrong else b"* OK [CAPABILITY IMAP4rev1] listo\r\n")
        while not wrong and (line := await reader.readline()):
            tag, _, rest = line.strip().partition(b" ")
            command = rest.split(b" ")[0].upper()
            writer.write(_imap_answer(tag, command))
            await writer.drain()
            if command == b"LOGOUT":
                return


def _imap_answer(tag: bytes, command: bytes) -> bytes:
    if command == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n"
    if command == b"LOGOUT":
        return b"* BYE hasta luego\r\n" + tag + b" OK done\r\n"
    if command in (b"NOOP", b"LOGIN"):
        return tag + b" OK done\r\n"
    return tag + b" BAD unknown command\r\n"


class RadioServer(TcpServer):
    """Plays a short tune for ever at its true rate, after a burst; stalled, only the burst."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.WRONG, Fault.STALL)
    BYTES_PER_SECOND = 4_000
    BURST = 16_000

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if self.fault is Fault.WRONG:
            writer.write(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(
            b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: Radio Demo\r\n"
            b"icy-br: 32\r\nCache-Control: no-cache\r\n\r\n"
        )
        await self._play(writer, tune())

    async def _play(self, writer: asyncio.StreamWriter, song: bytes) -> None:
        loop = asyncio.get_running_loop()
        started, sent = loop.time(), 0
        for _ in range(_HOUR * 10):
            due = self.BURST + int((loop.time() - started) * self.BYTES_PER_SECOND)
            if self.fault is Fault.STALL:
                due = min(due, self.BURST)
            while sent < due:
                part = song[sent % len(song) :][: due - sent]
                writer.write(part)
                sent += len(part)
            await writer.drain()
            await asyncio.sleep(0.1)


def tune() -> bytes:
    """The shipped MP3 (32 kbit/s, 4 000 bytes a second)."""
    return (resources.files("monitor.demo") / "tune.mp3").read_bytes()


class NameServer(asyncio.DatagramProtocol):
    """Answers `demo.test` over UDP; broken, it is silent, closed, or gives a wrong address."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.WRONG)

    def __init__(self, name: str, host: str, port: int, diary: Diary) -> None:
        self.name = name
        self.fault: Fault | None = None
        self._address = (host, port)
        self._diary = diary
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=self._address
        )

    async def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            # The loop closes the socket in its next round; a start must not come before that.
            await asyncio.sleep(0)

    async def break_(self, fault: Fault) -> None:
        if fault not in self.faults:
            raise ValueError(f"{self.name} cannot {fault}; it can: {', '.join(self.faults)}")
        await self.mend_quietly()
        self.fault = fault
        if fault is Fault.REFUSE:
            await self.stop()
        self._diary.note(self.name, fault)

    async def mend(self) -> None:
        if self.fault is not None:
            await self.mend_quietly()
            self._diary.note(self.name, None)

    async def mend_quietly(self) -> None:
        self.fault = None
        if self._transport is None:
            await self.start()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is None or self.fault is Fault.HANG:
            return
        try:
            query = dns.message.from_wire(data)
        except Exception:  # noqa: BLE001 - whatever came, it was no query: silence is the answer
            return
        self._transport.sendto(_dns_answer(query, wrong=self.fault is Fault.WRONG), addr)


def _dns_answer(query: dns.message.Message, *, wrong: bool) -> bytes:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.AA
    name = query.question[0].name if query.question else None
    if name is None or not str(name).endswith("demo.test."):
        answer.set_rcode(dns.rcode.REFUSED)
    else:
        address = "192.0.2.66" if wrong else "192.0.2.10"
        answer.answer.append(dns.rrset.from_text(name, 30, "IN", "A", address))
    return answer.to_wire()


class Beacon(TcpServer):
    """Stands for the world outside: the connectivity check asks it whether our line works."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"ok\n")
        await writer.drain()

"""Servers on loopback that answer what a test says, byte for byte, and keep what they were sent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.patience import PATIENCE_S

HOST = "127.0.0.1"
Talk = Callable[[socket.socket], None]


@dataclass(slots=True)
class Server:
    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def serving(*talks: Talk, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Each connection has the next talk, once its request is read; the last one goes on."""
    with socket.create_server((HOST, 0)) as listener:
        server = Server(port=int(listener.getsockname()[1]))
        ends = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, server, list(talks), tls, ends))
        thread.start()
        try:
            yield server
        finally:
            ends.set()
            with suppress(OSError):
                socket.create_connection((HOST, server.port), timeout=1).close()
            thread.join(PATIENCE_S)


def _serve(
    listener: socket.socket,
    server: Server,
    talks: list[Talk],
    tls: ssl.SSLContext | None,
    ends: threading.Event,
) -> None:
    while True:
        plain, _ = listener.accept()
        if ends.is_set():
            plain.close()
            return
        with plain, suppress(OSError):
            plain.settimeout(5)
            opened = tls.wrap_socket(plain, server_side=True) if tls else plain
            with opened:
                server.requests.append(_request(opened))
                talk = talks.pop(0) if len(talks) > 1 else talks[0]
                talk(opened)


def _request(opened: socket.socket) -> bytes:
    """Head and body."""
    found = b""
    while b"\r\n\r\n" not in found:
        chunk = opened.recv(65_536)
        if not chunk:
            return found
        found += chunk
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
         if line.startswith(b"content-length:")),
        0,
    )  # fmt: skip
    while len(body) < length:
        body += opened.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(
    body: bytes, status: str = "200 OK", media: str = "application/json", **headers: str
) -> Talk:
    """`headers` by their names with _ for -."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(content: bytes) -> Talk:
    return lambda opened: opened.sendall(content)


def hangs_up(_: socket.socket) -> None:
    """After the request, without a word."""


def never_answers(opened: socket.socket) -> None:
    """Until the other side has had enough."""
    with suppress(OSError):
        opened.recv(1)


def drips(opened: socket.socket) -> None:
    """A head that never ends, a byte at a time."""
    with suppress(OSError):
        opened.sendall(b"HTTP/1.1 200 OK\r\n")
        opened.settimeout(0.01)
        while True:
            opened.sendall(b"X")
            with suppress(TimeoutError):
                if not opened.recv(1):
                    return

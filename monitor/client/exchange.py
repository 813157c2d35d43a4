"""One request and its answer over HTTP, bounded in size and in time. Redirects are not followed:
what is asked carries a credential, and belongs to one origin."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from monitor.client.address import DoorAddress
from monitor.client.faults import Lost, NoEstado, TimedOut, Unreachable
from monitor.domain.untrusted_text import visible

LARGEST_ANSWER = 8_000_000
LONGEST_S = 30.0
CONNECT_S = 10.0
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    longest_s: float | None = None
    """How long it may take in all, where that is not what the exchange has for each."""
    largest: int | None = None
    """How many bytes the answer may have, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """An answer that goes on. `lines` raise what `Exchange.ask` raises, Lost at their end too."""

    status: int
    headers: Mapping[str, str]
    lines: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """`headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Asks one door. A connection for each request: a command makes two or three of them, and asks
    a person for something in between, for as long as that takes."""

    def __init__(
        self,
        address: DoorAddress,
        *,
        longest_s: float = LONGEST_S,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._address = address
        self._longest_s = longest_s
        self._largest = largest

    def ask(self, sent: Sent) -> Received:
        """Raises Unreachable, Lost, TimedOut or NoEstado."""
        longest_s = sent.longest_s or self._longest_s
        deadline = _Deadline(longest_s)
        with closing(self._opened(deadline)) as opened, self._told(longest_s):
            return self._answer(_BoundedSocket(opened, deadline), sent)

    @contextmanager
    def stream(self, sent: Sent, *, silent_s: float) -> Iterator[Streamed]:
        """As long as somebody reads it. A door that says nothing for so long is lost. Raises as
        `ask`."""
        with closing(self._opened(_Deadline(self._longest_s))) as opened:
            opened.settimeout(silent_s)
            with self._told(silent_s):
                answer = self._begun(opened, sent)
            with closing(answer):
                found = {name.lower(): value for name, value in answer.getheaders()}
                lines = self._lines(answer, silent_s)
                yield Streamed(status=answer.status, headers=found, lines=lines)

    def _lines(self, answer: http.client.HTTPResponse, silent_s: float) -> Iterator[bytes]:
        while True:
            with self._told(silent_s):
                line = answer.readline(_LONGEST_LINE)
            if not line:
                raise self._lost("it hung up")
            if len(line) >= _LONGEST_LINE:
                raise self._no_estado("a line of its answer has no end")
            yield line

    @contextmanager
    def _told(self, waited_s: float) -> Iterator[None]:
        """What goes wrong on the way, as a sentence."""
        try:
            yield
        except TimeoutError as error:
            waited = f"{waited_s:g} s"
            raise TimedOut(f"{self._address.url} did not answer within {waited}") from error
        except (http.client.RemoteDisconnected, http.client.IncompleteRead) as error:
            raise self._lost("it hung up") from error
        except (http.client.HTTPException, ValueError) as error:
            raise self._no_estado("it does not speak HTTP as it should") from error
        except OSError as error:
            raise self._lost(_why(error)) from error

    def _opened(self, deadline: _Deadline) -> socket.socket:
        address = self._address
        try:
            plain = socket.create_connection(
                (address.host, address.port), timeout=min(CONNECT_S, deadline.left_s())
            )
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"nobody answers at {address.url}: {_why(error)}") from error
        if not address.is_encrypted:
            return plain
        try:
            return self._encrypted(plain, deadline)
        except BaseException:
            plain.close()
            raise

    def _encrypted(self, plain: socket.socket, deadline: _Deadline) -> socket.socket:
        address = self._address
        try:
            plain.settimeout(deadline.left_s())
            context = ssl.create_default_context()
            return context.wrap_socket(plain, server_hostname=address.host)
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(
                f"the certificate at {address.url} does not hold: {error.verify_message}; nothing "
                "was sent. If an authority of your own has signed it, SSL_CERT_FILE names its file"
            ) from error
        except OSError as error:
            raise Unreachable(f"there is no TLS at {address.url}: {_why(error)}") from error

    def _begun(
        self, opened: socket.socket | _BoundedSocket, sent: Sent
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._address.host, self._address.port)
        connection.sock = cast("socket.socket", opened)
        headers = {"Host": self._host, "Connection": "close", **sent.headers}
        connection.request(sent.method, sent.path, body=sent.body, headers=headers)
        return connection.getresponse()

    def _answer(self, opened: _BoundedSocket, sent: Sent) -> Received:
        largest = sent.largest or self._largest
        answer = self._begun(opened, sent)
        body = answer.read(largest + 1)
        if len(body) > largest:
            raise self._no_estado(f"its answer has more than {largest // 1_000_000} MB")
        if answer.length:
            raise self._lost("it hung up")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Received(status=answer.status, headers=found, body=body)

    @property
    def _host(self) -> str:
        return self._address.url.partition("://")[2].partition("/")[0]

    def _lost(self, why: str) -> Lost:
        return Lost(f"the connection to {self._address.url} was lost before its answer: {why}")

    def _no_estado(self, why: str) -> NoEstado:
        return NoEstado(f"what answers at {self._address.url} is no door of estado: {why}")


class _Deadline:
    """A moment by which all of it has to be over, however slowly it drips."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left_s(self) -> float:
        """Raises TimeoutError where nothing is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _BoundedSocket:
    """As much of a socket as `http.client` asks for; each read and write ends by the deadline.
    Whoever opened the socket closes it."""

    def __init__(self, opened: socket.socket, deadline: _Deadline) -> None:
        self._opened = opened
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._opened.settimeout(self._deadline.left_s())
        self._opened.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_BoundedReads(self._opened, self._deadline))

    def close(self) -> None:
        """Nothing: see above."""


class _BoundedReads(io.RawIOBase):
    def __init__(self, opened: socket.socket, deadline: _Deadline) -> None:
        self._opened = opened
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """`Any`: before Python 3.12 a writable buffer has no public name."""
        self._opened.settimeout(self._deadline.left_s())
        return self._opened.recv_into(buffer)


def _why(error: Exception) -> str:
    """`Connection refused`, with nothing that a terminal would act on."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return visible(str(getattr(error, "strerror", None) or error))

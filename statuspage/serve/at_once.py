"""Plain requests for what is in memory, answered with the bytes that go over the wire.

What is answered here is the same, to the byte but for the order of its headers, as what the library
would send. Anything that is not plainly a whole request without a body, in the form that browsers,
proxies and programs write it, is left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from statuspage.serve.late_rendering import LateRenderer
from statuspage.serve.responder import Request
from statuspage.serve.responses import Response

_LONGEST = 4_096
"""Bytes of a request."""
_PLAIN = re.compile(
    rb"(GET|HEAD) (/[A-Za-z0-9_./-]*)(?:\?[!\"$-~]*)? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z][A-Za-z0-9-]*: ?[!-~][ -~]*\r\n)+)\r\n"
)
_ODD_PATH = re.compile(rb"/\.|//")
"""The library would write these paths in another way."""
_READ = {
    b"host": "host",
    b"cookie": "cookie",
    b"accept-encoding": "accept_encoding",
    b"accept-language": "accept_language",
    b"if-none-match": "if_none_match",
}
_OTHERWISE = frozenset(
    (
        b"connection", b"content-length", b"expect", b"keep-alive", b"proxy-connection",
        b"te", b"trailer", b"transfer-encoding", b"upgrade",
    )
)  # fmt: skip
"""They say something of the connection or of a body."""
_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n" for s in HTTPStatus}


class AnswersAtOnce:
    """`answer` decides as for every other request; what is still to be rendered is not for here,
    and what somebody asked for before is `late_renderer`'s."""

    def __init__(
        self, answer: Callable[[Request], Response], late_renderer: LateRenderer, clock: Clock
    ) -> None:
        self._answer = answer
        self._late_renderer = late_renderer
        self._clock = clock
        self._date = (Second(0), "")

    def __call__(self, data: bytes) -> bytes | None:
        """The whole answer; None where the library is to read the request."""
        request = plain_request(data)
        if request is None:
            return None
        response = self._answer(request)
        content = response.content
        if not isinstance(content, bytes):
            at_hand = self._late_renderer.at_hand(content)
            if at_hand is None:
                return None
            content = at_hand
        head = self._head(response, len(content))
        return head if request.method == "HEAD" else head + content

    def _head(self, response: Response, length: int) -> bytes:
        lines = [_STATUS_LINES[response.status]]
        lines += [f"{name}: {value}\r\n" for name, value in response.headers]
        if response.status != HTTPStatus.NOT_MODIFIED:
            lines.append(f"Content-Length: {length}\r\n")
        lines.append(f"Date: {self._now()}\r\n\r\n")
        return "".join(lines).encode("latin-1")

    def _now(self) -> str:
        second = self._clock.now()
        if second != self._date[0]:
            self._date = second, formatdate(second, usegmt=True)
        return self._date[1]


def plain_request(data: bytes) -> Request | None:
    """What it asks for; None where it is anything but one whole request without a body."""
    found = _PLAIN.fullmatch(data) if len(data) <= _LONGEST else None
    if found is None or _ODD_PATH.search(found[2]):
        return None
    read: dict[str, str] = {}
    for line in found[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _OTHERWISE and not _is_usual(name, value):
            return None
        field = _READ.get(name)
        if field is None:
            continue
        if field in read:
            return None
        read[field] = value.decode("ascii").strip(" ")
    if "host" not in read:
        return None
    return Request(method=found[1].decode("ascii"), path=found[2].decode("ascii"), **read)


def _is_usual(name: bytes, value: bytes) -> bool:
    """A connection that stays open needs no word, and most clients say it all the same."""
    return name == b"connection" and value.strip(b" ").lower() == b"keep-alive"

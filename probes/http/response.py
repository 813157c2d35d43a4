"""The answer: httptools parses it, and it stores no more than its caps allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import httptools

from monitor.net.decompress import Identity, Unpacker, is_known, unpacker
from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from probes.http.head import END_SIZE, has_end, mend

HEAD_LIMIT = 65536
_MAX_HEADS = 16
"""How often the received bytes are searched for a whole head, odd and interim heads included."""


class Response:
    """What has been received so far of one answer. The parser calls the `on_` methods.

    `keeps_body`: the body is unpacked and stored; else its bytes are counted as they arrive. The
    body's cap is `max_bytes`: past it `is_truncated` is set, and no more is wanted. `ends_at_head`
    is called once the head is whole; True means that the body is not wanted: a browser follows a
    redirect without it.
    """

    __slots__ = (
        "_bodyless",
        "_ends_at_head",
        "_fields",
        "_head",
        "_headers",
        "_heads",
        "_keeps_body",
        "_max_bytes",
        "_parser",
        "_pieces",
        "_refused",
        "_unpacker",
        "body",
        "has_begun",
        "is_complete",
        "is_truncated",
        "oddities",
        "reason",
        "size",
        "status",
    )

    def __init__(
        self,
        *,
        max_bytes: int,
        keeps_body: bool,
        is_bodyless: bool,
        ends_at_head: Callable[[Response], bool] | None = None,
    ) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._max_bytes = max_bytes
        self._keeps_body = keeps_body
        self._bodyless = is_bodyless
        self._ends_at_head = ends_at_head
        self._unpacker: Unpacker | None = None
        self._head = bytearray()
        self._refused: ProbeFailure | None = None
        self._heads = 0
        self._pieces: list[bytes] = []
        """Of the body, as the parser passed them: a chunk may have one byte, and unpacking a piece
        costs more than that. No callback raises, so the parser cannot hide a ProbeFailure."""
        self.status = 0
        self.reason = ""
        self._fields: list[tuple[bytes, bytes]] = []
        self._headers: dict[str, str] | None = None
        self.body = bytearray()
        self.size = 0
        self.has_begun = False
        """Whether the head is whole."""
        self.is_complete = False
        self.is_truncated = False
        self.oddities: list[str] = []
        """Parts of the head that no standard allows or knows, and that every browser reads."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name in lower case; fields of one name are joined. Decoded on demand: most check runs
        need none of them."""
        if self._headers is None:
            self._headers = _joined(self._fields)
        return self._headers

    @property
    def wants_more(self) -> bool:
        return not (self.is_complete or self.is_truncated)

    @property
    def version(self) -> str:
        return str(self._parser.get_http_version())

    def fields(self, name: str) -> list[str]:
        """The values of each field of that name (in lower case), unjoined."""
        return [_value(value) for key, value in self._fields if key.lower() == name.encode()]

    def raw_field(self, name: str) -> bytes:
        """The first value of that name, in bytes as it came; empty where there is none."""
        return next((value for key, value in self._fields if key.lower() == name.encode()), b"")

    def feed(self, piece: bytes) -> None:
        """Raises ProbeFailure: `protocol_error`, or `too_large` for a head without end."""
        if not self.has_begun:
            self._head += piece
        if self._refused is None or self.has_begun:
            self._feed(piece)
        elif has_end(self._head, max(0, len(self._head) - len(piece) - END_SIZE)):
            self._feed_mended(self._refused)
        if not self.has_begun and len(self._head) > HEAD_LIMIT:
            raise ProbeFailure(TOO_LARGE, f"no end of the headers within {HEAD_LIMIT} bytes")

    def _feed(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserCallbackError:
            raise
        except httptools.HttpParserUpgrade as error:
            raise ProbeFailure(PROTOCOL_ERROR, "an upgrade that nobody asked for") from error
        except httptools.HttpParserError as error:
            self.take_body()
            if self.wants_more:
                self._refuse(ProbeFailure(PROTOCOL_ERROR, f"not HTTP: {error}"), error)
        self.take_body()

    def _refuse(self, fault: ProbeFailure, error: Exception) -> None:
        """Try once to mend the head: it may be odd in a way that visitors do not notice."""
        if self.has_begun or self._refused is not None or not self._head.startswith(b"HTTP/"):
            raise fault from error
        self._refused = fault
        self._feed_mended(fault)

    def _feed_mended(self, refused: ProbeFailure) -> None:
        """Parse the mended head, once it is whole. Raises `refused` where it cannot be mended."""
        self._heads += 1
        mended = mend(bytes(self._head)) if self._heads <= _MAX_HEADS else (b"", [])
        if mended is None:
            return
        wire, self.oddities = mended
        if not self.oddities:
            raise refused
        self._forget_head()
        self._parser = httptools.HttpResponseParser(self)
        self._feed(wire)

    def feed_end(self) -> None:
        """The connection has closed. Raises ProbeFailure `conn_reset` where that is too early."""
        if not self.wants_more:
            return
        if self._refused is not None and not self.has_begun:
            raise self._refused
        if not self.has_begun:
            raise ProbeFailure(
                CONN_RESET, "the connection closed before the answer's head was whole"
            )
        if self._is_framed():
            raise ProbeFailure(
                CONN_RESET, f"the connection closed after {self.size} bytes of the body"
            )
        self.is_complete = True

    # Called by the parser. What comes after the head as trailers or a second answer is ignored:
    # it is not wanted, and without end it would stall the loop.

    def on_status(self, status: bytes) -> None:
        if self.has_begun:
            return
        self.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.has_begun:
            return
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self.has_begun:
            return
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200:
            return
        self._begin()

    def begin(self, status: int, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Set the head where another parser has read it: HTTP/2. That caller passes the body to
        `on_body` and then calls `take_body`."""
        self.status = status
        self._fields = list(fields)
        self._begin()

    def _begin(self) -> None:
        self.has_begun = True
        if self._bodyless or (self._ends_at_head is not None and self._ends_at_head(self)):
            self.is_complete = True

    def on_body(self, piece: bytes) -> None:
        if self.wants_more:
            self._pieces.append(piece)

    def take_body(self) -> None:
        """Unpack and store the body received so far, up to the cap. Raises ProbeFailure."""
        if self._pieces and not self.is_truncated:
            self._take(b"".join(self._pieces))
        self._pieces.clear()

    def _take(self, piece: bytes) -> None:
        if self._keeps_body and self._unpacker is None:
            self._unpacker = self._chosen_unpacker()
        room = self._max_bytes - self.size
        if self._unpacker is None or isinstance(self._unpacker, Identity):
            self.is_truncated = len(piece) > room
            piece = piece[:room]
        else:
            piece = self._unpacker.feed(piece)
        self.size += len(piece)
        if self._keeps_body:
            self.body += piece

    def _chosen_unpacker(self) -> Unpacker:
        coding = self.headers.get("content-encoding", "")
        if not is_known(coding):
            self.oddities.append(f"Content-Encoding is {coding[:40]!a}, which is no coding")
        return unpacker(coding, self._max_bytes)

    def on_message_complete(self) -> None:
        if self.has_begun:
            self.is_complete = True
            return
        # 100 Continue and other interim answers: the answer itself is still to come.
        self._forget_head()

    def _forget_head(self) -> None:
        self._fields.clear()
        self._headers = None
        self.reason = ""

    def _is_framed(self) -> bool:
        """Whether the body's end is known by other means than the end of the connection."""
        coding = self.headers.get("transfer-encoding", "").lower()
        return "content-length" in self.headers or "chunked" in coding


def _joined(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name.decode("latin-1").lower(), []).append(_value(value))
    return {key: ", ".join(texts) for key, texts in found.items()}


def _value(raw: bytes) -> str:
    """UTF-8 where it is valid (RFC 9110 5.5 leaves it open), else ISO-8859-1, the former rule."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")

"""Plain requests are answered at once, and just as the library would answer them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web

from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.runtime.http.connections import AtOnce
from monitor.runtime.http.servers import bounded_runner
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.at_once import AnswersAtOnce, plain_request
from statuspage.serve.late_rendering import LateRenderer
from statuspage.serve.responder import Request
from statuspage.serve.server import SnapshotWatcher, make_app
from tests.statuspage.builders import THURSDAY, showing
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S

PLAIN = b"GET /es/ HTTP/1.1\r\nHost: estado.example\r\nAccept-Encoding: gzip, br\r\n\r\n"
BROWSERS = (
    b"GET /en/?utm=1&x=%20 HTTP/1.1\r\nHost: estado.example\r\nConnection: keep-alive\r\n"
    b'sec-ch-ua: "Chromium";v="143", "Not A(Brand";v="24"\r\nsec-ch-ua-mobile: ?0\r\n'
    b"Upgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    b"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nSec-Fetch-Site: none\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: es-AR,es;q=0.9\r\n\r\n"
)


class Counting:
    """How many requests were answered at once."""

    def __init__(self, inner: AtOnce) -> None:
        self._inner = inner
        self.answered = 0
        self.runner: web.AppRunner | None = None

    def __call__(self, data: bytes) -> bytes | None:
        answer = self._inner(data)
        self.answered += answer is not None
        return answer


@asynccontextmanager
async def serving(
    folder: Path, *, is_at_once: bool = True, most: int | None = None, stale: bool = False
) -> AsyncIterator[tuple[int, Counting]]:
    """(its port, what was answered at once)."""
    said = showing(Shown.DOWN)
    clock = FakeClock(Second(THURSDAY + (900 if stale else 5)))
    publish(folder, render(said), said.at, said.stale_after)
    watcher = SnapshotWatcher(folder, clock)
    late_renderer = LateRenderer()
    counting = Counting(AnswersAtOnce(watcher.answer, late_renderer, clock))
    app = make_app(watcher, late_renderer=late_renderer)
    runner = bounded_runner(app, at_once=counting if is_at_once else None, most=most)
    await runner.setup()
    counting.runner = runner
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1], counting
    finally:
        await runner.cleanup()


async def read_answer(reader: asyncio.StreamReader, *, is_head: bool) -> tuple[bytes, set[bytes]]:
    """(the body, status line and headers but the date)."""
    async with asyncio.timeout(PATIENCE_S):
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        length = [int(line.split(b" ")[1]) for line in head if line.startswith(b"Content-Length:")]
        body = b"" if is_head or not length else await reader.readexactly(length[0])
    return body, {line for line in head if not line.startswith(b"Date: ")}


async def ask(port: int, said: bytes) -> tuple[bytes, set[bytes]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(said)
        return await read_answer(reader, is_head=said.startswith(b"HEAD"))
    finally:
        writer.close()


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "Host: estado.example", *headers)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


SAME = [
    PLAIN, BROWSERS, get("/"), get("/", "Accept-Language: en"), get("/es/", method="HEAD"),
    get("/es/", "Accept-Encoding: identity"), get("/es/", "Accept-Encoding: gzip;q=0"),
    get("/nothing"), get("/en/nothing/"), get("/es"), get("/historial"), get("/healthz"),
    get("/api/v2/summary.json"), get("/api/v2/nothing"), get("/api/v2/status.json", method="HEAD"),
    get("/es/", "If-None-Match: *"), get("/es/", "If-None-Match: *", method="HEAD"),
    get("/favicon.ico"), get("/robots.txt"), get("/historial.atom"), get("/history"),
    get("/suscripcion/confirmar/aaaaaaaaaaaa.1.b"),
]  # fmt: skip


@pytest.mark.parametrize("stale", [False, True], ids=["fresh", "stale"])
async def test_the_answer_is_that_of_the_library(tmp_path: Path, stale: bool) -> None:
    async with (
        serving(tmp_path / "a", stale=stale) as (fast, counting),
        serving(tmp_path / "b", is_at_once=False, stale=stale) as (slow, _),
    ):
        for said in SAME:
            assert await ask(fast, said) == await ask(slow, said), said
        before = counting.answered
        for said in SAME:
            # By now, what is made when it is first asked for has been made.
            assert await ask(fast, said) == await ask(slow, said), said
        assert counting.answered == before + len(SAME)


@pytest.mark.parametrize(
    "said",
    [
        PLAIN.replace(b"GET", b"POST"), PLAIN.replace(b"GET", b"get"),
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), PLAIN.replace(b"/es/", b"http://x/es/"),
        PLAIN.replace(b"/es/", b"/e%73/"), PLAIN.replace(b"/es/", b"//es/"),
        PLAIN.replace(b"/es/", b"/en/../es/"), PLAIN.replace(b"/es/", b"/es/#a"),
        PLAIN.replace(b"/es/", b"*"), PLAIN.replace(b"Host: estado.example\r\n", b""),
        get("/", "Host: other.example"), get("/", "Content-Length: 0"),
        get("/", "Content-Length: 5") + b"hello", get("/", "Transfer-Encoding: chunked"),
        get("/", "Connection: close"), get("/", "Connection: Upgrade", "Upgrade: websocket"),
        get("/", "Expect: 100-continue"), get("/", "X-Tab:\tx"), get("/", "X: a", " folded"),
        get("/", "no colon"), get("/", "Empty:"), get("/", "X: \x00"), get("/", "Accept : x"),
        get("/", "If-None-Match: a", "If-None-Match: b"), PLAIN[:-2], PLAIN[:-1] + b"x",
        PLAIN.replace(b"\r\n", b"\n"), PLAIN + PLAIN, PLAIN + b"G", b"\r\n" + PLAIN,
        get("/", "X-Long: " + "a" * 5_000), get("/", "X: ñ"), b"\x16\x03\x01\r\n\r\n", b"",
    ],
)  # fmt: skip
def test_what_is_not_plainly_one_request_without_a_body_is_left_to_the_library(said: bytes) -> None:
    assert plain_request(PLAIN) == Request(
        method="GET", path="/es/", host="estado.example", accept_encoding="gzip, br"
    )
    assert plain_request(said) is None


@pytest.mark.parametrize("cut", [1, 20, len(PLAIN) - 1])
async def test_a_connection_may_go_on_in_any_form(tmp_path: Path, cut: int) -> None:
    async with serving(tmp_path) as (port, counting):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PLAIN)
        first = await read_answer(reader, is_head=False)
        # In two pieces, then two in one piece, then one with a body, then a plain one.
        writer.write(PLAIN[:cut])
        await asyncio.sleep(0)
        writer.write(PLAIN[cut:])
        assert await read_answer(reader, is_head=False) == first
        writer.write(PLAIN + PLAIN)
        assert await read_answer(reader, is_head=False) == first
        assert await read_answer(reader, is_head=False) == first
        writer.write(get("/es/", "Content-Length: 5", method="POST") + b"hello")
        assert b"HTTP/1.1 405 Method Not Allowed" in (await read_answer(reader, is_head=False))[1]
        writer.write(PLAIN)
        assert await read_answer(reader, is_head=False) == first
        writer.close()
    assert counting.answered >= 1


async def test_what_belongs_to_a_body_is_no_request(tmp_path: Path) -> None:
    async with serving(tmp_path) as (port, counting):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get("/es/", f"Content-Length: {len(PLAIN)}", method="POST"))
        assert b"HTTP/1.1 405 Method Not Allowed" in (await read_answer(reader, is_head=False))[1]
        writer.write(PLAIN)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()
    assert counting.answered == 0


class FullTransport(asyncio.Transport):
    """What is written to it waits for a client that does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.written))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...


async def test_who_asks_and_never_reads_gets_one_answer_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, counting):
        assert counting.runner is not None
        assert counting.runner.server is not None
        connection, transport = counting.runner.server(), FullTransport()
        connection.connection_made(transport)
        for _ in range(50):
            connection.data_received(PLAIN)
        assert (counting.answered, len(transport.written)) == (1, 1)
        connection.connection_lost(None)


async def test_a_connection_stays_open_while_it_is_used(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, counting):
        assert counting.runner is not None
        assert counting.runner.server is not None
        connection = counting.runner.server()
        connection.connection_made(FullTransport())
        opened = connection._next_keepalive_close_time
        connection.data_received(PLAIN)
        assert connection._next_keepalive_close_time > opened
        connection.connection_lost(None)


async def test_a_silent_connection_shuts_nobody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, most=3) as (port, _):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        # The first one has spoken last.
        silent[0][1].write(PLAIN)
        known = await read_answer(silent[0][0], is_head=False)
        assert await ask(port, PLAIN) == known
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionError):
                assert await silent[1][0].read() == b""
        silent[0][1].write(PLAIN)
        assert await read_answer(silent[0][0], is_head=False) == known
        for _, writer in silent:
            writer.transport.abort()


class Held(FullTransport):
    """A client that never reads: the library's closing waits for it for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


async def test_who_is_closed_and_never_reads_gives_way_all_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path, most=1) as (_, counting):
        assert counting.runner is not None
        assert counting.runner.server is not None
        first, held = counting.runner.server(), Held()
        first.connection_made(held)
        first.force_close()
        counting.runner.server().connection_made(Held())
        assert held.is_aborted

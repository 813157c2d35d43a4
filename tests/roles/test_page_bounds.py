"""What a visitor who means harm can take of the page role, and for how long."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from monitor.roles.page import page_runner
from monitor.runtime.http.servers import (
    bounded_runner,
    keep_quiet_about_clients,
    serving_beside,
)
from tests.e2e.product import free_port
from tests.support.patience import PATIENCE_S

IDLE_S = 0.2
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: estado.example\r\n\r\n"


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nX-Slow: ", WHOLE, WHOLE + b"GET /"])
async def test_a_connection_that_brings_no_whole_request_is_closed(
    tmp_path: Path, said: bytes
) -> None:
    runner = page_runner(tmp_path, idle_s=IDLE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(said)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200") == said.startswith(WHOLE)
        writer.close()
    finally:
        await runner.cleanup()


async def test_nobody_takes_the_cores_descriptors_by_its_operators_port() -> None:
    port = free_port()
    async with serving_beside(web.Application(), "127.0.0.1", port, idle_s=IDLE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()


def test_nobody_may_stay_for_an_hour() -> None:
    assert page_runner(Path("/nowhere"))._kwargs["keepalive_timeout"] <= 30


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["tls", "version", "header", "long", "length"],
)
async def test_what_is_no_request_is_refused_without_a_word_in_the_log(
    tmp_path: Path, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    runner = page_runner(tmp_path)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(said)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.readline()
        assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
        assert [r.getMessage() for r in caplog.records if r.name == "aiohttp.server"] == []
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n", 400),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 9_000 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 405),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 0\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 503),
        (b"GET /api/v2/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 503),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    ],
    ids=[
        "tls", "line", "header", "headers", "length", "body", "method", "expect", "none", "api",
        "asterisk", "connect",
    ],
)  # fmt: skip
async def test_no_error_names_a_library_or_allows_anything(
    tmp_path: Path, said: bytes, status: int
) -> None:
    runner = page_runner(tmp_path, idle_s=IDLE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(said)
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            headers = head.decode().splitlines()
            length = next(h for h in headers if h.startswith("Content-Length: "))
            body = await reader.readexactly(int(length.split()[1]))
        writer.close()
    finally:
        await runner.cleanup()
    assert head.split(b" ")[1] == str(status).encode()
    assert "Server: estado" in headers
    assert "X-Content-Type-Options: nosniff" in headers
    policy = next(h for h in headers if h.startswith("Content-Security-Policy: "))
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert b"aiohttp" not in head + body
    assert b"ython" not in head + body


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 405)])
async def test_no_port_names_a_library(method: str, status: int) -> None:
    async def figures(_: web.Request) -> web.Response:
        return web.Response(text="estado_up 1\n")

    app, port = web.Application(), free_port()
    app.router.add_get("/metrics", figures)
    async with (
        serving_beside(app, "127.0.0.1", port),
        ClientSession() as client,
        client.request(method, f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert (answer.status, answer.headers["Server"]) == (status, "estado")
        assert (answer.headers.get("Allow") == "GET,HEAD") == (status == 405)


async def test_a_bug_of_ours_is_answered_without_a_word_of_it() -> None:
    async def broken(_: web.Request) -> web.Response:
        raise ValueError("our secret")

    app = web.Application()
    app.router.add_get("/", broken)
    runner = bounded_runner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        writer.close()
    finally:
        await runner.cleanup()
    assert answer.startswith(b"HTTP/1.1 500")
    assert answer.endswith(b"\r\n\r\n500 Internal Server Error\n")
    assert b"Server: estado" in answer


def test_our_own_errors_keep_their_traceback() -> None:
    keep_quiet_about_clients()
    server = logging.getLogger("aiohttp.server")
    ours = server.makeRecord("", logging.ERROR, "", 0, "", (), (ValueError, ValueError("x"), None))
    assert server.filter(ours)

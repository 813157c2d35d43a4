"""What a visitor who means harm can take of the page role, and for how long."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from monitor.roles.page import page_runner
from monitor.runtime.http_servers import keep_quiet_about_clients, serving_beside
from tests.e2e.product import free_port

IDLE_S = 0.2
PATIENCE_S = 10.0
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


def test_our_own_errors_keep_their_traceback() -> None:
    keep_quiet_about_clients()
    server = logging.getLogger("aiohttp.server")
    ours = server.makeRecord("", logging.ERROR, "", 0, "", (), (ValueError, ValueError("x"), None))
    assert server.filter(ours)

"""What a visitor who means harm can take of the page role, and for how long."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from monitor.bootstrap.page import page_runner

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


def test_nobody_may_stay_for_an_hour() -> None:
    assert page_runner(Path("/nowhere"))._kwargs["keepalive_timeout"] <= 30

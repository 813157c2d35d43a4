"""Claims about the shim; they turn red when aioresponses or aiohttp move under it."""

from __future__ import annotations

from aiohttp import ClientSession

from tests.support.aioresponses_shim import aioresponses

URL = "http://hooks.test/alert"


async def test_it_answers_with_the_prepared_response() -> None:
    with aioresponses() as mocked:
        mocked.post(URL, status=202, payload={"ok": True})
        async with ClientSession() as session, session.post(URL, json={"a": 1}) as response:
            assert (response.status, await response.json()) == (202, {"ok": True})


async def test_it_carries_a_body_larger_than_the_readers_limit() -> None:
    body = b"x" * 1_000_000
    with aioresponses() as mocked:
        mocked.get(URL, body=body)
        async with ClientSession() as session, session.get(URL) as response:
            assert await response.read() == body

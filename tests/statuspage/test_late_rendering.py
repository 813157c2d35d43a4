"""What is packed is made once for however many ask, and kept within a bound."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import brotli
import pytest

from statuspage.serve.late_rendering import LateBody, LateRenderer

LONG = b"<p>\0time\0</p>" * 100


def wanted(etag: str = "a", encoding: str = "identity", time: str = "14:35") -> LateBody:
    return LateBody(
        etag=etag,
        encoding=encoding,
        stored=gzip.compress(LONG),
        is_packed=True,
        words={"time": time},
    )


@pytest.fixture
async def filler() -> AsyncIterator[LateRenderer]:
    made = LateRenderer(bound=4000)
    yield made
    made.close()


def test_it_fills_every_hole_and_looks_for_none_in_the_words() -> None:
    assert wanted(time="<b>").render() == b"<p><b></p>" * 100
    assert b"\0other\0" in wanted(time="\0other\0").render()


def test_it_encodes_what_it_has_filled() -> None:
    plain = wanted().render()
    assert gzip.decompress(wanted(encoding="gzip").render()) == plain
    assert brotli.decompress(wanted(encoding="br").render()) == plain


async def test_it_makes_a_body_once_for_all_who_ask_at_the_same_time(filler: LateRenderer) -> None:
    bodies = await asyncio.gather(*(filler.body(wanted()) for _ in range(20)))
    assert all(body is bodies[0] for body in bodies)
    assert await filler.body(wanted()) is bodies[0]


async def test_who_goes_away_takes_nothing_from_the_others(filler: LateRenderer) -> None:
    gone = asyncio.ensure_future(filler.body(wanted()))
    waits = asyncio.ensure_future(filler.body(wanted()))
    await asyncio.sleep(0)
    gone.cancel()
    assert await waits == wanted().render()


async def test_it_forgets_what_was_asked_for_least_lately(filler: LateRenderer) -> None:
    first = await filler.body(wanted("a"))
    second = await filler.body(wanted("b"))
    assert await filler.body(wanted("a")) is first
    await filler.body(wanted("c"))
    await filler.body(wanted("d"))
    assert await filler.body(wanted("b")) is not second


async def test_a_body_that_cannot_be_made_is_tried_again(filler: LateRenderer) -> None:
    with pytest.raises(gzip.BadGzipFile):
        await filler.body(replace(wanted(), stored=b"nothing packed"))
    assert await filler.body(wanted()) == wanted().render()

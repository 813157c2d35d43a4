"""Duties that live and die together."""

from __future__ import annotations

import asyncio

import pytest

from monitor.runtime.tasks import until_one_ends


async def fail() -> None:
    raise LookupError("a bug")


class Lasting:
    """A duty that ends only when it is cancelled, and then takes a turn of the loop to clean up."""

    def __init__(self) -> None:
        self.is_clean = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.is_clean = True


async def test_the_end_of_one_is_the_end_of_all() -> None:
    lasting = Lasting()
    await until_one_ends(ends=asyncio.sleep(0), lasts=lasting.run())
    assert lasting.is_clean


async def test_what_one_raises_is_raised_once_all_have_ended() -> None:
    lasting = Lasting()
    with pytest.raises(LookupError, match="a bug"):
        await until_one_ends(lasts=lasting.run(), fails=fail())
    assert lasting.is_clean


async def test_whoever_is_cancelled_leaves_none_behind() -> None:
    lasting = Lasting()
    waiting = asyncio.create_task(until_one_ends(lasts=lasting.run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert lasting.is_clean

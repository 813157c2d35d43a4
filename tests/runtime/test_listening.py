"""A crowd that comes at once is let in, and by many at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from aiohttp import web

from monitor.runtime.http.listening import listen
from monitor.runtime.http.servers import bounded_runner
from tests.e2e.product import free_port
from tests.support.patience import PATIENCE_S

CROWD = 300
"""More than the queue of a server that says nothing of it."""


def loops() -> list[Callable[[], asyncio.AbstractEventLoop]]:
    found: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.SelectorEventLoop]
    with contextlib.suppress(ImportError):
        import uvloop

        found.append(uvloop.new_event_loop)
    return found


class Crowded:
    """A server whose loop runs only when it is told to, and how many it has let in."""

    def __init__(self, runner: web.AppRunner, port: int) -> None:
        self.port = port
        self._runner = runner

    @property
    def let_in(self) -> int:
        assert self._runner.server is not None
        return len(self._runner.server.connections)

    @contextmanager
    def come(self, count: int) -> Iterator[None]:
        with contextlib.ExitStack() as links:
            for _ in range(count):
                # Nobody is let in meanwhile: the loop does not run.
                link = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
                links.enter_context(link)
            yield


@asynccontextmanager
async def crowded(port: int = 0) -> AsyncIterator[Crowded]:
    runner = bounded_runner(web.Application())
    await runner.setup()
    try:
        await listen(runner, "127.0.0.1", port)
        (found,) = {address[1] for address in runner.addresses}
        yield Crowded(runner, found)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("new_loop", loops())
def test_a_crowd_waits_in_the_queue_and_is_let_in_by_many_at_a_time(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def turns_until_all_are_in() -> int:
        async with crowded() as server:
            with server.come(CROWD):
                for turn in range(CROWD * 2):
                    if server.let_in == CROWD:
                        return turn
                    await asyncio.sleep(0)
        return CROWD * 2

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(turns_until_all_are_in()) < CROWD / 4


async def test_a_port_that_is_taken_cannot_be_had_and_one_that_was_left_can() -> None:
    port = free_port()
    async with crowded(port):
        with pytest.raises(OSError, match="in use"):
            async with crowded(port):
                pytest.fail("both listen there")
    async with crowded(port) as server:
        with server.come(1):
            pass

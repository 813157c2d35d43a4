"""Where a server that meets a crowd takes its connections.

uvloop takes one connection from a listener in each turn of its loop, and a turn answers everybody
who is connected: with a thousand busy clients, the last of a few hundred newcomers waited three
seconds. So there are several listeners on one socket. Newcomers that are not taken yet wait in the
kernel's queue, which drops those for whom it has no room, and they try again after a second.
"""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

_LISTENERS = 16
"""Of each socket; what uvloop takes in a turn."""
_TAKEN_EACH = 8
"""What asyncio's own loop takes from each listener in a turn. A connection above the limit is
closed after that: together they may not be more than the descriptors that are spared for it."""
_QUEUE = 4_096
"""The kernel has a bound of its own (`net.core.somaxconn`)."""


async def listen(runner: web.BaseRunner, host: str, port: int) -> None:
    """Take connections at each address of `host` until the runner, which is set up, is cleaned up.
    Raises OSError where one cannot be had."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, address in dict.fromkeys((family, address) for family, *_, address in found):
        with socket.create_server(address[:2], family=family, backlog=_QUEUE) as bound:
            for _ in range(_LISTENERS):
                await web.SockSite(runner, bound.dup(), backlog=_TAKEN_EACH).start()
            # A listener that starts sets its own.
            bound.listen(_QUEUE)

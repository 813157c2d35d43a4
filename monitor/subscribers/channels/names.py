"""Names that strangers typed, looked up on threads of their own.

A name server that never answers holds a thread for half a minute, and the loop has some six of them
for everything else: mail, chats and the journal's files among them.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS = 64
"""They only wait. Twice as many as there are connections: one that was given up still waits."""


class OwnThreads(AbstractResolver):
    """Asks the system's resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError."""
        asked = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, asked)
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=of, proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for of, _, protocol, _, address in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Whoever still waits for an answer ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

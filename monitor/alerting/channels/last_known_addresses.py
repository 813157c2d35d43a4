"""Where the hosts of alert targets are: what tells of a dead resolver may not need it."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_MOST_KNOWN = 256


class LastKnownResolver(AbstractResolver):
    """Asks the system, as everybody does. Where that finds nothing, or takes longer than
    `patience_s`, a host is where it was last; one that was never found raises OSError."""

    def __init__(self, patience_s: float = 3.0, system: AbstractResolver | None = None) -> None:
        self._patience_s = patience_s
        self._system = system
        self._known: OrderedDict[str, list[ResolveResult]] = OrderedDict()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            found = await self._asked(host, port, family)
        except OSError:
            known = self._known.get(host)
            if known is None:
                raise
            return [ResolveResult(**{**one, "port": port}) for one in known]
        self._known[host] = found
        self._known.move_to_end(host)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return found

    async def _asked(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> list[ResolveResult]:
        # Made when a loop runs.
        system = self._system = self._system or ThreadedResolver()
        try:
            async with asyncio.timeout(self._patience_s):
                return await system.resolve(host, port, family)
        except TimeoutError:
            raise OSError(
                f"no name server answered about it within {self._patience_s:g} s"
            ) from None

    async def close(self) -> None:
        """What is known stays, for the next message."""


async def dial(resolver: AbstractResolver, host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to the first address that takes one. Raises OSError, TimeoutError."""
    found = await resolver.resolve(host, port, socket.AF_UNSPEC)
    last: OSError = OSError(f"{host} has no address")
    for one in found:
        try:
            async with asyncio.timeout(timeout_s / len(found)):
                return await _connected(one)
        except OSError as error:
            last = error
    raise last


async def _connected(one: ResolveResult) -> socket.socket:
    made = socket.socket(family=one["family"], type=socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, (one["host"], one["port"]))
    except BaseException:
        made.close()
        raise
    return made

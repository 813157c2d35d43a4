"""Addresses of alert targets' hosts: an alert about a dead resolver must not need the resolver."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_MOST_KNOWN = 256


class LastKnownResolver(AbstractResolver):
    """Asks the system's resolver. Where that finds nothing, or takes longer than `patience_s`, the
    host's last addresses are used; one that was never found raises OSError."""

    def __init__(self, patience_s: float = 3.0, system: AbstractResolver | None = None) -> None:
        self._patience_s = patience_s
        self._system = system
        self._known: OrderedDict[str, list[ResolveResult]] = OrderedDict()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            found = await self._resolve_by_system(host, port, family)
        except OSError:
            known = self._known.get(host)
            if known is None:
                raise
            return [ResolveResult(**{**address, "port": port}) for address in known]
        self._known[host] = found
        self._known.move_to_end(host)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return found

    async def _resolve_by_system(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> list[ResolveResult]:
        # It is made here, for it needs a running loop.
        system = self._system = self._system or ThreadedResolver()
        try:
            async with asyncio.timeout(self._patience_s):
                return await system.resolve(host, port, family)
        except TimeoutError:
            raise OSError(
                f"no name server answered about it within {self._patience_s:g} s"
            ) from None

    async def close(self) -> None:
        """The known addresses stay, for the next message."""


async def dial(resolver: AbstractResolver, host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to the first address that takes one. Raises OSError, TimeoutError."""
    found = await resolver.resolve(host, port, socket.AF_UNSPEC)
    last: OSError = OSError(f"{host} has no address")
    for address in found:
        try:
            async with asyncio.timeout(timeout_s / len(found)):
                return await _connected(address)
        except OSError as error:
            last = error
    raise last


async def _connected(address: ResolveResult) -> socket.socket:
    connection = socket.socket(family=address["family"], type=socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(
            connection, (address["host"], address["port"])
        )
    except BaseException:
        connection.close()
        raise
    return connection

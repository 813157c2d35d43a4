"""Whether an address takes a connection: one attempt of the connectivity check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from monitor.domain.checks.probe import Context
from monitor.domain.checks.thresholds import is_mostly_lost
from monitor.net.errors import ProbeFailure
from monitor.net.family import Family
from monitor.net.resolve.resolver import literal
from monitor.net.transport import Transport

_RESOLVE_SHARE = 0.5
_MOST_ADDRESSES = 4
_MOST_ATTEMPTS = 3
"""One, and two more where this process stood still meanwhile: a starved process stays so."""
_STALL_S = 1.0
_LEAST_LOST_S = 0.1
"""A shorter loss of time does not explain that nobody answered."""


class ReachabilityTest:
    """Whether `host:port` takes a TCP connection within so many seconds.

    A target's name is only a way to write its address. While our resolver is ill, the address that
    was found last is used, so that the connectivity check still reports the state of our line.
    """

    def __init__(self, transport: Transport, stalled_s: Callable[[], float] | None = None) -> None:
        """See `Context` for `stalled_s`: how long this process has stood still in all."""
        self._transport = transport
        self._stalled_s = stalled_s
        self._known: dict[str, tuple[str, ...]] = {}

    async def __call__(self, target: str, timeout_s: float) -> bool | None:
        """Whether the target answered. None where the name was not found, now or before: nobody was
        asked. An attempt during which this process stood still says nothing about our line, so it
        is repeated. Where the process stands still each time, the result is None too."""
        for _ in range(_MOST_ATTEMPTS):
            began, lost_before_s = monotonic(), self._lost_s()
            answered = await self._attempt(target, timeout_s)
            lost_s = self._lost_s() - lost_before_s
            if answered or lost_s < _LEAST_LOST_S:
                return answered
            if lost_s < _STALL_S and not is_mostly_lost(lost_s, monotonic() - began):
                return answered
        return None

    def _lost_s(self) -> float:
        return 0.0 if self._stalled_s is None else self._stalled_s()

    async def _attempt(self, target: str, timeout_s: float) -> bool | None:
        host, _, port = target.rpartition(":")
        began = monotonic()
        addresses = await self._addresses(host.strip("[]"), timeout_s * _RESOLVE_SHARE)
        if addresses is None:
            return None
        deadline = began + timeout_s
        return await self._first_to_answer(addresses, int(port), deadline)

    async def _addresses(self, host: str, patience_s: float) -> tuple[str, ...] | None:
        if found := literal(host, Family.ANY):
            return found
        with self._transport.run(
            Context(deadline=monotonic() + patience_s, stalled_s=self._stalled_s)
        ) as session:
            session.enter("resolve")
            try:
                found = await self._transport.resolver.addresses(session, host, Family.ANY)
            except ProbeFailure:
                return self._known.get(host)
        self._known[host] = found
        return found

    async def _first_to_answer(
        self, addresses: tuple[str, ...], port: int, deadline: float
    ) -> bool:
        tasks = [
            asyncio.create_task(self._answers(address, port, deadline))
            for address in addresses[:_MOST_ADDRESSES]
        ]
        try:
            for answer in asyncio.as_completed(tasks):
                if await answer:
                    return True
            return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answers(self, address: str, port: int, deadline: float) -> bool:
        with self._transport.run(Context(deadline=deadline, stalled_s=self._stalled_s)) as session:
            try:
                connection = await self._transport.connect(session, address, port)
            except ProbeFailure:
                return False
            connection.close()
            return True

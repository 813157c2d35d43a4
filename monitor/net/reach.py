"""Whether an address takes a connection: the connectivity gate's look."""

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
_MOST_LOOKS = 3
"""One, and two more where this process stood still over it: one that is starved stays so."""
_STALL_S = 1.0
_LEAST_LOST_S = 0.1
"""Less is no cause of silence."""


class ReachProbe:
    """Whether `host:port` takes a TCP connection within so many seconds.

    A target's name is no more than a way to write its address: what it was last time serves
    while our resolver is ill, so that the gate goes on telling how our line is.
    """

    def __init__(self, transport: Transport, stalled_s: Callable[[], float] | None = None) -> None:
        """See `Context` for `stalled_s`: how long this process has stood still in all."""
        self._transport = transport
        self._stalled_s = stalled_s
        self._known: dict[str, tuple[str, ...]] = {}

    async def __call__(self, target: str, timeout_s: float) -> bool | None:
        """None where the name was not found, now or before: nobody was asked. A look over which
        this process stood still says nothing of our line: it is made again, and where it stands
        still again and again, nobody was asked either."""
        for _ in range(_MOST_LOOKS):
            began, lost_before_s = monotonic(), self._lost_s()
            answered = await self._look(target, timeout_s)
            lost_s = self._lost_s() - lost_before_s
            if answered or lost_s < _LEAST_LOST_S:
                return answered
            if lost_s < _STALL_S and not is_mostly_lost(lost_s, monotonic() - began):
                return answered
        return None

    def _lost_s(self) -> float:
        return 0.0 if self._stalled_s is None else self._stalled_s()

    async def _look(self, target: str, timeout_s: float) -> bool | None:
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
        ) as run:
            run.enter("resolve")
            try:
                found = await self._transport.resolver.addresses(run, host, Family.ANY)
            except ProbeFailure:
                return self._known.get(host)
        self._known[host] = found
        return found

    async def _first_to_answer(
        self, addresses: tuple[str, ...], port: int, deadline: float
    ) -> bool:
        asked = [
            asyncio.create_task(self._answers(address, port, deadline))
            for address in addresses[:_MOST_ADDRESSES]
        ]
        try:
            for answer in asyncio.as_completed(asked):
                if await answer:
                    return True
            return False
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _answers(self, address: str, port: int, deadline: float) -> bool:
        with self._transport.run(Context(deadline=deadline, stalled_s=self._stalled_s)) as run:
            try:
                connection = await self._transport.connect(run, address, port)
            except ProbeFailure:
                return False
            connection.close()
            return True

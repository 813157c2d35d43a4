"""The connectivity gate: is it them, or is it our own line?

Looked at only when something fails. A failure is believed by a look that began after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitor.domain.catalogue import Gate
from monitor.domain.observation import FailureId, Observation, Outcome

Reach = Callable[[str, float], Awaitable[bool]]
"""Whether a target (`host:port`) takes a connection within so many seconds."""

NO_NETWORK = FailureId("no_network")


class GateKeeper:
    """One gate's looks: never two at once; who asks during one shares the next."""

    def __init__(self, gate: Gate, reach: Reach) -> None:
        self._gate = gate
        self._reach = reach
        self._current: asyncio.Task[bool] | None = None
        self._next: asyncio.Task[bool] | None = None

    async def is_open(self) -> bool:
        """The verdict of a look that began after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._current))
        return await asyncio.shield(self._next)

    async def _look_after(self, before: asyncio.Task[bool] | None) -> bool:
        if before is not None:
            await asyncio.wait([before])
        self._current, self._next = self._next, None
        return await self._look()

    async def _look(self) -> bool:
        """Open as soon as enough targets answer."""
        asked = [asyncio.create_task(self._ask(target)) for target in self._gate.targets]
        try:
            reached = 0
            for answer in asyncio.as_completed(asked):
                reached += await answer
                if reached >= self._gate.need:
                    return True
            return False
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _ask(self, target: str) -> bool:
        return await self._reach(target, self._gate.timeout_s)


def unseen(observation: Observation) -> Observation:
    """What a failure is worth while our own line is cut: nothing. What was seen stays on record."""
    evidence = {
        **observation.evidence,
        "held": observation.failure,
        "held_message": observation.message,
    }
    return replace(
        observation,
        outcome=Outcome.UNKNOWN,
        failure=NO_NETWORK,
        message="our own line is cut",
        evidence=evidence,
    )

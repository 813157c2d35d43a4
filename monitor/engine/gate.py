"""The connectivity gate: is it them, or is it our own line?

Looked at only when something fails. A failure is believed by a look that began after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitor.domain.catalogue import Gate
from monitor.domain.observation import FailureId, Observation, Outcome

Reach = Callable[[str, float], Awaitable[bool]]
"""Whether a target (`host:port`) takes a connection within so many seconds."""

NO_NETWORK = FailureId("no_network")
SPACING_S = 1.0
"""The targets are other people's: however many checks fail, one look a second."""
_log = logging.getLogger(__name__)


class GateKeeper:
    """One gate's looks: never two at once; who asks during one shares the next."""

    def __init__(self, gate: Gate, reach: Reach, *, spacing_s: float = SPACING_S) -> None:
        self._gate = gate
        self._reach = reach
        self._spacing_s = spacing_s
        self._not_before = 0.0
        self._current: asyncio.Task[bool] | None = None
        self._next: asyncio.Task[bool] | None = None

    async def is_open(self) -> bool:
        """The verdict of a look that began after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._current))
        # One who gives up waiting must not end the look for the others.
        return await asyncio.shield(self._next)

    async def _look_after(self, before: asyncio.Task[bool] | None) -> bool:
        if before is not None:
            await asyncio.wait([before])
        loop = asyncio.get_running_loop()
        if (patience := self._not_before - loop.time()) > 0:
            await asyncio.sleep(patience)
        self._not_before = loop.time() + self._spacing_s
        self._current, self._next = self._next, None
        return await self._look()

    async def _look(self) -> bool:
        """Decided as soon as enough targets answer, or too few are left."""
        asked = [asyncio.create_task(self._ask(target)) for target in self._gate.targets]
        answered = 0
        try:
            for left, answer in zip(
                range(len(asked) - 1, -1, -1), asyncio.as_completed(asked), strict=True
            ):
                answered += await answer
                if answered >= self._gate.need or answered + left < self._gate.need:
                    break
            return answered >= self._gate.need
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _ask(self, target: str) -> bool:
        try:
            return await self._reach(target, self._gate.timeout_s)
        except Exception:  # noqa: BLE001 - a target that cannot even be asked does not answer
            _log.exception("gate_target_broke", extra={"target": target})
            return False


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

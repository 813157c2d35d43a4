"""The connectivity gate: is it them, or is it our own line?

Looked at only when something fails. A failure is believed by a look that began after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitor.domain.catalogue import ConnectivitySettings
from monitor.domain.checks.connectivity import NO_NETWORK
from monitor.domain.checks.observation import FailureId, Json, Observation, Outcome
from monitor.scheduling.single_flight import SPACING_S, SingleFlight, Spell

Reach = Callable[[str, float], Awaitable[bool | None]]
"""Whether a target (`host:port`) takes a connection within so many seconds; None where its name
was not found, so that nobody was asked."""

_log = logging.getLogger(__name__)


class ConnectivityCheck:
    """One gate's looks: never two at once; who asks during one shares the next."""

    def __init__(
        self, gate: ConnectivitySettings, reach: Reach, *, spacing_s: float = SPACING_S
    ) -> None:
        self._gate = gate
        self._reach = reach
        self._looks = SingleFlight(self._look, spacing_s=spacing_s)
        self.shut = Spell()

    async def is_open(self) -> bool | None:
        """The verdict of a look that began after this call; None where those whose names were
        not found would have decided it."""
        return await self._looks.begun_now()

    async def _look(self) -> bool | None:
        is_open = await self._ask_all()
        if is_open is not None:
            self.shut.note(is_ill=not is_open)
        return is_open

    async def _ask_all(self) -> bool | None:
        """Decided as soon as enough targets answer, or too few are left."""
        asked = [asyncio.create_task(self._ask(target)) for target in self._gate.targets]
        answered = unasked = 0
        need = self._gate.need
        try:
            for left, answer in zip(
                range(len(asked) - 1, -1, -1), asyncio.as_completed(asked), strict=True
            ):
                reached = await answer
                answered += reached is True
                unasked += reached is None
                if answered >= need or answered + unasked + left < need:
                    break
            if answered >= need:
                return True
            return None if answered + unasked >= need else False
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _ask(self, target: str) -> bool | None:
        try:
            return await self._reach(target, self._gate.timeout_s)
        except Exception:  # noqa: BLE001 - a target that cannot even be asked does not answer
            _log.exception("gate_target_broke", extra={"target": target})
            return False


def unseen(
    observation: Observation,
    failure: FailureId = NO_NETWORK,
    message: str = "our own line is cut",
    **evidence: Json,
) -> Observation:
    """What a failure is worth while we cannot see: nothing. What was seen stays on record."""
    held = {"held": observation.failure, "held_message": observation.message}
    return replace(
        observation,
        outcome=Outcome.UNKNOWN,
        failure=failure,
        message=message,
        evidence={**observation.evidence, **held, **evidence},
    )

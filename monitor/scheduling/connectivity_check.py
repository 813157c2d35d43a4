"""The connectivity check: did the target fail, or our own line?

It runs only when something fails. Only a run that began after a failure can confirm it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitor.domain.catalogue import ConnectivitySettings
from monitor.domain.checks.connectivity import NO_NETWORK
from monitor.domain.checks.observation import FailureId, Json, Observation, Outcome
from monitor.scheduling.single_flight import SPACING_S, FaultSpan, SingleFlight

IsReachable = Callable[[str, float], Awaitable[bool | None]]
"""Whether a target (`host:port`) takes a connection within so many seconds; None where its name
was not found, so that no host was asked."""

_log = logging.getLogger(__name__)


class ConnectivityCheck:
    """The runs of one connectivity check. Callers during a run share the next one."""

    def __init__(
        self, settings: ConnectivitySettings, reach: IsReachable, *, spacing_s: float = SPACING_S
    ) -> None:
        self._settings = settings
        self._reach = reach
        self._runs = SingleFlight(self._run, spacing_s=spacing_s)
        self.offline = FaultSpan()

    async def is_open(self) -> bool | None:
        """Whether our line works, by a run that began after this call. None where the targets
        whose names were not found would have decided it."""
        return await self._runs.fresh_result()

    async def _run(self) -> bool | None:
        is_online = await self._ask_all()
        if is_online is not None:
            self.offline.note(is_ill=not is_online)
        return is_online

    async def _ask_all(self) -> bool | None:
        """Ask all targets. It is decided as soon as enough answer, or too few are left."""
        tasks = [asyncio.create_task(self._ask(target)) for target in self._settings.targets]
        answered = unasked = 0
        need = self._settings.need
        try:
            for left, answer in zip(
                range(len(tasks) - 1, -1, -1), asyncio.as_completed(tasks), strict=True
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
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, target: str) -> bool | None:
        try:
            return await self._reach(target, self._settings.timeout_s)
        except Exception:  # noqa: BLE001 - a target that cannot be asked counts as unanswered
            _log.exception("gate_target_broke", extra={"target": target})
            return False


def unseen(
    observation: Observation,
    failure: FailureId = NO_NETWORK,
    message: str = "our own line is cut",
    **evidence: Json,
) -> Observation:
    """The failure as `unknown`, because we are offline. The evidence keeps what the run saw."""
    replaced = {"held": observation.failure, "held_message": observation.message}
    return replace(
        observation,
        outcome=Outcome.UNKNOWN,
        failure=failure,
        message=message,
        evidence={**observation.evidence, **replaced, **evidence},
    )

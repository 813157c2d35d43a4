"""Whether a failure is the target's, or that of our own line, which includes our resolver."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from monitor.domain.checks.connectivity import (
    NO_RESOLVER,
    RESOLVED,
    RESOLVER,
    Controls,
    is_ill,
    is_misled,
    was_answered,
)
from monitor.domain.checks.observation import Observation
from monitor.scheduling.connectivity_check import ConnectivityCheck, unseen
from monitor.scheduling.single_flight import SPACING_S, FaultSpan, SingleFlight

FORGED_WITHIN_S = 2.0
"""Time for one query of the control names, and the pause before it."""
_log = logging.getLogger(__name__)

AskControls = Callable[[], Awaitable[Controls]]
"""How each of our resolver's servers answers about the control names; empty without names."""


class ResolverCheck:
    """Asks our resolver about the control names. Callers during one query share the next."""

    def __init__(self, ask: AskControls, *, spacing_s: float = SPACING_S) -> None:
        self._ask = ask
        self._runs = SingleFlight(self._run, spacing_s=spacing_s)
        self.ill = FaultSpan()

    async def controls(self) -> Controls:
        """The result of a query that began after this call."""
        return await self._runs.fresh_result()

    def judge(self, observation: Observation, controls: Controls, began: float) -> bool:
        """Whether the resolver is ill, by one failed run and the control names, or was ill when the
        run began. For a run that got an address: whether that address was forged."""
        failed = observation.evidence.get(RESOLVER)
        if was_answered(failed):
            return is_misled(failed, observation.evidence.get(RESOLVED), controls)
        ill = is_ill(failed, controls)
        self.ill.note(is_ill=ill)
        return ill or self.ill.has(began)

    async def _run(self) -> Controls:
        try:
            return await self._ask()
        except Exception:  # noqa: BLE001 - a resolver that cannot be asked is not called ill
            _log.exception("controls_broke")
            return {}


def is_unresolved(observation: Observation) -> bool:
    """Whether our resolver may have caused the failure: never where it was not asked."""
    return RESOLVER in observation.evidence


async def worth(
    observation: Observation,
    connectivity: ConnectivityCheck | None,
    resolver: ResolverCheck | None,
) -> Observation:
    """A failure as it is to be logged, after its connectivity check and our resolver were asked.

    A connectivity check whose targets' names are not found is undecided. While our resolver is ill,
    that is the run's failure; else nobody knows those names, and we count as offline.
    """
    began = asyncio.get_running_loop().time() - observation.total_ms / 1000
    is_online = True if connectivity is None else await connectivity.is_open()
    if is_online is False or (connectivity is not None and connectivity.offline.has(began)):
        return unseen(observation)
    if resolver is not None and (is_online is None or is_unresolved(observation)):
        controls = await _controls(resolver, observation)
        if resolver.judge(observation, controls, began):
            return _unresolved(observation, controls)
    return observation if is_online else unseen(observation)


async def _controls(resolver: ResolverCheck, observation: Observation) -> Controls:
    """The controls. A server forges at once, so a run that got an address waits only briefly."""
    if not was_answered(observation.evidence.get(RESOLVER)):
        return await resolver.controls()
    try:
        return await asyncio.wait_for(resolver.controls(), FORGED_WITHIN_S)
    except TimeoutError:
        return {}


def _unresolved(observation: Observation, controls: Controls) -> Observation:
    asked = observation.evidence.get(RESOLVER)
    names = ", ".join(dict.fromkeys((*controls, *(asked if isinstance(asked, Mapping) else ()))))
    by_server = {
        server: [{"uncached": c.uncached, "plain": c.plain} for c in found]
        for server, found in controls.items()
    }
    verb = "is not to be believed" if was_answered(asked) else "does not answer"
    return unseen(observation, NO_RESOLVER, f"our resolver {verb}: {names}", controls=by_server)

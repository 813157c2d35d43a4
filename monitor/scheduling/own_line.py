"""What a failure is worth: is it them, or our own line, of which our resolver is a part?"""

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
from monitor.scheduling.single_flight import SPACING_S, SingleFlight, Spell

FORGED_WITHIN_S = 2.0
"""A look at the control names, and the pause before it."""
_log = logging.getLogger(__name__)

AskControls = Callable[[], Awaitable[Controls]]
"""How each of our resolver's servers does by the control names; empty where there are none."""


class ResolverKeeper:
    """Asks our resolver about the control names; who asks during one look shares the next."""

    def __init__(self, ask: AskControls, *, spacing_s: float = SPACING_S) -> None:
        self._ask = ask
        self._looks = SingleFlight(self._look, spacing_s=spacing_s)
        self.ill = Spell()

    async def controls(self) -> Controls:
        """What a look saw that began after this call."""
        return await self._looks.begun_now()

    def judge(self, seen: Observation, controls: Controls, began: float) -> bool:
        """Whether it is ill, as one failed look and the control names have it, or was when the look
        began; of a look that had an address to go to, whether that was forged."""
        failed = seen.evidence.get(RESOLVER)
        if was_answered(failed):
            return is_misled(failed, seen.evidence.get(RESOLVED), controls)
        ill = is_ill(failed, controls)
        self.ill.note(is_ill=ill)
        return ill or self.ill.has(began)

    async def _look(self) -> Controls:
        try:
            return await self._ask()
        except Exception:  # noqa: BLE001 - what cannot even be asked accuses nobody
            _log.exception("controls_broke")
            return {}


def is_unresolved(seen: Observation) -> bool:
    """Whether our resolver may be what the look failed by: not so where it was not asked."""
    return RESOLVER in seen.evidence


async def worth(
    seen: Observation, gate: ConnectivityCheck | None, resolver: ResolverKeeper | None
) -> Observation:
    """A failure as it is to be logged, its gate and our resolver having been asked after it.

    A gate whose targets' names are not found is neither open nor shut: while our resolver is
    ill, that is what is said of the look; else nobody knows those names, and it is shut.
    """
    began = asyncio.get_running_loop().time() - seen.total_ms / 1000
    is_open = True if gate is None else await gate.is_open()
    if is_open is False or (gate is not None and gate.shut.has(began)):
        return unseen(seen)
    if resolver is not None and (is_open is None or is_unresolved(seen)):
        controls = await _controls(resolver, seen)
        if resolver.judge(seen, controls, began):
            return _unresolved(seen, controls)
    return seen if is_open else unseen(seen)


async def _controls(resolver: ResolverKeeper, seen: Observation) -> Controls:
    """Who forges answers does so at once: a look that had an address to go to waits for no more."""
    if not was_answered(seen.evidence.get(RESOLVER)):
        return await resolver.controls()
    try:
        return await asyncio.wait_for(resolver.controls(), FORGED_WITHIN_S)
    except TimeoutError:
        return {}


def _unresolved(seen: Observation, controls: Controls) -> Observation:
    asked = seen.evidence.get(RESOLVER)
    names = ", ".join(dict.fromkeys((*controls, *(asked if isinstance(asked, Mapping) else ()))))
    said = {
        server: [{"uncached": c.uncached, "plain": c.plain} for c in found]
        for server, found in controls.items()
    }
    does = "is not to be believed" if was_answered(asked) else "does not answer"
    return unseen(seen, NO_RESOLVER, f"our resolver {does}: {names}", controls=said)

"""Looks of a probe on a machine that may stand still meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.thresholds import STALLED_MONITOR
from monitor.scheduling import check_run

LOOKS = 4
"""So many times a busy machine is asked."""


def is_spoilt(seen: Observation) -> bool:
    """Whether the machine stood still during the look: it says more of the machine than of the
    server (`judge_stalled`)."""
    return seen.failure == STALLED_MONITOR or ("stalled_s" in seen.evidence and not seen.phases_ms)


async def looked(look: Callable[[], Awaitable[Observation]]) -> Observation:
    """What the first look that nothing spoilt saw; the last look, where each was spoilt."""
    seen = await look()
    for _ in range(LOOKS - 1):
        if not is_spoilt(seen):
            break
        seen = await look()
    return seen


async def run_check(probe: Any, spec: Any, **settings: Any) -> Observation:
    """`monitor.scheduling.check_run.run_check`, again where it was spoilt. A look with a transcript
    is not repeated: its lines would stand there twice."""
    if settings.get("transcript") is not None:
        return await check_run.run_check(probe, spec, **settings)
    return await looked(lambda: check_run.run_check(probe, spec, **settings))

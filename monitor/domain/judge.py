"""A look that worked may still have been too slow: thresholds turn `up` into `degraded`."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.catalogue import Thresholds
from monitor.domain.observation import FailureId, Observation, Outcome

TOO_SLOW = FailureId("too_slow")


def judge(observation: Observation, thresholds: Thresholds) -> Observation:
    """The observation as the thresholds see it; only an `up` can change, to `too_slow`.

    >>> seen = Observation(outcome=Outcome.UP, phases_ms={"connect": 5.0, "processing": 900.0})
    >>> judge(seen, Thresholds(slow_ms=1000.0)) is seen
    True
    >>> judge(seen, Thresholds(slow_ms=800.0)).message
    'took 905 ms; slow is over 800 ms'
    """
    limit = thresholds.slow_ms
    if limit is None or observation.outcome is not Outcome.UP:
        return observation
    took = observation.total_ms
    if took <= limit:
        return observation
    return replace(
        observation,
        outcome=Outcome.DEGRADED,
        failure=TOO_SLOW,
        message=f"took {took:.0f} ms; slow is over {limit:.0f} ms",
        evidence={**observation.evidence, "total_ms": round(took, 1), "slow_ms": limit},
    )

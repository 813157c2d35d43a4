"""A check run that succeeded may still have been too slow: thresholds turn `up` into `degraded`.
And what a check run says about time is worth nothing where the monitor itself stood still."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.catalogue import Thresholds
from monitor.domain.checks.observation import FailureId, Observation, Outcome

TOO_SLOW = FailureId("too_slow")
STALLED_MONITOR = FailureId("stalled_monitor")


def judge(observation: Observation, thresholds: Thresholds) -> Observation:
    """The observation as the thresholds judge it; only an `up` can change, to `too_slow`.

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
        is_time_dependent=True,
    )


def is_mostly_lost(lost_s: float, took_s: float) -> bool:
    """Whether at least half of the time that something took was lost while the monitor stood still.

    >>> is_mostly_lost(0.4, 1.0), is_mostly_lost(0.5, 1.0)
    (False, True)
    """
    return lost_s * 2 >= took_s


def judge_late(observation: Observation, thresholds: Thresholds, lost_s: float) -> Observation:
    """A check run that lost some of its time, in pieces: it is too slow where it would have been
    too slow without them. Where only they made it slow, that says nothing about the target.

    >>> seen = Observation(outcome=Outcome.UP, phases_ms={"processing": 1_300.0})
    >>> judge_late(seen, Thresholds(slow_ms=1000.0), 0.2).failure
    'too_slow'
    >>> judge_late(seen, Thresholds(slow_ms=1000.0), 0.4).failure
    'stalled_monitor'
    """
    judged = judge(observation, thresholds)
    limit = thresholds.slow_ms
    if limit is None or judged.failure != TOO_SLOW or judged.total_ms - lost_s * 1000 > limit:
        return judged
    return judge_stalled(observation, thresholds, lost_s)


def judge_stalled(
    observation: Observation, thresholds: Thresholds, stalled_s: float
) -> Observation:
    """A check run during which the monitor stood still. An answer that came is judged as usual;
    what depends on time (nothing in time, a connection given up, slowness) is `unknown`. Its phases
    are dropped, for they include the monitor's own pause.

    >>> seen = Observation(outcome=Outcome.UP, phases_ms={"connect": 7_005.0})
    >>> judge_stalled(seen, Thresholds(), 7.0).outcome.value
    'up'
    >>> judge_stalled(seen, Thresholds(slow_ms=800.0), 7.0).failure
    'stalled_monitor'
    """
    judged = judge(observation, thresholds)
    evidence = {**judged.evidence, "stalled_s": round(stalled_s, 1)}
    if not judged.is_time_dependent:
        return replace(judged, phases_ms={}, evidence=evidence)
    return replace(
        judged,
        outcome=Outcome.UNKNOWN,
        failure=STALLED_MONITOR,
        message=f"the monitor stood still for {stalled_s:.1f} s during this look",
        phases_ms={},
        evidence={**evidence, "held": judged.failure, "held_message": judged.message},
    )

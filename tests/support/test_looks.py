"""Looks on a busy machine are asked for again, and never without end."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.checks.thresholds import STALLED_MONITOR
from tests.support.looks import LOOKS, looked

GOOD = Observation(outcome=Outcome.UP, phases_ms={"connect": 1.0})
BAD = Observation(outcome=Outcome.DOWN, failure="conn_refused")  # type: ignore[arg-type]
STOOD_STILL = Observation(outcome=Outcome.UNKNOWN, failure=STALLED_MONITOR)
WITHOUT_TIMES = Observation(outcome=Outcome.UP, evidence={"stalled_s": 2.0})


class Given:
    """Looks that see one thing after the other."""

    def __init__(self, sights: Sequence[Observation]) -> None:
        self._sights = list(sights)

    async def __call__(self) -> Observation:
        return self._sights.pop(0)


async def test_a_look_that_nothing_spoilt_is_the_only_one() -> None:
    assert await looked(Given([GOOD])) is GOOD
    assert await looked(Given([BAD])) is BAD


async def test_a_look_during_which_the_machine_stood_still_is_repeated() -> None:
    assert await looked(Given([STOOD_STILL, WITHOUT_TIMES, BAD])) is BAD


async def test_it_gives_up_with_what_it_saw_last() -> None:
    assert await looked(Given([STOOD_STILL] * LOOKS)) is STOOD_STILL

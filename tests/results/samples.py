"""Results for tests of the log."""

from __future__ import annotations

from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    FailureId,
    Json,
    LocationId,
    Outcome,
    Result,
)
from monitor.domain.time.interval import Second

T0 = Second(1_790_812_800)


def a_result(
    slot: int = 0, *, check: str = "web", location: LocationId = LOCAL, message: str = "",
    outcome: Outcome = Outcome.UP, evidence: dict[str, Json] | None = None,
) -> Result:  # fmt: skip
    """A result `slot` seconds after T0; failing ones are `conn_refused`."""
    return Result(
        check=CheckId(check),
        location=location,
        slot=Second(T0 + slot),
        revision=1,
        outcome=outcome,
        failure=None if outcome is Outcome.UP else FailureId("conn_refused"),
        message=message,
        phases_ms={"connect": 1.25},
        evidence=evidence or {},
    )


def some_results(first: int, count: int) -> list[Result]:
    """One a second, from second `first` on."""
    return [a_result(slot) for slot in range(first, first + count)]

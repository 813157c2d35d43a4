"""What a probe saw, the result that the log stores of it, and why it failed, as a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

from monitor.domain.checks.symptoms import Symptom
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

CheckId = NewType("CheckId", str)
ComponentId = NewType("ComponentId", str)
ServiceId = NewType("ServiceId", str)
LocationId = NewType("LocationId", str)
FailureId = NewType("FailureId", str)
"""A stable identifier of the field, such as `conn_refused`: stored, alerted on, translated."""

LOCAL = LocationId("local")


class Outcome(StrEnum):
    """A check run's verdict. `UNKNOWN` says that the run itself failed: it proves nothing."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one run of a probe saw.

    `failure` is None exactly when the outcome is UP. `phases_ms` holds only the phases that
    happened, in their order. `evidence` is small, JSON-able and free of secrets. `memory`
    (<= 4 KiB) comes back to the probe's next run through its context; None stores nothing.
    `is_time_dependent`: had this process not stood still, it might not have failed. Its class says
    so (`FailureClass.is_timing`), or that of a fault which it was derived from.
    """

    outcome: Outcome
    failure: FailureId | None = None
    message: str = ""
    phases_ms: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Json] = field(default_factory=dict)
    memory: bytes | None = None
    is_time_dependent: bool = False

    def __post_init__(self) -> None:
        if (self.failure is None) != (self.outcome is Outcome.UP):
            raise ValueError(f"outcome {self.outcome} with failure {self.failure!r}")

    @property
    def total_ms(self) -> float:
        return sum(self.phases_ms.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A logged observation. `(location, check, era, slot)` is its identity everywhere; of two
    eras that saw one slot the later counts (`monitor.domain.time.eras`)."""

    check: CheckId
    location: LocationId
    slot: Second
    revision: int
    outcome: Outcome
    failure: FailureId | None = None
    message: str = ""
    phases_ms: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Json] = field(default_factory=dict)
    era: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedResult:
    """A result with its place in the log; `seq` only grows. `is_absurd`: its slot lay ahead of the
    clock, or its era had ended, when it was logged; no fold reads it."""

    seq: int
    result: Result
    is_absurd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureClass:
    """One way to fail.

    `symptom` is what a customer notices of it: its words are those of each language, by the kind
    of service. `summary`, `cause` and `remedy` are for operators, each in Spanish and in English: a
    message is written in one language from its subject to its last line.

    `is_timing`: it says that something took too long, never came, or that the other side gave up
    waiting. Where the monitor itself stood still meanwhile, that proves nothing.
    """

    id: FailureId
    outcome: Outcome
    symptom: Symptom
    summary: Text
    cause: Text
    remedy: Text
    is_timing: bool = False

"""What a script did to targets and to the product, in seconds of a clock that nobody sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.demo.faults import Fault


class Kind(StrEnum):
    """What is done to the product, not to its targets."""

    CLOCK = "clock set"
    RESOLVER = "resolver dead"
    PROBER = "prober stopped"
    CORE = "core stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A target was down from `fall` to `rise`."""

    target: str
    fault: Fault
    fall: float
    rise: float

    @property
    def lasts(self) -> float:
        return self.rise - self.fall


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """From `start` to `end`; setting a clock takes no time."""

    kind: Kind
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The product's wall clock was set, to so many seconds from where it was at first."""

    at: float
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`wall` is what the product's wall clock showed at moment 0; judged is until `ends`.
    `named` are the targets that are asked by name, for which a resolver is needed."""

    wall: float
    ends: float
    outages: tuple[Outage, ...]
    disturbances: tuple[Disturbance, ...] = ()
    settings: tuple[Setting, ...] = ()
    named: frozenset[str] = frozenset()

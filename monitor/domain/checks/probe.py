"""The probe port: one behaviour, one run at a time, under a deadline that the runner owns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from monitor.domain.checks.observation import Observation

SpecT = TypeVar("SpecT", contravariant=True)
MEMORY_LIMIT = 4096


class Transcript(Protocol):
    """A sink for what is exchanged on the wire; secrets are masked by the caller."""

    def sent(self, words: str) -> None: ...
    def received(self, words: str) -> None: ...
    def note(self, words: str) -> None:
        """An event that is no line of the protocol, such as a handshake."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the runner gives to one run.

    `deadline` is on the loop's monotonic clock: past it the observation must be ready, with the
    class of the phase in which time ran out. `stalled_s` gives how many seconds this process has
    stood still so far, ever: what is added to that during the run is added to the deadline.
    `memory` (<= 4 KiB) is what the previous run of the same check left, None at first.
    `at_deadline` takes what is to be called at the deadline unless the run is over by then; where
    it is None, the probe sets a timer of its own.
    """

    deadline: float
    transcript: Transcript | None = None
    memory: bytes | None = None
    at_deadline: Callable[[Callable[[], None]], None] | None = None
    stalled_s: Callable[[], float] | None = None


class Probe(Protocol[SpecT]):
    def start(self, spec: SpecT, context: Context) -> Awaitable[Observation]:
        """Probe the target once. A failing target is an observation; an exception is a bug
        (which the runner logs as `unknown`, class `probe_error`)."""
        ...

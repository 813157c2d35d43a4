"""What happened to a maintenance window, step by step: each is an update of the public record, with
a name that it keeps, whatever comes after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.maintenance import MaintenancePhase, MaintenanceWindow
from monitor.domain.time.interval import Second

REMINDED_S = 86_400
"""A day before it begins; what was announced less than two days before is not said twice."""


class StepKind(StrEnum):
    ANNOUNCED = "announced"
    REMINDED = "reminded"
    STARTED = "started"
    EXTENDED = "extended"
    ENDED = "ended"
    CANCELLED = "cancelled"


_PLACE = {kind: place for place, kind in enumerate(StepKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceStep:
    """`name` is its own within the window: `announced`, `extended-2`. `phase` is that of the window
    from then on, `end` the end that held then. One that `is_early` ended before that."""

    name: str
    kind: StepKind
    at: Second
    phase: MaintenancePhase
    end: Second
    is_early: bool = False


def steps_of(window: MaintenanceWindow, now: Second) -> tuple[MaintenanceStep, ...]:
    """The steps until now, oldest first. What no snapshot showed yet becomes public with this one;
    what was taken back before any showed it has no steps."""
    public_at = window.published_at
    if public_at is None and window.cancelled_at is not None:
        return ()
    since = now if public_at is None else public_at
    found = [step for step in _steps(window, since, now) if step.at <= now]
    return tuple(sorted(found, key=lambda step: (step.at, _PLACE[step.kind])))


def _steps(window: MaintenanceWindow, since: Second, now: Second) -> Iterator[MaintenanceStep]:
    """`since`: from when it is public. Nothing is told of it from before."""
    start, first_end = window.start, window.planned_end
    yield _step(StepKind.ANNOUNCED, since, MaintenancePhase.SCHEDULED, first_end)
    cancelled = window.cancelled_at
    if cancelled is not None and window.was_cancelled:
        yield from _reminder(window, since, cancelled)
        yield _step(
            StepKind.CANCELLED, max(since, cancelled), MaintenancePhase.CANCELLED, window.end
        )
        return
    yield from _reminder(window, since, start)
    yield _step(StepKind.STARTED, max(since, start), MaintenancePhase.IN_PROGRESS, first_end)
    yield from _extensions(window, since, now)
    over = window.effective.end
    is_early = window.was_ended_early
    many = len(window.extensions)
    yield _step(StepKind.ENDED, max(since, over), MaintenancePhase.COMPLETED, window.end, many,
                is_early=is_early)  # fmt: skip


def _reminder(
    window: MaintenanceWindow, since: Second, before: Second
) -> Iterator[MaintenanceStep]:
    at = Second(window.start - REMINDED_S)
    if since <= at - REMINDED_S and at < before:
        yield _step(StepKind.REMINDED, at, MaintenancePhase.SCHEDULED, window.planned_end)


def _extensions(window: MaintenanceWindow, since: Second, now: Second) -> Iterator[MaintenanceStep]:
    """Each extension and, where work had overrun before it was public, the end that it put off."""
    for many, added in enumerate(window.extensions):
        at = max(since, now if added.published_at is None else added.published_at)
        if window.cancelled_at is not None and at >= window.cancelled_at:
            continue
        if at > added.start:
            yield _step(StepKind.ENDED, max(since, added.start), MaintenancePhase.COMPLETED,
                        added.start, many)  # fmt: skip
        is_begun = at >= window.start
        phase = MaintenancePhase.IN_PROGRESS if is_begun else MaintenancePhase.SCHEDULED
        yield _step(StepKind.EXTENDED, at, phase, added.end, many + 1)


def _step(
    kind: StepKind,
    at: Second,
    phase: MaintenancePhase,
    end: Second,
    number: int = 0,
    *,
    is_early: bool = False,
) -> MaintenanceStep:
    name = f"{kind}-{number}" if number else str(kind)
    return MaintenanceStep(name=name, kind=kind, at=at, phase=phase, end=end, is_early=is_early)

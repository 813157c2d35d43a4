"""What components are by what was decided and is not in the journal yet, for another transaction
holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Second
from monitor.journal.ports import Decided
from monitor.state.component_status import present_status
from monitor.state.core_state import CoreState


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedStatus:
    """A component's present status and the one that is recorded."""

    component: ComponentId
    status: Outcome
    since: Second
    cause: str
    recorded: Outcome


def unrecorded_statuses(
    state: CoreState,
    unrecorded: Sequence[Decided],
    windows: Sequence[MaintenanceWindow],
    now: Second,
) -> tuple[UnrecordedStatus, ...]:
    """Those of public components that decisions of now are about. Nothing is said of what is in
    maintenance, or of what is not known."""
    decided: dict[ComponentId, list[Transition]] = {}
    for item in unrecorded:
        component = state.moved_by(item)
        if component in state.shown and not _is_in_maintenance(component, windows, now):
            decided.setdefault(component, []).append(item.transition)
    found = [_status(state, component, moves, now) for component, moves in decided.items()]
    return tuple(status for status in found if status.status is not Outcome.UNKNOWN)


def _status(
    state: CoreState, component: ComponentId, moves: Sequence[Transition], now: Second
) -> UnrecordedStatus:
    status = present_status(
        state.catalogue, state.shown[component], state.states, now, state.silent_s
    )
    recorded = state.component_statuses.get(component)
    last = max(
        (move for move in moves if move.to is status) if _reaches(moves, status) else moves,
        key=lambda move: move.effective_at,
    )
    return UnrecordedStatus(
        component=component,
        status=status,
        since=last.effective_at,
        cause=last.cause,
        recorded=recorded.status if recorded is not None else Outcome.UNKNOWN,
    )


def _reaches(moves: Sequence[Transition], status: Outcome) -> bool:
    return any(move.to is status for move in moves)


def _is_in_maintenance(
    component: ComponentId, windows: Sequence[MaintenanceWindow], now: Second
) -> bool:
    return any(component in w.components and now in w.effective for w in windows)

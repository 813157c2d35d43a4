"""One maintenance window as lists show it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.screens.incidents.incident_card import name_of
from monitor.console.speech import Speech
from monitor.console.states import State
from monitor.console.visit import Visit
from monitor.domain.maintenance import MaintenancePhase, MaintenanceWindow
from statuspage.parts.html import Html

_STYLES = {
    MaintenancePhase.SCHEDULED: ("maint", "maint"),
    MaintenancePhase.IN_PROGRESS: ("fix", "fix"),
    MaintenancePhase.COMPLETED: ("ok", "ok"),
    MaintenancePhase.CANCELLED: ("nd", "nd"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCard:
    id: str
    url: str
    title: str
    impact: str
    state: State
    span: Html
    components: tuple[str, ...]
    is_public: bool
    created_by: str
    reason: str
    revision: int
    is_over: bool


def window_state(window: MaintenanceWindow, speech: Speech) -> State:
    phase = window.phase(speech.now)
    css, icon = _STYLES[phase]
    return State(css=f"is-{css}", icon=f"i-{icon}", word=speech.words.windows[phase])


def window_card(window: MaintenanceWindow, visit: Visit) -> WindowCard:
    speech = visit.speech
    phase = window.phase(speech.now)
    return WindowCard(
        id=window.id,
        url=f"/maintenance/{window.id}",
        title=speech.text(window.title),
        impact=speech.text(window.impact),
        state=window_state(window, speech),
        span=speech.span(window.start, window.end),
        components=tuple(name_of(c, visit.catalogue, speech) for c in window.components),
        is_public=window.published_at is not None,
        created_by=window.created_by,
        reason=window.reason,
        revision=window.revision,
        is_over=phase in (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED),
    )

"""How states look: icon, word and colour, always all three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.console.speech import Speech
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Incident, Phase

_STYLES: Mapping[Outcome, str] = {
    Outcome.UP: "ok",
    Outcome.DEGRADED: "slow",
    Outcome.DOWN: "down",
    Outcome.UNKNOWN: "nd",
}
_PHASES: Mapping[Phase, tuple[str, str]] = {
    Phase.INVESTIGATING: ("down", "down"),
    Phase.IDENTIFIED: ("fix", "fix"),
    Phase.MONITORING: ("ok", "watch"),
    Phase.RESOLVED: ("ok", "ok"),
}
_WORST = (Outcome.DOWN, Outcome.DEGRADED, Outcome.UNKNOWN, Outcome.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`css` colours, `icon` names a symbol of the page, `word` says it."""

    css: str
    icon: str
    word: str


def state_of(outcome: Outcome, speech: Speech, word: str = "") -> State:
    style = _STYLES[outcome]
    return State(css=f"is-{style}", icon=f"i-{style}", word=word or speech.words.outcomes[outcome])


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    return min(outcomes, key=_WORST.index, default=Outcome.UP)


def phase_of(incident: Incident, speech: Speech) -> State:
    return phase_state(incident.phase, incident, speech)


def phase_state(phase: Phase, incident: Incident, speech: Speech) -> State:
    """A phase of its record; while it is investigated, in the colour of the worst that it came
    to."""
    css, icon = _PHASES[phase]
    if phase is Phase.INVESTIGATING and not incident.was_down:
        css = icon = "slow"
    return State(css=f"is-{css}", icon=f"i-{icon}", word=speech.words.phases[phase])

"""How a state looks: icon, word and colour, always all three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.rollup import Shown
from monitor.i18n.formats import capital
from monitor.i18n.forms.page import StateWords, Words
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE, SYMPTOMS
from statuspage.parts.context import Context
from statuspage.view.model import PublicComponent, PublicIncident, PublicMaintenance

_STYLES = {
    Shown.OPERATIONAL: "ok",
    Shown.SLOW: "slow",
    Shown.REPAIR: "fix",
    Shown.DOWN: "down",
    Shown.MAINTENANCE: "maint",
    Shown.NO_DATA: "nd",
}
_WATCH = "watch"
_RANK = {shown: place for place, shown in enumerate(Shown)}
_SLOWNESS = (None, Symptom.SLOW, Symptom.OLD_PROTOCOL)
_FALLEN = (Shown.DOWN, Shown.REPAIR, Shown.SLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`css` colours, `icon` names a symbol of the page, `word` says it."""

    css: str
    icon: str
    word: str


def state_of(shown: Shown, context: Context, *, word: str | None = None) -> State:
    style = _STYLES[shown]
    shown_word = context.words.states[shown].one if word is None else word
    return State(css=f"is-{style}", icon=f"i-{style}", word=shown_word)


def is_faulty(component: PublicComponent) -> bool:
    """Whether it is shown as slow for another reason than slowness."""
    return component.shown is Shown.SLOW and component.symptom not in _SLOWNESS


def component_word(component: PublicComponent, lang: Lang) -> str:
    """Its state as its card and the answer have it: nobody who reads of a warning reads "slow"."""
    if component.shown is Shown.SLOW and component.symptom is Symptom.UNNOTICED:
        return capital(SYMPTOMS[lang][Symptom.UNNOTICED].phrase)
    return _words_of([component], PAGE[lang]).one


def component_state(component: PublicComponent, context: Context) -> State:
    return state_of(component.shown, context, word=component_word(component, context.lang))


def _words_of(components: Sequence[PublicComponent], words: Words) -> StateWords:
    """Of components in one state."""
    return words.faulty if any(map(is_faulty, components)) else words.states[components[0].shown]


def icon_file(shown: Shown) -> str:
    """The static file with the icon of a state, to stand in a browser's tab."""
    return f"icon-{_STYLES[shown]}.svg"


def preview_file(shown: Shown, lang: Lang) -> str:
    """The static file with the picture that a chat shows of a link (`scripts/previews.py`)."""
    return f"preview-{_STYLES[shown]}-{lang.value}.png"


def worst(components: Sequence[PublicComponent]) -> Shown:
    return min((c.shown for c in components), key=lambda s: _RANK[s])


def rank(shown: Shown) -> int:
    """Worst first."""
    return _RANK[shown]


def group_state(components: Sequence[PublicComponent], context: Context) -> State:
    """The worst member's state, and of how many: `1 de 3 en reparación`."""
    shown = worst(components)
    found = [c for c in components if c.shown is shown]
    if len(components) == 1:
        return component_state(components[0], context)
    words = _words_of(found, context.words)
    if len(found) == len(components):
        return state_of(shown, context, word=words.all_)
    word = context.words.some_of.format(n=len(found), m=len(components), x=words.some)
    return state_of(shown, context, word=word)


def incident_shown(incident: PublicIncident, context: Context) -> Shown:
    """The worst state of what the incident still affects; operational from recovery on."""
    if incident.is_merged:
        return Shown.NO_DATA
    if incident.is_unseen or incident.closed_at is not None:
        return Shown.NO_DATA
    if incident.phase in (Phase.MONITORING, Phase.RESOLVED):
        return Shown.OPERATIONAL
    if incident.phase is Phase.IDENTIFIED:
        return Shown.REPAIR
    states = [c.shown for c in _still_affected(incident, context) if c.shown in _FALLEN]
    return min(states, key=rank) if states else worst_part(incident)


def _still_affected(incident: PublicIncident, context: Context) -> list[PublicComponent]:
    affected = {part.component for part in incident.parts if part.end is None}
    return [c for c in context.view.components if c.id in affected]


def worst_part(incident: PublicIncident) -> Shown:
    """The worst state that an incident reached; NO_DATA where nothing failed in it."""
    if not incident.has_failures:
        return Shown.NO_DATA
    was_down = any(part.status is Outcome.DOWN for part in incident.parts)
    return Shown.DOWN if was_down else Shown.SLOW


def incident_state(incident: PublicIncident, context: Context) -> State:
    """Colour and icon of the incident; its phase in words where it is over or nearly so."""
    shown = incident_shown(incident, context)
    if incident.is_merged:
        return state_of(shown, context, word=context.words.merged)
    if incident.phase is Phase.INVESTIGATING and not incident.has_failures:
        return phase_state(incident.phase, shown, context)
    if incident.phase is Phase.MONITORING:
        return phase_state(incident.phase, shown, context)
    if incident.closed_at is not None:
        return closed_state(context)
    if incident.is_unseen:
        return unwatched_state(context)
    if incident.phase is Phase.RESOLVED:
        return state_of(shown, context, word=context.words.phases[incident.phase])
    return state_of(shown, context, word=_word_of_slow(incident, context, shown))


def _word_of_slow(incident: PublicIncident, context: Context, shown: Shown) -> str | None:
    """What its components have in common; None of any other state."""
    slow = [c for c in _still_affected(incident, context) if c.shown is shown is Shown.SLOW]
    said = {component_word(c, context.lang) for c in slow}
    return said.pop() if len(said) == 1 else context.words.faulty.one if said else None


def maintenance_state(window: PublicMaintenance, context: Context) -> State:
    """What is planned and runs is maintenance; what is over or was cancelled says so."""
    words = context.words
    match window.phase:
        case MaintenancePhase.COMPLETED:
            return state_of(Shown.OPERATIONAL, context, word=words.maintenance_done)
        case MaintenancePhase.CANCELLED:
            return state_of(Shown.NO_DATA, context, word=words.maintenance_cancelled)
        case MaintenancePhase.SCHEDULED:
            return state_of(Shown.MAINTENANCE, context, word=words.planned)
        case MaintenancePhase.IN_PROGRESS:
            return state_of(Shown.MAINTENANCE, context)


def unwatched_state(context: Context) -> State:
    """Of what is over because nothing watches it any more."""
    return state_of(Shown.NO_DATA, context, word=context.words.unwatched)


def closed_state(context: Context) -> State:
    """Of what a person closed while it was down."""
    return state_of(Shown.NO_DATA, context, word=context.words.closed)


def phase_state(phase: Phase, worst_shown: Shown, context: Context) -> State:
    """One entry of an incident's record."""
    word = context.words.phases[phase]
    match phase:
        case Phase.INVESTIGATING:
            return state_of(worst_shown, context, word=word)
        case Phase.IDENTIFIED:
            return state_of(Shown.REPAIR, context, word=word)
        case Phase.MONITORING:
            return State(css="is-ok", icon=f"i-{_WATCH}", word=word)
        case Phase.RESOLVED:
            return state_of(Shown.OPERATIONAL, context, word=word)

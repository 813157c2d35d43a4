"""One incident: how it stands, what was seen, its record, and what a person may write in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.api.present.moment import FAILED, Present
from monitor.console.commands import exclusion_commands, incident_commands
from monitor.console.figures.budget import budgets_at_risk, month_budgets
from monitor.console.screens.exclusions.card import ExclusionCard, exclusion_card
from monitor.console.screens.incidents.incident_card import IncidentCard, incident_card, name_of
from monitor.console.speech import Speech
from monitor.console.states import State, phase_state, state_of
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import Outcome, Result
from monitor.domain.incidents.delivery import Delivery, Notification
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    Phase,
    Piece,
    Statement,
    Update,
)
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import Text
from monitor.i18n.addresses import incident_path
from monitor.i18n.languages import OPERATORS_LANGUAGES, Lang
from monitor.i18n.words import PAGE
from monitor.incidents.service_bounds import ServiceBounds
from statuspage.parts.html import Html

_PHASES = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING)
_MOST_CHECKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    component: str
    name: str
    url: str
    state: State
    cause: str
    span: Html
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one check saw last, at one location."""

    check: str
    url: str
    location: str
    state: State
    cause: str
    evidence: str
    at: Html | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One update. `words` are pairs of a language and what it says there."""

    number: int
    state: State
    at: Html
    actor: str
    is_automatic: bool
    words: tuple[tuple[str, str], ...]
    former: tuple[str, ...]
    spanish: str
    english: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message to operators."""

    target: str
    state: State
    at: Html | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the public page would say, in one language."""

    lang: str
    name: str
    state: State
    title: str
    text: str
    falls_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    card: IncidentCard
    is_open: bool
    may_write: bool
    revision: int
    phase: Phase
    phases: tuple[tuple[Phase, str], ...]
    still_down: tuple[str, ...]
    parts: tuple[Part, ...]
    seen: tuple[Seen, ...]
    entries: tuple[Entry, ...]
    told: tuple[Told, ...]
    public_urls: tuple[tuple[str, str, str], ...]
    """Language, its name, address."""
    others: tuple[tuple[str, str], ...]
    """Incidents that people put beside this one: how, and the id."""
    previews: tuple[Preview, ...]
    may_join: bool
    """It may be merged, split and linked."""
    may_reopen: bool
    affected: tuple[tuple[str, str], ...]
    """Components and their names, to choose from."""
    exclusions: tuple[ExclusionCard, ...]
    """Those that touch one of its components while it lasted."""
    may_propose: bool
    editing: int
    """The update whose words are being corrected; 0: none."""


def show(visit: Visit) -> Page:
    return _page(visit)


def update(visit: Visit) -> Shown:
    """Publish, resolve, or look first: which button it was decides."""
    form = visit.form
    text = form.required_words("text", "text")
    title, action = form.words("title"), form.text("action")
    phase = form.text("phase")
    if phase and phase not in list(Phase):
        raise Refused("form.choice", field="phase", got=phase[:40])
    if action == "preview":
        return _page(visit, previews=(text, title))
    commands, revision = incident_commands(visit, is_writing=True), form.number("revision")
    minutes = form.number("next")
    if action == "resolve":
        saved = commands.resolve(
            visit.name, text=text, title=title, revision=revision,
            although_down=form.has("although_down"),
        )  # fmt: skip
        return Redirect(to=f"/incidents/{saved.id}?done=resolved")
    saved = commands.update(
        visit.name, text=text, title=title, phase=Phase(phase) if phase else None,
        revision=revision, next_s=None if minutes is None else 60 * minutes,
    )  # fmt: skip
    return Redirect(to=f"/incidents/{saved.id}?done=updated")


def correct(visit: Visit) -> Shown:
    number = visit.form.number("number")
    if number is None:
        raise Refused("form.number", field="number", got="")
    saved = incident_commands(visit, is_writing=True).edit(
        visit.name,
        number,
        text=visit.form.required_words("corrected", "text"),
        revision=visit.form.number("revision"),
        is_partial=True,
    )
    return Redirect(to=f"/incidents/{saved.id}?done=corrected")


def _page(visit: Visit, previews: tuple[Text, Text | None] | None = None) -> Page:
    incident, notifications = incident_commands(visit).show(visit.name)
    speech = visit.speech
    card = _card(incident, visit)
    still_down = [name_of(p.component, visit.catalogue, speech) for p in incident.open_parts]
    is_public = _is_public(incident, visit)
    return Page(
        template="incident.html",
        title=f"{card.state.word}: {card.title}",
        page=IncidentPage(
            card=card,
            is_open=incident.is_unresolved,
            may_write=visit.may(Scope.INCIDENTS_WRITE),
            revision=_seen_revision(visit, incident) if previews else incident.revision,
            phase=incident.phase,
            phases=tuple((p, speech.words.phases[p]) for p in _PHASES),
            still_down=tuple(still_down),
            parts=(
                *(_part(part, visit) for part in incident.affected),
                *(_stated(said, incident, visit) for said in incident.statements),
            ),
            seen=tuple(_seen(incident, visit)) if incident.is_unresolved else (),
            entries=tuple(_entry(u, incident, speech) for u in reversed(incident.updates)),
            told=tuple(_told(n, speech) for n in notifications),
            public_urls=_public_urls(incident, visit) if is_public else (),
            others=_others(incident, speech),
            previews=_previews(incident, *previews, visit) if previews else (),
            may_join=visit.may(Scope.INCIDENTS_WRITE) and incident.merged_into is None,
            may_reopen=visit.may(Scope.INCIDENTS_WRITE)
            and not incident.is_unresolved
            and incident.merged_into is None,
            affected=tuple((c, name_of(c, visit.catalogue, speech)) for c in incident.components),
            exclusions=tuple(
                exclusion_card(record, visit)
                for record in exclusion_commands(visit).of_incident(incident)
            ),
            may_propose=visit.may(Scope.EXCLUSIONS_PROPOSE),
            editing=_editing(visit),
        ),
    )


def _card(incident: Incident, visit: Visit) -> IncidentCard:
    """While it is open, with what of the budgets it puts at risk."""
    card = incident_card(incident, visit.catalogue, visit.speech)
    if not incident.is_unresolved:
        return card
    budgets = month_budgets(Present.read(visit.backend).core, visit)
    return replace(card, budget=budgets_at_risk(budgets, incident.concerned, visit))


def _seen_revision(visit: Visit, incident: Incident) -> int:
    """What the person saw before the preview: an update of a colleague in between is still told."""
    return visit.form.number("revision") or incident.revision


def _editing(visit: Visit) -> int:
    written = visit.form.text("number") or visit.query.get("edit", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def _part(part: Affected, visit: Visit) -> Part:
    speech = visit.speech
    end = speech.clock(part.end) if part.end is not None else None
    span = speech.since(part.start) if end is None else _span(part, speech)
    note = ""
    if part.is_unwatched:
        note = speech.words.unwatched
    elif part.is_dependent:
        note = speech.words.dependent
    return Part(
        component=part.component,
        name=name_of(part.component, visit.catalogue, speech),
        url=f"/components/{part.component}",
        state=state_of(part.status if part.is_open else Outcome.UP, speech)
        if not part.is_unwatched
        else state_of(Outcome.UNKNOWN, speech),
        cause=part.cause,
        span=span,
        note=note,
    )


def _others(incident: Incident, speech: Speech) -> tuple[tuple[str, str], ...]:
    words = PAGE[speech.lang]
    into = [] if incident.merged_into is None else [(words.merged, str(incident.merged_into))]
    return (*into, *((words.related, str(other)) for other in incident.related))


def _stated(said: Statement, incident: Incident, visit: Visit) -> Part:
    """What a person says; in one that was merged, what went over."""
    speech = visit.speech
    is_over = said.end is not None and incident.merged_into is None
    return Part(
        component=said.component,
        name=name_of(said.component, visit.catalogue, speech),
        url=f"/components/{said.component}",
        state=state_of(Outcome.UP if is_over else said.status, speech),
        cause="",
        span=speech.since(said.start) if said.end is None else _span(said, speech),
        note="" if incident.merged_into is not None else PAGE[speech.lang].by_person,
    )


def _span(part: Piece, speech: Speech) -> Html:
    end = part.end if part.end is not None else speech.now
    length = speech.duration(max(0, end - part.start))
    return Html(f"{speech.dated(part.start)} – {speech.dated(end)} ({length})")


def _seen(incident: Incident, visit: Visit) -> Sequence[Seen]:
    """What the checks of the affected components say at this moment, what fails first."""
    present, speech = Present.read(visit.backend), visit.speech
    bounds = ServiceBounds.of(visit.actor, present.catalogue)
    found: list[tuple[int, Seen]] = []
    for component in incident.concerned:
        if not (present.catalogue.has(component) and bounds.has(component)):
            continue
        for check in present.catalogue.checks_of(component):
            for place in check.locations:
                last = present.last(check, place)
                state = present.core.states.get((check.id, place))
                result = last.result
                is_failing = last.status in FAILED
                entry = Seen(
                    check=check.id, url=f"/checks/{check.id}", location=place,
                    state=state_of(last.status, speech),
                    cause=_cause(state, result, is_failing=is_failing),
                    evidence=result.message if result is not None else "",
                    at=speech.ago(last.at) if last.at is not None else None,
                )  # fmt: skip
                found.append((not is_failing, entry))
    return [entry for _, entry in sorted(found, key=lambda f: (f[0], f[1].check))][:_MOST_CHECKS]


def _cause(state: FoldState | None, result: Result | None, *, is_failing: bool) -> str:
    """What is confirmed; where that is not known any more, what the last result said."""
    if state is not None and is_failing:
        return state.cause
    return (result.failure or "") if result is not None and result.outcome in FAILED else ""


def _entry(update: Update, incident: Incident, speech: Speech) -> Entry:
    shown = update.shown.by_locale if update.shown else {}
    return Entry(
        number=update.number,
        state=phase_state(update.phase, incident, speech),
        at=speech.dated(update.at),
        actor=update.actor if update.person is not None else "",
        is_automatic=update.person is None,
        words=tuple(shown.items()),
        former=tuple(speech.text(text) for text in update.former),
        spanish=shown.get("es", ""),
        english=shown.get("en", ""),
    )


def _told(notification: Notification, speech: Speech) -> Told:
    is_sent = notification.delivery is Delivery.SENT
    css = {Delivery.SENT: "ok", Delivery.PENDING: "slow"}.get(notification.delivery, "down")
    word = speech.words.deliveries[notification.delivery]
    return Told(
        target=notification.target,
        state=State(css=f"is-{css}", icon=f"i-{css}", word=word),
        at=speech.dated(notification.sent_at)
        if is_sent and notification.sent_at is not None
        else None,
    )


def _is_public(incident: Incident, visit: Visit) -> bool:
    catalogue = visit.catalogue
    public = {c.id for c in catalogue.components if catalogue.is_shown(c)}
    return not incident.concerned or any(c in public for c in incident.concerned)


def _public_urls(incident: Incident, visit: Visit) -> tuple[tuple[str, str, str], ...]:
    base = visit.catalogue.url_about(incident.concerned)
    return tuple(
        (lang, PAGE[lang].own_name, f"{base}{incident_path(incident.id, lang)}")
        for lang in Lang
        if lang in visit.catalogue.page.locales
    )


def _previews(
    incident: Incident, text: Text, title: Text | None, visit: Visit
) -> tuple[Preview, ...]:
    """The page in each language that people write, so that nobody publishes what he has not read
    in the other one."""
    phase = Phase(visit.form.text("phase") or incident.phase)
    found = []
    for lang in OPERATORS_LANGUAGES:
        speech = Speech(lang=lang, zone=visit.speech.zone, now=visit.speech.now)
        found.append(
            Preview(
                lang=lang,
                name=speech.words.page_in_language,
                state=phase_state(phase, incident, speech),
                title=speech.text(title or incident.title),
                text=speech.text(text),
                falls_back=lang not in text.by_locale,
            )
        )
    return tuple(found)


def again(visit: Visit) -> Page:
    """The page as it is now, with what was typed. Raises NotFound where it is gone."""
    if isinstance(visit.refusal, NotFound) and visit.refusal.code == "name.unknown":
        raise visit.refusal
    return _page(visit)


SCREENS = (
    Screen(method="GET", path="/incidents/{id}", handle=show, scope=Scope.STATE_READ),
    Screen(
        method="POST", path="/incidents/{id}", handle=update, again=again,
        scope=Scope.INCIDENTS_WRITE,
    ),
    Screen(
        method="POST", path="/incidents/{id}/correction", handle=correct, again=again,
        back="/incidents/{id}",
        scope=Scope.INCIDENTS_WRITE,
    ),
)  # fmt: skip

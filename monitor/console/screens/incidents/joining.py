"""Telling of an incident by hand, and what goes together: merge, split, link, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.console.screens.choices import ServiceChoices, component_choices
from monitor.console.screens.incidents.incident import again
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.refusals import Refused
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.joining import IncidentJoining

_STATED = (Outcome.DOWN, Outcome.DEGRADED, Outcome.UP)
_PHASES = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncidentPage:
    services: tuple[ServiceChoices, ...]
    outcomes: tuple[tuple[Outcome, str], ...]
    outcome: str
    phases: tuple[tuple[Phase, str], ...]
    phase: str
    began: str
    ended: str


def ask(visit: Visit) -> Page:
    form, speech = visit.form, visit.speech
    return Page(
        template="new_incident.html",
        title=speech.words.incident.by_hand,
        page=NewIncidentPage(
            services=component_choices(visit),
            outcomes=tuple((o, speech.words.outcomes[o]) for o in _STATED),
            outcome=form.text("outcome") or Outcome.DOWN,
            phases=tuple((p, speech.words.phases[p]) for p in _PHASES),
            phase=form.text("phase") or Phase.INVESTIGATING,
            began=form.line("began"),
            ended=form.line("ended"),
        ),
    )


def tell(visit: Visit) -> Shown:
    form, zone = visit.form, visit.speech.zone
    saved = _by_hand(visit).open(
        title=form.required_words("title", "title"),
        text=form.required_words("text", "text"),
        statuses=_statuses(visit),
        phase=_phase(form.text("phase")),
        started_at=form.moment("began", zone) if form.has("began") else None,
        ended_at=form.moment("ended", zone) if form.has("ended") else None,
    )
    return Redirect(to=f"/incidents/{saved.id}?done=told")


def reopen(visit: Visit) -> Shown:
    saved = _by_hand(visit).reopen(
        visit.name, text=visit.form.required_words("reopen_text", "text"),
        revision=visit.form.number("revision"),
    )  # fmt: skip
    return Redirect(to=f"/incidents/{saved.id}?done=reopened")


def merge(visit: Visit) -> Shown:
    saved = _joining(visit).merge(
        visit.name, visit.form.line("other"), text=visit.form.required_words("merge_text", "text"),
        revision=visit.form.number("revision"),
    )  # fmt: skip
    return Redirect(to=f"/incidents/{saved.id}?done=merged")


def split(visit: Visit) -> Shown:
    saved = _joining(visit).split(
        visit.name,
        list(visit.form.many("component")),
        title=visit.form.required_words("split_title", "title"),
        text=visit.form.required_words("split_text", "text"),
        revision=visit.form.number("revision"),
    )
    return Redirect(to=f"/incidents/{saved.id}?done=split")


def link(visit: Visit) -> Shown:
    joining, revision = _joining(visit), visit.form.number("revision")
    saved = joining.link(visit.name, visit.form.line("other"), revision=revision)
    return Redirect(to=f"/incidents/{saved.id}?done=linked")


def _statuses(visit: Visit) -> Mapping[str, Outcome]:
    """The one that was chosen, for each component that was."""
    written = visit.form.text("outcome") or Outcome.DOWN
    if written not in _STATED:
        raise Refused("form.choice", field="outcome", got=written[:40])
    return dict.fromkeys(visit.form.many("component"), Outcome(written))


def _phase(written: str) -> Phase:
    if written and written not in list(Phase):
        raise Refused("form.choice", field="phase", got=written[:40])
    return Phase(written) if written else Phase.INVESTIGATING


def _by_hand(visit: Visit) -> IncidentsByHand:
    return IncidentsByHand(
        journal=visit.backend.writing, catalogue=visit.catalogue, clock=visit.backend.clock,
        actor=visit.actor,
    )  # fmt: skip


def _joining(visit: Visit) -> IncidentJoining:
    return IncidentJoining(
        journal=visit.backend.writing, catalogue=visit.catalogue, clock=visit.backend.clock,
        actor=visit.actor, failures=visit.backend.failures,
    )  # fmt: skip


_WRITE = Scope.INCIDENTS_WRITE
SCREENS = (
    Screen(method="GET", path="/new-incident", handle=ask, scope=_WRITE),
    Screen(method="POST", path="/new-incident", handle=tell, again=ask, scope=_WRITE),
    Screen(
        method="POST", path="/incidents/{id}/reopening", handle=reopen, again=again, scope=_WRITE,
        back="/incidents/{id}",
    ),
    Screen(method="POST", path="/incidents/{id}/merger", handle=merge, again=again, scope=_WRITE,
        back="/incidents/{id}",),
    Screen(method="POST", path="/incidents/{id}/split", handle=split, again=again, scope=_WRITE,
        back="/incidents/{id}",),
    Screen(method="POST", path="/incidents/{id}/links", handle=link, again=again, scope=_WRITE,
        back="/incidents/{id}",),
)  # fmt: skip

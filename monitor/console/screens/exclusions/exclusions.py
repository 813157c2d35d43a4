"""The list of exclusions with the form that proposes one, and the page of one, where another
account sees its effect and decides."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from credits.classification.commands import Classified, ExclusionCommands
from credits.classification.draft import Draft
from credits.classification.effect import MonthEffect
from credits.classification.fields import effect_fields
from monitor.api.requests.limits import beside
from monitor.console.commands import exclusion_commands
from monitor.console.screens.choices import ServiceChoices, component_choices
from monitor.console.screens.exclusions.card import ExclusionCard, exclusion_card
from monitor.console.visit import Later, Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.exclusions.classification import (
    CAUSES,
    Evidence,
    EvidenceFile,
    ExclusionRevision,
    ExclusionStatus,
    RevisionState,
)
from monitor.domain.refusals import Refused
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from statuspage.parts.html import Html


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalForm:
    """What a form of a proposal stands on: of an incident's part, or what was typed."""

    services: tuple[ServiceChoices, ...]
    causes: tuple[tuple[str, str, bool], ...]
    """Cause, its words, whether it is chosen."""
    start: str
    end: str
    incident: str
    evidence: str
    links: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionsPage:
    rows: tuple[ExclusionCard, ...]
    statuses: tuple[tuple[str, str, bool], ...]
    """Status, its words, whether it is the one that is shown."""
    is_filtered: bool
    may_propose: bool
    draft: ProposalForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    revision: int
    word: str
    who: str
    at: Html
    span: Html
    cause: str
    text: str
    files: tuple[EvidenceFile, ...]
    links: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionPage:
    card: ExclusionCard
    revision: int
    incident: str
    in_force: int | None
    """The revision that holds while another one waits."""
    steps: tuple[Step, ...]
    overlaps: tuple[str, ...]
    effect: dict[str, Any] | None
    """As the API has it; None for who may not read billing."""
    is_pending: bool
    is_own: bool
    may_decide: bool
    may_propose: bool
    may_withdraw: bool
    draft: ProposalForm


def every(visit: Visit) -> Page:
    wanted = _status(visit)
    found = exclusion_commands(visit).listed(wanted)
    words = visit.words.exclusion
    return Page(
        template="exclusions.html",
        title=visit.words.nav["exclusions"],
        page=ExclusionsPage(
            rows=tuple(exclusion_card(record, visit) for record in found),
            statuses=(
                ("", words.every_status, wanted is None),
                *((s.value, words.statuses[s], s is wanted) for s in ExclusionStatus),
            ),
            is_filtered=wanted is not None,
            may_propose=visit.may(Scope.EXCLUSIONS_PROPOSE),
            draft=_draft_form(visit, None),
        ),
    )


def show(visit: Visit) -> Page | Later:
    """At once where its effect is known; else as soon as that is computed."""
    if not visit.may(Scope.BILLING_READ) or visit.actor.services is not None:
        return _page(visit, None)
    record = exclusion_commands(visit).weighed(visit.name)
    computed = visit.backend.effects.of(visit.backend, record)
    if computed.done():
        return _page(visit, computed.result())

    async def shown() -> Page:
        months = await beside(computed)
        return await asyncio.to_thread(_page, visit, months)

    return Later(shown=shown)


def again(visit: Visit) -> Page:
    """With the form that was refused; its effect, if that takes no time."""
    shown = show(visit)
    return _page(visit, None) if isinstance(shown, Later) else shown


def _page(visit: Visit, months: Sequence[MonthEffect] | None) -> Page:
    """`months` None: for who may not read billing."""
    commands = exclusion_commands(visit)
    found = commands.show(visit.name)
    record = found.record
    card = exclusion_card(record, visit)
    is_own = not record.may_decide(visit.actor.id)
    in_force = record.in_force
    may_propose = visit.may(Scope.EXCLUSIONS_PROPOSE)
    return Page(
        template="exclusion.html",
        title=f"{card.component}: {card.state.word}",
        page=ExclusionPage(
            card=card,
            revision=record.newest.revision,
            incident=record.newest.incident or "",
            in_force=in_force.revision if in_force and record.pending else None,
            steps=tuple(_step(step, visit) for step in reversed(record.revisions)),
            overlaps=tuple(found.overlaps),
            effect=None if months is None else effect_fields(months, visit.speech.zone),
            is_pending=record.pending is not None,
            is_own=is_own,
            may_decide=visit.may(Scope.EXCLUSIONS_APPROVE) and not is_own,
            may_propose=may_propose,
            may_withdraw=may_propose and in_force is not None,
            draft=_draft_form(visit, record.newest),
        ),
    )


def propose(visit: Visit) -> Shown:
    form = visit.form
    saved = _writing(visit).propose(_draft(visit, component=form.line("component") or None))
    return _shown(saved, "proposed")


def revise(visit: Visit) -> Shown:
    """Files of the step before stay: a browser cannot add any."""
    commands = _writing(visit)
    files = commands.show(visit.name).record.newest.evidence.files
    draft = _draft(visit, files=files)
    return _shown(
        commands.revise(visit.name, draft, revision=visit.form.number("revision")), "proposed"
    )


def withdraw(visit: Visit) -> Shown:
    saved = _writing(visit).withdraw(
        visit.name, reason=visit.form.text("reason"), revision=visit.form.number("revision")
    )
    return _shown(saved, "proposed")


def decide(visit: Visit) -> Shown:
    """Approve or refuse: which button it was decides. What was not seen is not decided about."""
    form, commands = visit.form, _writing(visit)
    revision = form.number("revision")
    if revision is None:
        raise Refused("form.number", field="revision", got="")
    if form.text("action") == "approve":
        saved = commands.approve(visit.name, reason=form.text("reason"), revision=revision)
        return _shown(saved, "exclusion_approved")
    if form.text("action") == "refuse":
        saved = commands.refuse(visit.name, reason=form.text("reason"), revision=revision)
        return _shown(saved, "exclusion_refused")
    raise Refused("form.choice", field="action", got=form.line("action")[:40])


def _writing(visit: Visit) -> ExclusionCommands:
    return exclusion_commands(visit, is_writing=True)


def _shown(saved: Classified, done: str) -> Redirect:
    return Redirect(to=f"/exclusions/{saved.record.reference}?done={done}")


def _status(visit: Visit) -> ExclusionStatus | None:
    written = visit.query.get("status", "")
    return ExclusionStatus(written) if written in list(ExclusionStatus) else None


def _draft(
    visit: Visit, *, component: str | None = None, files: tuple[EvidenceFile, ...] = ()
) -> Draft:
    form, zone = visit.form, visit.speech.zone
    return Draft(
        component=component,
        incident=form.line("incident") or None,
        start=form.moment("start", zone) if form.has("start") else None,
        end=form.moment("end", zone) if form.has("end") else None,
        cause=form.line("cause"),
        evidence=Evidence(
            text=form.text("evidence"), files=files, links=tuple(form.text("links").split())
        ),
    )


def _draft_form(visit: Visit, newest: ExclusionRevision | None) -> ProposalForm:
    """With what was typed; else with what the address names, or the newest step has."""
    form, query, words = visit.form, visit.query, visit.words.exclusion
    chosen = form.line("cause") or (newest.cause if newest else "")
    zone = visit.speech.zone
    start = "" if newest is None else _typed(newest.interval.start, zone)
    end = "" if newest is None else _typed(newest.interval.end, zone)
    return ProposalForm(
        services=component_choices(visit),
        causes=tuple((cause, words.causes[cause], cause == chosen) for cause in CAUSES),
        start=form.line("start") or start,
        end=form.line("end") or end,
        incident=form.line("incident") or query.get("incident", ""),
        evidence=form.text("evidence") or (newest.evidence.text if newest else ""),
        links=form.text("links") or ("\n".join(newest.evidence.links) if newest else ""),
    )


def _typed(at: Second, zone: ZoneInfo) -> str:
    """As `<input type="datetime-local">` wants it, to the second: an outage is cut to no minute."""
    return at_zone(at, zone).strftime("%Y-%m-%dT%H:%M:%S")


def _step(step: ExclusionRevision, visit: Visit) -> Step:
    words, speech = visit.words.exclusion, visit.speech
    word = words.steps[step.state]
    is_proposal = step.state is RevisionState.PROPOSED
    return Step(
        revision=step.revision,
        word=f"{word} ({words.withdrawal})" if step.is_withdrawal else word,
        who=(step.proposed_by if is_proposal else step.decided_by) or "",
        at=speech.dated(step.at),
        span=speech.span(step.interval.start, step.interval.end),
        cause=words.causes.get(step.cause, step.cause),
        text=step.evidence.text if is_proposal else "",
        files=step.evidence.files if is_proposal else (),
        links=step.evidence.links if is_proposal else (),
        reason=step.reason,
    )


SCREENS = (
    Screen(method="GET", path="/exclusions", handle=every, scope=Scope.STATE_READ),
    Screen(
        method="POST", path="/exclusions", handle=propose, again=every,
        scope=Scope.EXCLUSIONS_PROPOSE,
    ),
    Screen(
        method="GET", path="/exclusions/{id}", handle=show, scope=Scope.STATE_READ
    ),
    Screen(
        method="POST", path="/exclusions/{id}/revision", handle=revise, again=again,
        back="/exclusions/{id}", scope=Scope.EXCLUSIONS_PROPOSE,
    ),
    Screen(
        method="POST", path="/exclusions/{id}/withdrawal", handle=withdraw, again=again,
        back="/exclusions/{id}", scope=Scope.EXCLUSIONS_PROPOSE,
    ),
    Screen(
        method="POST", path="/exclusions/{id}/decision", handle=decide, again=again,
        back="/exclusions/{id}", scope=Scope.EXCLUSIONS_APPROVE,
    ),
)  # fmt: skip

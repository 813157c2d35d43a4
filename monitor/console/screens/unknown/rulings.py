"""What waits because of unknown time, with the forms that say what it was, and the page of one
ruling, where another account sees what it changes and decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from credits.life.credit import Assumed
from credits.life.ruling import Chosen, RulingRecord, RulingStatus, RulingStep
from credits.life.states import CreditState
from credits.unknown.commands import Ruled, RulingDraft
from credits.unknown.fields import ruled_fields, source_fields
from credits.unknown.sources import Source
from monitor.console.commands import ruling_commands
from monitor.console.states import State
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.exclusions.classification import Evidence, EvidenceFile, RevisionState
from monitor.domain.refusals import Refused
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Interval, Second
from statuspage.parts.html import Html

_STYLES = {
    RulingStatus.PROPOSED: "slow",
    RulingStatus.APPROVED: "ok",
    RulingStatus.REFUSED: "nd",
}
_FEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRow:
    span: Html
    lasts: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFields:
    """What a form carries so that it means the same source."""

    month: str
    start: str
    end: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """`chosen` None: they have several causes, and are proposed one by one."""

    key: str
    month: str
    cause: str
    credits: str
    contracts: str
    episodes: tuple[EpisodeRow, ...]
    components: tuple[str, ...]
    checks: str
    asked_before: int
    totals: list[dict[str, str]]
    chosen: ChosenFields | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingCard:
    reference: str
    url: str
    state: State
    assumed: str
    month: str
    credits: str
    proposed_by: str
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a form stands on: what was typed, or the newest step has; `key` is the form's."""

    key: str
    assumed: tuple[tuple[str, str, bool], ...]
    """Value, its words, whether it is chosen."""
    evidence: str
    links: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPage:
    sources: tuple[SourceCard, ...]
    rulings: tuple[RulingCard, ...]
    statuses: tuple[tuple[str, str, bool], ...]
    is_filtered: bool
    may_propose: bool
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    revision: int
    word: str
    who: str
    at: Html
    assumed: str
    credits: str
    text: str
    files: tuple[EvidenceFile, ...]
    links: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingPage:
    """`found` is as the API has it."""

    card: RulingCard
    revision: int
    sources: tuple[SourceCard, ...]
    found: dict[str, Any]
    steps: tuple[Step, ...]
    is_pending: bool
    is_own: bool
    may_decide: bool
    may_revise: bool
    draft: Draft


def every(visit: Visit) -> Page:
    wanted = _status(visit)
    commands, words = ruling_commands(visit), visit.words.ruling
    return Page(
        template="unknown_time.html",
        title=visit.words.nav["unknown"],
        page=UnknownPage(
            sources=tuple(_source(one, visit) for one in commands.sources()),
            rulings=tuple(_card(record, visit) for record in commands.listed(wanted)),
            statuses=(
                ("", words.every_status, wanted is None),
                *((s.value, words.statuses[s], s is wanted) for s in RulingStatus),
            ),
            is_filtered=wanted is not None,
            may_propose=visit.may(Scope.UNKNOWN_PROPOSE),
            draft=_draft_form(visit, None),
        ),
    )


def show(visit: Visit) -> Page:
    commands = ruling_commands(visit)
    found = commands.show(visit.name)
    record, sources = found.record, commands.sources_of(found)
    card, is_own = _card(record, visit), not record.may_decide(visit.actor.id)
    is_open = record.status is not RulingStatus.APPROVED
    return Page(
        template="ruling.html",
        title=f"{visit.words.nav['unknown']}: {card.state.word}",
        page=RulingPage(
            card=card,
            revision=record.newest.revision,
            sources=tuple(_source(one, visit) for one in sources),
            found=ruled_fields(found, sources, visit.speech.zone),
            steps=tuple(_step(step, visit) for step in reversed(record.steps)),
            is_pending=record.pending is not None,
            is_own=is_own,
            may_decide=visit.may(Scope.UNKNOWN_APPROVE) and not is_own,
            may_revise=visit.may(Scope.UNKNOWN_PROPOSE) and is_open,
            draft=_draft_form(visit, record.newest),
        ),
    )


def propose(visit: Visit) -> Shown:
    form, zone = visit.form, visit.speech.zone
    span = None
    if form.has("start") and form.has("end"):
        span = Interval(form.moment("start", zone), form.moment("end", zone))
    chosen = Chosen(month=form.line("month"), span=span, cause=form.line("cause"))
    saved = ruling_commands(visit, is_writing=True).propose(_draft(visit, chosen))
    return _shown(saved, "proposed")


def revise(visit: Visit) -> Shown:
    """Of what waits now as before. Files of the step before stay: a browser cannot add any."""
    commands = ruling_commands(visit, is_writing=True)
    found = commands.show(visit.name)
    proposal = found.record.proposal
    waits = (one.id for one in found.credits if one.state is CreditState.NEEDS_REVIEW)
    draft = _draft(
        visit,
        proposal.chosen,
        credits=() if proposal.chosen else tuple(waits),
        files=proposal.evidence.files,
    )
    revision = visit.form.number("revision")
    return _shown(commands.revise(visit.name, draft, revision=revision), "proposed")


def decide(visit: Visit) -> Shown:
    commands, form = ruling_commands(visit, is_writing=True), visit.form
    reason, revision = form.text("reason"), form.number("revision")
    if form.text("action") == "approve":
        saved = commands.approve(visit.name, reason=reason, revision=revision)
        return _shown(saved, "ruling_approved")
    if form.text("action") == "refuse":
        saved = commands.refuse(visit.name, reason=reason, revision=revision)
        return _shown(saved, "ruling_refused")
    raise Refused("form.choice", field="action", got=form.line("action")[:40])


def _shown(saved: Ruled, done: str) -> Redirect:
    return Redirect(to=f"/unknown-time/{saved.record.reference}?done={done}")


def _status(visit: Visit) -> RulingStatus | None:
    written = visit.query.get("status", "")
    return RulingStatus(written) if written in list(RulingStatus) else None


def _draft(
    visit: Visit,
    chosen: Chosen | None,
    *,
    credits: Sequence[str] = (),
    files: tuple[EvidenceFile, ...] = (),
) -> RulingDraft:
    form = visit.form
    return RulingDraft(
        assumed=form.line("assumed"),
        chosen=chosen,
        credits=tuple(credits),
        evidence=Evidence(
            text=form.text("evidence"), files=files, links=tuple(form.text("links").split())
        ),
    )


def _draft_form(visit: Visit, newest: RulingStep | None) -> Draft:
    form, words = visit.form, visit.words.ruling
    chosen = form.line("assumed") or (newest.assumed.value if newest else "")
    return Draft(
        key=form.line("key"),
        assumed=tuple((one.value, words.assumed[one], one == chosen) for one in Assumed),
        evidence=form.text("evidence") or (newest.evidence.text if newest else ""),
        links=form.text("links") or ("\n".join(newest.evidence.links) if newest else ""),
    )


def _card(record: RulingRecord, visit: Visit) -> RulingCard:
    words, newest = visit.words.ruling, record.newest
    style, chosen = _STYLES[record.status], record.proposal.chosen
    return RulingCard(
        reference=record.reference,
        url=f"/unknown-time/{record.reference}",
        state=State(css=f"is-{style}", icon=f"i-{style}", word=words.statuses[record.status]),
        assumed=words.assumed[newest.assumed],
        month="" if chosen is None else chosen.month,
        credits=visit.speech.many(words.credits, newest.credits),
        proposed_by=newest.proposed_by,
        decided_by=newest.decided_by or "",
    )


def _source(source: Source, visit: Visit) -> SourceCard:
    words, speech = visit.words.ruling, visit.speech
    more = len(source.checks) - _FEW
    chosen = source.chosen
    causes = sorted(source.causes)
    return SourceCard(
        key=f"{source.month}-{'-'.join(causes)}-{_second(chosen)}",
        month=str(source.month),
        cause="; ".join(words.causes.get(cause, cause) for cause in causes),
        credits=speech.many(words.credits, len(source.waiting)),
        contracts=speech.many(words.contracts, source.contracts),
        episodes=tuple(
            EpisodeRow(
                span=speech.span(one.span.start, one.span.end),
                lasts=speech.duration(one.span.seconds),
                cause=words.causes.get(one.cause, one.cause),
            )
            for one in source.episodes
        ),
        components=tuple(_name(one, visit) for one in source.components[:_FEW]),
        checks=", ".join(source.checks[:_FEW]) + (f" +{more}" if more > 0 else ""),
        asked_before=source.asked_before,
        totals=source_fields(source, speech.zone)["totals"],
        chosen=None if chosen is None else _chosen(chosen, visit),
    )


def _second(chosen: Chosen | None) -> int:
    return 0 if chosen is None or chosen.span is None else chosen.span.start


def _name(component: str, visit: Visit) -> str:
    known = (one for one in visit.catalogue.components if one.id == component)
    return next((visit.speech.text(one.name) for one in known), component)


def _chosen(chosen: Chosen, visit: Visit) -> ChosenFields:
    span = chosen.span
    return ChosenFields(
        month=chosen.month,
        start="" if span is None else _typed(span.start, visit),
        end="" if span is None else _typed(span.end, visit),
        cause=chosen.cause,
    )


def _typed(at: Second, visit: Visit) -> str:
    """To the second, as a form sends it back."""
    return at_zone(at, visit.speech.zone).strftime("%Y-%m-%dT%H:%M:%S")


def _step(step: RulingStep, visit: Visit) -> Step:
    words, speech = visit.words.ruling, visit.speech
    is_proposal = step.state is RevisionState.PROPOSED
    return Step(
        revision=step.revision,
        word=words.steps[step.state],
        who=(step.proposed_by if is_proposal else step.decided_by) or "",
        at=speech.dated(step.at),
        assumed=words.assumed[step.assumed],
        credits=speech.many(words.credits, step.credits),
        text=step.evidence.text if is_proposal else "",
        files=step.evidence.files if is_proposal else (),
        links=step.evidence.links if is_proposal else (),
        reason=step.reason,
    )


SCREENS = (
    Screen(method="GET", path="/unknown-time", handle=every, scope=Scope.BILLING_READ),
    Screen(
        method="POST", path="/unknown-time", handle=propose, again=every,
        scope=Scope.UNKNOWN_PROPOSE,
    ),
    Screen(method="GET", path="/unknown-time/{id}", handle=show, scope=Scope.BILLING_READ),
    Screen(
        method="POST", path="/unknown-time/{id}/revision", handle=revise, again=show,
        back="/unknown-time/{id}", scope=Scope.UNKNOWN_PROPOSE,
    ),
    Screen(
        method="POST", path="/unknown-time/{id}/decision", handle=decide, again=show,
        back="/unknown-time/{id}", scope=Scope.UNKNOWN_APPROVE,
    ),
)  # fmt: skip

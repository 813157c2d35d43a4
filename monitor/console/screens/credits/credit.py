"""One credit: what it comes to, its story, and what whoever looks may do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from credits.handling.reading import CreditStory
from credits.life.credit import CreditRecord, CreditStep
from credits.life.ledger import LedgerEntry, Posting, money_of
from credits.life.states import JOINABLE, CreditState
from monitor.console.commands import credit_commands, credit_reading
from monitor.console.screens.credits.card import (
    CreditCard,
    credit_card,
    credit_state,
    money_text,
)
from monitor.console.screens.credits.panel import confirm, panel_note, release
from monitor.console.states import State
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused
from statuspage.parts.html import Html, fill

_DECIDED_HERE = frozenset({CreditState.UNDER_REVIEW, CreditState.PENDING_HUMAN_APPROVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    invoice: str
    line: str
    amount: str
    worst: str
    """What it comes to if the unknown time was down; empty where nobody has to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    revision: int
    state: State
    joins: bool
    at: Html
    who: str
    ticket: str
    clause: str
    reason: str
    reference: str
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPage:
    """`own` is why the account may not decide; empty where it may, or has no scope for it."""

    card: CreditCard
    revision: int
    service: str
    adjusts: str
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    incidents: tuple[str, ...]
    beside: tuple[CreditCard, ...]
    barred: tuple[tuple[str, str], ...]
    """An account, and how it took part."""
    evidence: str
    until: Html | None
    """Until when it may be asked for."""
    may_request: bool
    is_joining: bool
    may_review: bool
    is_pending: bool
    takes_back: bool
    may_reject: bool
    may_decide: bool
    own: str
    panel_note: str
    """What somebody has to look up in the billing panel; empty where nobody has to, or may."""


def show(visit: Visit) -> Page:
    story = credit_reading(visit).show(visit.name)
    record, words = story.record, visit.words.credit
    card = credit_card(record, visit)
    is_pending = record.state in _DECIDED_HERE
    may_approve = visit.may(Scope.CREDITS_APPROVE)
    why = story.barred.get(visit.actor.id, ())
    takes_back = record.state is CreditState.PENDING_HUMAN_APPROVAL
    return Page(
        template="credit.html",
        title=f"{card.kind} {record.id}: {card.state.word}",
        page=CreditPage(
            card=card,
            revision=record.revision,
            service=record.credit.service_id,
            adjusts=record.credit.adjusts or "",
            lines=tuple(_lines(record, visit)),
            steps=tuple(_steps(story, visit)),
            incidents=tuple(story.incidents),
            beside=tuple(credit_card(one, visit) for one in story.beside),
            barred=tuple(
                (account, ", ".join(words.barred[bar] for bar in bars))
                for account, bars in story.barred.items()
            ),
            evidence=record.credit.evidence_hash,
            until=_until(story, visit),
            may_request=visit.may(Scope.CREDITS_REQUEST)
            and record.state in JOINABLE | {CreditState.ELIGIBLE},
            is_joining=record.state in JOINABLE,
            may_review=visit.may(Scope.CREDITS_REQUEST) and record.state is CreditState.REQUESTED,
            is_pending=is_pending,
            takes_back=takes_back,
            may_reject=may_approve and (
                record.state in (CreditState.REQUESTED, CreditState.UNDER_REVIEW)
                or (takes_back and not why)
            ),
            may_decide=may_approve and is_pending and not why,
            own=words.own[why[0]] if why and may_approve and is_pending else "",
            panel_note=panel_note(record, visit),
        ),
    )  # fmt: skip


def request(visit: Visit) -> Shown:
    form = visit.form
    done = credit_commands(visit).request(
        visit.name, ticket=form.line("ticket"), client=form.line("client"),
        revision=form.number("revision"),
    )  # fmt: skip
    return _shown(done, "credit_requested")


def review(visit: Visit) -> Shown:
    done = credit_commands(visit).review(visit.name, revision=visit.form.number("revision"))
    return _shown(done, "credit_reviewed")


def decide(visit: Visit) -> Shown:
    """Approve or reject: which button it was decides. What was not seen is not decided about."""
    form, commands = visit.form, credit_commands(visit)
    revision = form.number("revision")
    if revision is None:
        raise Refused("form.number", field="revision", got="")
    if form.text("action") == "approve":
        done = commands.approve(visit.name, reason=form.text("reason"), revision=revision)
        return _shown(done, "credit_approved")
    if form.text("action") == "reject":
        done = commands.reject(
            visit.name, reason=form.text("reason"), clause=form.line("clause"), revision=revision
        )
        return _shown(done, "credit_rejected")
    raise Refused("form.choice", field="action", got=form.line("action")[:40])


def _until(story: CreditStory, visit: Visit) -> Html | None:
    if story.expires_at is None:
        return None
    return fill(visit.words.credit.request_until, t=visit.speech.dated(story.expires_at))


def _shown(done: CreditRecord, what: str) -> Redirect:
    return Redirect(to=f"/credits/{done.id}?done={what}")


def _lines(record: CreditRecord, visit: Visit) -> Iterable[Line]:
    words = visit.words.credit
    for line in record.credit.lines:
        worst = "" if line.if_down is None else money_text([line.if_down], visit)
        yield Line(
            invoice=line.invoice_id,
            line=line.line_id,
            amount=money_text([line.under(record.assumed)], visit),
            worst=words.if_down.format(x=worst) if worst else "",
        )


def _steps(story: CreditStory, visit: Visit) -> Iterable[Step]:
    """The newest first."""
    moved = {str(posting.id): posting for posting in story.postings}
    for step in reversed(story.record.steps):
        yield _step(step, moved.get(f"{step.credit}/{step.seq}"), visit)


def _step(step: CreditStep, posting: Posting | None, visit: Visit) -> Step:
    via = visit.words.via[step.via]
    return Step(
        revision=step.seq,
        state=credit_state(step.after, visit),
        joins=step.before is step.after,
        at=visit.speech.dated(step.at),
        who=f"{step.actor} ({via})",
        ticket=step.ticket,
        clause=step.clause,
        reason=step.reason,
        reference=step.reference,
        moved=() if posting is None else tuple(_moved(posting.entries, visit)),
    )


def _moved(entries: tuple[LedgerEntry, ...], visit: Visit) -> Iterable[str]:
    """From one account into another; a step within one account moves nothing to speak of."""
    words = visit.words.credit
    for out, into in zip(entries[::2], entries[1::2], strict=True):
        if out.account is not into.account:
            yield words.moved.format(
                x=money_text([money_of(into.minor, into.currency)], visit),
                a=words.accounts[out.account],
                b=words.accounts[into.account],
            )


_BACK = "/credits/{id}"
SCREENS = (
    Screen(method="GET", path="/credits/{id}", handle=show, scope=Scope.CREDITS_READ),
    Screen(
        method="POST", path="/credits/{id}/request", handle=request, again=show, back=_BACK,
        scope=Scope.CREDITS_REQUEST,
    ),
    Screen(
        method="POST", path="/credits/{id}/review", handle=review, again=show, back=_BACK,
        scope=Scope.CREDITS_REQUEST,
    ),
    Screen(
        method="POST", path="/credits/{id}/decision", handle=decide, again=show, back=_BACK,
        scope=Scope.CREDITS_APPROVE,
    ),
    Screen(
        method="POST", path="/credits/{id}/confirmation", handle=confirm, again=show, back=_BACK,
        scope=Scope.CREDITS_APPLY,
    ),
    Screen(
        method="POST", path="/credits/{id}/release", handle=release, again=show, back=_BACK,
        scope=Scope.CREDITS_APPLY,
    ),
)  # fmt: skip

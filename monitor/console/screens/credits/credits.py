"""Credits: what waits for whoever looks first, then all of them, found by what one knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from credits.billing.brake import BrakeCommands
from credits.handling.commands import Chosen, Judged
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState
from credits.ports import WantedCredits
from monitor.console.commands import credit_commands, credit_reading
from monitor.console.screens.credits.card import CreditCard, credit_card
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused
from statuspage.parts.html import Html, escaped, fill

_PAGE = 100
_WAITING = 50
"""Of each kind; the others are behind a link."""
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Credits that wait for the same step of whoever looks. `action` is where a form of many goes,
    empty where each is looked at by itself."""

    title: str
    cards: tuple[CreditCard, ...]
    more_url: str
    action: str
    button: str
    has_reason: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsPage:
    """`brake` says who holds all that was approved, since when and why; None while nobody does.
    `outcome` is what came of many: how many are done, and why each other one is not."""

    brake: Html | None
    waiting: tuple[Waiting, ...]
    is_filtered: bool
    rows: tuple[CreditCard, ...]
    states: tuple[tuple[str, str, bool], ...]
    """State, its words, whether it is the one that is shown."""
    month: str
    client: str
    contract: str
    older_url: str
    outcome: str
    refused: tuple[tuple[str, Html], ...]


def every(visit: Visit) -> Page:
    return _page(visit, ())


def review(visit: Visit) -> Shown:
    return _page(visit, credit_commands(visit).review_all(_chosen(visit)))


def approve(visit: Visit) -> Shown:
    reason = visit.form.text("reason")
    return _page(visit, credit_commands(visit).approve_all(_chosen(visit), reason=reason))


def _page(visit: Visit, judged: Sequence[Judged]) -> Page:
    wanted, words = _wanted(visit), visit.words.credit
    is_filtered = wanted != WantedCredits()
    found = credit_reading(visit).page(wanted, _line(visit, "before") or None, _PAGE + 1)
    done = sum(one.record is not None for one in judged)
    return Page(
        template="credits.html",
        title=visit.words.nav["credits"],
        page=CreditsPage(
            brake=_brake(visit),
            waiting=() if is_filtered else tuple(_waiting(visit)),
            is_filtered=is_filtered,
            rows=tuple(credit_card(record, visit) for record in found[:_PAGE]),
            states=(
                ("", words.every_state, wanted.state is None),
                *((s.value, words.states[s], s is wanted.state) for s in CreditState),
            ),
            month=wanted.period,
            client=wanted.client,
            contract=wanted.contract,
            older_url=_older_url(visit, found),
            outcome=words.judged.format(n=done, m=len(judged)) if judged else "",
            refused=tuple(
                (one.credit, visit.speech.refusal(one.refusal))
                for one in judged
                if one.refusal is not None
            ),
        ),
    )


def _brake(visit: Visit) -> Html | None:
    """Who reads of some services alone is shown nothing."""
    if visit.actor.services is not None:
        return None
    commands = BrakeCommands(
        journal=visit.backend.reading, clock=visit.backend.clock, actor=visit.actor
    )
    found, speech = commands.show(), visit.speech
    if not found.is_on:
        return None
    return fill(
        visit.words.credit.brake, t=speech.since(found.since), x=escaped(found.by),
        why=escaped(found.reason),
    )  # fmt: skip


def _waiting(visit: Visit) -> Iterator[Waiting]:
    """What the account may do next: not what somebody else has to decide."""
    words = visit.words.credit
    if visit.may(Scope.CREDITS_REQUEST):
        yield _of(
            visit, CreditState.REQUESTED, words.waiting_review, "/credits/reviews",
            words.review_many, has_reason=False,
        )  # fmt: skip
    if visit.may(Scope.CREDITS_APPROVE):
        yield _of(
            visit, CreditState.UNDER_REVIEW, words.waiting_approval, "/credits/approvals",
            words.approve_many, has_reason=True,
        )  # fmt: skip
        yield _of(
            visit, CreditState.PENDING_HUMAN_APPROVAL,
            words.states[CreditState.PENDING_HUMAN_APPROVAL], "", "", has_reason=False,
        )  # fmt: skip


def _of(
    visit: Visit, state: CreditState, title: str, action: str, button: str, *, has_reason: bool
) -> Waiting:
    found = credit_reading(visit).page(WantedCredits(state=state), None, _WAITING + 1)
    is_decided_by_others = state is not CreditState.REQUESTED
    shown = [r for r in found[:_WAITING] if not (is_decided_by_others and _is_own(r, visit))]
    return Waiting(
        title=title,
        cards=tuple(credit_card(record, visit) for record in shown),
        more_url=f"/credits?state={state}" if len(found) > _WAITING else "",
        action=action,
        button=button,
        has_reason=has_reason,
    )


def _is_own(record: CreditRecord, visit: Visit) -> bool:
    return visit.actor.id in record.requesters | record.deciders


def _chosen(visit: Visit) -> list[Chosen]:
    """Each as it was shown: one that has changed since is not decided about. Raises Refused."""
    found = []
    for written in visit.form.many("credit"):
        name, _, revision = written.rpartition(":")
        if not name or not (revision.isascii() and revision.isdigit() and len(revision) < 10):
            raise Refused("form.choice", field="action", got=written[:40])
        found.append(Chosen(credit=CreditId(name), revision=int(revision)))
    if not found:
        raise Refused("credit.none_chosen")
    return found


def _wanted(visit: Visit) -> WantedCredits:
    written = _line(visit, "state")
    return WantedCredits(
        state=CreditState(written) if written in list(CreditState) else None,
        period=_line(visit, "month"),
        client=_line(visit, "client"),
        contract=_line(visit, "contract"),
    )


def _line(visit: Visit, name: str) -> str:
    """What the address asks for; PostgreSQL stores no NUL, and finds none."""
    return visit.query.get(name, "").strip().replace("\0", "")[:_LONGEST]


def _older_url(visit: Visit, found: Sequence[CreditRecord]) -> str:
    if len(found) <= _PAGE:
        return ""
    asked = {n: v for n, v in visit.query.items() if v and n not in ("done", "before")}
    return f"/credits?{urlencode({**asked, 'before': found[_PAGE - 1].id})}"


SCREENS = (
    Screen(method="GET", path="/credits", handle=every, scope=Scope.CREDITS_READ),
    Screen(
        method="POST", path="/credits/reviews", handle=review, again=every, back="/credits",
        scope=Scope.CREDITS_REQUEST,
    ),
    Screen(
        method="POST", path="/credits/approvals", handle=approve, again=every, back="/credits",
        scope=Scope.CREDITS_APPROVE,
    ),
)  # fmt: skip

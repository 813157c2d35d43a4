"""What customers say on the page that fails: the list, and one with what is to be done."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.commands import problem_commands
from monitor.console.screens.incidents.incident_card import name_of
from monitor.console.states import State
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.customers.commands import LONGEST_NOTE, MOST
from monitor.domain.accounts.permissions import Scope
from monitor.domain.customers.problems import Problem, Turn
from monitor.domain.untrusted_text import visible
from statuspage.parts.html import Html, fill

_SHOWN = 120
"""Characters of what was said, in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCard:
    """`due` says when an answer is due, or was; None where none is promised."""

    ref: str
    url: str
    at: Html
    kind: str
    component: str
    component_url: str
    text: str
    turn: Html
    due: State | None
    due_at: Html
    incident: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsPage:
    rows: tuple[ProblemCard, ...]
    with_closed: bool
    is_cut: bool
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    card: ProblemCard
    lines: tuple[str, ...]
    """What was said, as it was said."""
    language: str
    seen: tuple[str, ...]
    closed_at: Html
    closed_by: str
    note: str
    may_close: bool
    longest: int


def every(visit: Visit) -> Page:
    with_closed = visit.query.get("closed", "") == "true"
    found = problem_commands(visit).listed(with_closed=with_closed)
    return Page(
        template="problems.html",
        title=visit.words.nav["problems"],
        page=ProblemsPage(
            rows=tuple(_card(one, visit) for one in found),
            with_closed=with_closed,
            is_cut=len(found) >= MOST,
            most=MOST,
        ),
    )


def show(visit: Visit) -> Page:
    found = problem_commands(visit).show(visit.name)
    card, speech = _card(found, visit), visit.speech
    return Page(
        template="reported_problem.html",
        title=f"{card.ref}: {card.component}",
        page=ProblemPage(
            card=card,
            lines=tuple(visible(line) for line in found.said.text.splitlines()),
            language=found.said.locale,
            seen=tuple(visible(line) for line in found.seen.splitlines()),
            closed_at=Html("") if found.closed_at is None else speech.dated(found.closed_at),
            closed_by=found.closed_by,
            note=found.note,
            may_close=found.is_open and visit.may(Scope.PROBLEMS_WRITE),
            longest=LONGEST_NOTE,
        ),
    )


def close(visit: Visit) -> Shown:
    closed = problem_commands(visit, is_writing=True).close(visit.name, visit.form.text("note"))
    return Redirect(to=f"/problems/{closed.said.ref}?done=problem_closed")


def _card(found: Problem, visit: Visit) -> ProblemCard:
    said, speech, words = found.said, visit.speech, visit.words.reported
    turn = problem_commands(visit).turn(found)
    place = said.component
    is_known = place is not None and visit.catalogue.has(place)
    return ProblemCard(
        ref=said.ref,
        url=f"/problems/{said.ref}",
        at=speech.dated(said.at),
        kind=words.kinds[said.kind],
        component=words.unsaid if place is None else name_of(place, visit.catalogue, speech),
        component_url=f"/components/{place}" if is_known else "",
        text=visible(" ".join(said.text.split()))[:_SHOWN],
        turn=Html("") if turn is None else _turn(turn, visit),
        due=None if turn is None else _due(turn, visit),
        due_at=Html("") if turn is None or turn.answer_by is None else speech.dated(turn.answer_by),
        incident=found.incident or "",
        is_open=found.is_open,
    )


def _turn(turn: Turn, visit: Visit) -> Html:
    """By the hours of the level, and the company's holidays."""
    words, speech = visit.words.reported, visit.speech
    level = turn.level.upper().replace("-", " ")
    if turn.name is None:
        return fill(words.nobody, x=level)
    name = f"{level}: {speech.text(turn.name)}"
    if turn.is_open:
        return fill(words.answers_now, x=name)
    if turn.opens_at is None:
        # Closed for longer than anybody looks ahead.
        return fill("{x}", x=name)
    return fill(words.answers_from, x=name, t=speech.dated(turn.opens_at, with_seconds=False))


def _due(turn: Turn, visit: Visit) -> State | None:
    words = visit.words.reported
    if turn.answer_by is None:
        return None
    if turn.is_late:
        return State(css="is-down", icon="i-down", word=words.late)
    return State(css="is-ok", icon="i-ok", word=words.by)


SCREENS = (
    Screen(method="GET", path="/problems", handle=every, scope=Scope.PROBLEMS_READ),
    Screen(method="GET", path="/problems/{id}", handle=show, scope=Scope.PROBLEMS_READ),
    Screen(
        method="POST", path="/problems/{id}/closing", handle=close, again=show,
        back="/problems/{id}", scope=Scope.PROBLEMS_WRITE,
    ),
)  # fmt: skip

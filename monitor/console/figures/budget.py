"""What is used up of this month's downtime: the worst components, as lines with a bar each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitor.api.present.budgets import Budgets, ComponentBudget
from monitor.console.states import State
from monitor.console.visit import Visit
from monitor.domain.checks.observation import ComponentId
from monitor.i18n.formats import duration, month_name
from monitor.incidents.service_bounds import ServiceBounds
from monitor.state.core_state import CoreState
from statuspage.parts.html import Html, fill
from statuspage.parts.services import UNNOTICED_S

_MOST = 10
_MOST_AT_RISK = 3
"""Of one incident."""
_WAIT_S = 0.05
"""So long the first who asks waits for figures; later ones have them."""
_AT_RISK = Fraction(1, 2)
_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """`share` is a percentage; `used` and `possible` are hundredths of the bar. `perhaps` says what
    may come on top, `goes_on` when it is used up, each empty where there is none."""

    name: str
    url: str
    state: State
    used_words: str
    share: str
    perhaps: str
    goes_on: Html
    used: int
    possible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCard:
    """`lines` the worst first; `others` have used nothing, `more` are left out. `at` is of when the
    figures are; None: they are still being counted."""

    title: str
    allowed: str
    lines: tuple[BudgetLine, ...]
    more: int
    others: int
    at: Html | None


def month_budgets(core: CoreState, visit: Visit) -> Budgets | None:
    """None: they are still being counted."""
    return visit.backend.budgets.read(visit.backend, core, visit.speech.now, _WAIT_S)


def budgets_at_risk(
    found: Budgets | None, components: Iterable[ComponentId], visit: Visit
) -> tuple[BudgetLine, ...]:
    """What an incident costs these components that it is about, the worst first: of those whose
    outage goes on, or that have used something up."""
    own = [] if found is None else found.of(components)
    at_risk = [one for one in own if one.budget.is_going_on or one.budget.used]
    return tuple(_line(one, visit) for one in at_risk[:_MOST_AT_RISK])


def budget_card(found: Budgets | None, bounds: ServiceBounds, visit: Visit) -> BudgetCard | None:
    if found is None:
        month = month_name(visit.speech.day(visit.speech.now).month, visit.speech.lang)
        title = visit.words.budget.title.format(m=month)
        return BudgetCard(title=title, allowed="", lines=(), more=0, others=0, at=None)
    seen: Sequence[ComponentBudget] = found.components
    if not bounds.are_none:
        seen = [one for one in seen if bounds.has(one.component.id)]
    return _card(found, seen, visit) if found.guarantee is not None and seen else None


def _card(found: Budgets, seen: Sequence[ComponentBudget], visit: Visit) -> BudgetCard:
    words, speech = visit.words.budget, visit.speech
    touched = [one for one in seen if one.is_touched]
    allowed = seen[0].budget.allowed
    is_alike = all(one.budget.allowed == allowed for one in seen)
    return BudgetCard(
        title=words.title.format(m=month_name(found.first.month, speech.lang)),
        # Guarantees on measured time allow each its own.
        allowed=words.allowed.format(d=duration(int(allowed))) if is_alike else "",
        lines=tuple(_line(one, visit) for one in touched[:_MOST]),
        more=max(0, len(touched) - _MOST),
        others=len(seen) - len(touched),
        at=fill(words.counted_at, t=speech.clock(found.at)),
    )


def _line(one: ComponentBudget, visit: Visit) -> BudgetLine:
    budget, words = one.budget, visit.words.budget
    is_noticed = budget.possible > UNNOTICED_S
    used = _hundredths(budget.share)
    return BudgetLine(
        name=visit.speech.text(one.component.name),
        url=f"/components/{one.component.id}",
        state=_state(one),
        used_words=words.used.format(d=duration(int(budget.used)), a=duration(int(budget.allowed))),
        share=_percent(one, visit),
        perhaps=words.perhaps.format(d=duration(int(budget.possible))) if is_noticed else "",
        goes_on=_goes_on(one, visit),
        used=used,
        possible=max(0, _hundredths(budget.possible_share) - used) if is_noticed else 0,
    )


def _state(one: ComponentBudget) -> State:
    budget = one.budget
    if budget.is_used_up or budget.is_going_on:
        return State(css="is-down", icon="i-down", word="")
    if budget.share is not None and budget.share >= _AT_RISK:
        return State(css="is-slow", icon="i-slow", word="")
    if not budget.used:
        return State(css="is-nd", icon="i-nd", word="")
    return State(css="is-ok", icon="i-ok", word="")


def _goes_on(one: ComponentBudget, visit: Visit) -> Html:
    budget, words, speech = one.budget, visit.words.budget, visit.speech
    if budget.is_used_up:
        return fill(words.used_up_and_down if budget.is_going_on else words.used_up)
    at = budget.used_up_at
    if at is not None:
        lasts = speech.duration(max(0, at - speech.now))
        return fill(words.runs_out, d=lasts, t=speech.dated(at))
    return fill(words.goes_on) if budget.is_going_on else Html("")


def _percent(one: ComponentBudget, visit: Visit) -> str:
    """Cut, never rounded: 100 % is all of it."""
    share = one.budget.share
    if share is None:
        return "–"
    if 0 < share < Fraction(1, 100):
        return visit.words.budget.less_than.format(p="1\u00a0%")
    return f"{visit.speech.count(int(share * 100))}\u00a0%"


def _hundredths(share: Fraction | None) -> int:
    return 0 if share is None else min(_WIDTH, -int(-share * _WIDTH // 1))

"""What the month under way will come to: the fleet, each set of terms, the worst contracts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from credits.contract import Contract, ContractId
from credits.forecast.fields import Listed, listed, read_listed, sums
from credits.forecast.forecast import PERCENTS, AlikeForecast, Cost, Forecast, TermsForecast
from credits.money import Money
from monitor.api.requests.limits import beside
from monitor.console.states import State
from monitor.console.visit import Later, Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service
from monitor.domain.time.interval import Second
from monitor.i18n.formats import duration, joined, money, month_name
from monitor.i18n.forms.billing.forecast import ForecastWords
from statuspage.parts.html import Html, fill

_AT_RISK = Fraction(1, 2)
_BROKEN = 100
_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is used of an allowance. `used` and `possible` are hundredths of the bar; `perhaps` is
    empty where everything is known."""

    state: State
    words: str
    share: str
    perhaps: str
    used: int
    possible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRow:
    label: str
    contracts: str
    reached: str
    used: Used
    breaks: Html
    because: Html
    then: str
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    contract: str
    client: str
    product: str
    terms: str
    used: Used
    breaks: Html
    then: str
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPage:
    """`facts` are of the whole fleet: each its name and what it is."""

    title: str
    at: Html
    is_sold: bool
    facts: tuple[tuple[str, Html], ...]
    terms: tuple[TermsRow, ...]
    contracts: tuple[ContractRow, ...]
    more: int


def show(visit: Visit) -> Shown | Later:
    require_every_service(visit.actor)
    computed = visit.backend.forecasts.present(visit.backend)
    if computed.done():
        return _page(visit, computed.result())

    async def shown() -> Page:
        return await asyncio.to_thread(_page, visit, await beside(computed))

    return Later(shown=shown)


def _page(visit: Visit, found: Forecast) -> Page:
    shown = listed(found)
    with visit.backend.reading.transaction() as tx:
        contracts = read_listed(tx, shown)
    return _Speaking(visit, found).page(shown, contracts)


class _Speaking:
    """One forecast in the words of one visit."""

    def __init__(self, visit: Visit, found: Forecast) -> None:
        self._visit = visit
        self._speech = visit.speech
        self._words: ForecastWords = visit.words.forecast
        self._found = found

    def page(self, shown: list[Listed], contracts: Mapping[ContractId, Contract]) -> Page:
        speech, words, found = self._speech, self._words, self._found
        month = month_name(speech.day(found.month.start).month, speech.lang)
        title = words.title.format(m=month)
        rows = tuple(
            self._contract(contracts[name], one) for name, one in shown if name in contracts
        )
        return Page(
            template="forecast.html",
            title=title,
            page=ForecastPage(
                title=title,
                at=fill(words.counted_at, t=speech.clock(found.at)),
                is_sold=bool(found.contracts),
                facts=tuple(self._facts()),
                terms=tuple(map(self._terms, sorted(found.by_terms, key=_worst_first))),
                contracts=rows,
                more=found.touched - len(rows),
            ),
        )

    def _facts(self) -> Iterator[tuple[str, Html]]:
        """What may still be changed comes first."""
        words, found, count = self._words, self._found, self._speech.count
        if found.breaks_at is not None:
            yield words.next_breach, self._when(found.breaks_at)
        if found.then:
            yield words.due_then, fill(self._sum(found.then))
        if found.later != found.then:
            yield words.due_later, fill(self._sum(found.later))
        if found.going_on:
            yield words.down, fill(count(found.going_on))
        for percent in reversed(PERCENTS):
            yield self._level(percent), fill(count(found.reached.get(percent, 0)))
        yield words.contracts, fill(count(found.contracts))

    def _level(self, percent: int) -> str:
        words = self._words
        return words.broken if percent == _BROKEN else words.reached.format(p=percent)

    def _terms(self, one: TermsForecast) -> TermsRow:
        speech, words = self._speech, self._words
        highest = max((p for p in PERCENTS if one.reached.get(p)), default=None)
        reached = (
            f"{self._level(highest)}: {speech.count(one.reached[highest])}"
            if highest is not None
            else ""
        )
        return TermsRow(
            label=one.name,
            contracts=speech.many(words.of_contracts, one.contracts),
            reached=reached,
            used=self._used(one.usual),
            breaks=Html("") if one.breaks_at is None else self._when(one.breaks_at),
            because=self._because(one),
            then=self._sum(one.then) if one.then else "",
            later=self._sum(one.later) if one.later != one.then else "",
        )

    def _because(self, one: TermsForecast) -> Html:
        """The components that were down, the longest first."""
        catalogue = self._visit.catalogue
        named = [
            self._speech.text(catalogue.component(c.component).name)
            if catalogue.has(c.component)
            else str(c.component)
            for c in one.components[:3]
        ]
        lengths = [
            f"{name} ({duration(c.seconds)}"
            + (f", {self._words.still_down})" if c.is_going_on else ")")
            for name, c in zip(named, one.components, strict=False)
        ]
        return fill(self._words.caused_by, c=", ".join(lengths)) if lengths else Html("")

    def _contract(self, contract: Contract, one: AlikeForecast) -> ContractRow:
        breaks = (
            fill(self._words.is_broken)
            if one.budget.is_used_up
            else Html("–")
            if one.breaks_at is None
            else self._speech.dated(one.breaks_at)
        )
        return ContractRow(
            contract=contract.id,
            client=contract.client_id,
            product=contract.product,
            terms=one.alike.label,
            used=self._used(one),
            breaks=breaks,
            then=self._cost(one.then),
            later=self._cost(one.later),
        )

    def _used(self, one: AlikeForecast) -> Used:
        budget, words = one.budget, self._visit.words.budget
        allowed, possible = duration(int(budget.allowed)), int(budget.possible)
        used = _hundredths(one.share)
        return Used(
            state=_state(one),
            words=words.used.format(d=duration(int(budget.used)), a=allowed),
            share=f"{self._speech.count(int(one.share * 100))} %",
            perhaps=words.perhaps.format(d=duration(possible)) if possible else "",
            used=used,
            possible=max(0, _hundredths(budget.possible_share) - used),
        )

    def _when(self, at: Second) -> Html:
        left = self._speech.duration(max(0, at - self._speech.now))
        return fill(self._words.in_time, d=left, t=self._speech.dated(at))

    def _cost(self, cost: Cost | None) -> str:
        return "–" if cost is None else self._sum(cost.totals)

    def _sum(self, totals: tuple[Money, ...]) -> str:
        lang = self._speech.lang
        written = [money(one["amount"], one["currency"], lang) for one in sums(totals)]
        return joined(written, lang) if written else self._words.nothing


def _worst_first(one: TermsForecast) -> tuple[bool, Fraction]:
    """What is broken, and then the most used: as contracts are listed."""
    return not one.usual.budget.is_used_up, -(one.usual.share or Fraction(0))


def _state(one: AlikeForecast) -> State:
    if one.budget.is_used_up or one.budget.is_going_on:
        return State(css="is-down", icon="i-down", word="")
    if one.share >= _AT_RISK:
        return State(css="is-slow", icon="i-slow", word="")
    style = "ok" if one.budget.used else "nd"
    return State(css=f"is-{style}", icon=f"i-{style}", word="")


def _hundredths(share: Fraction | None) -> int:
    return 0 if share is None else min(_WIDTH, int(share * _WIDTH))


SCREENS = (
    Screen(method="GET", path="/forecast", handle=show, scope=Scope.BILLING_READ),
)  # fmt: skip

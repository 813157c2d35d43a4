"""Telling people that an allowance is used up: once a level, terms and month.

A level is reached once half of the contracts of the same terms have reached it: one that began in
the middle of the month has less, and is broken by what is nothing to the others. Terms are back
below a level once none of their contracts is above it. Time of which nothing is known reaches
none. What was reported last is stored in the journal, so that no restart
reports it again; another month begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from credits.forecast.fields import sums
from credits.forecast.forecast import Forecast, TermsForecast
from credits.journal import BillingTransaction
from credits.money import exact_text
from credits.period.month import Month
from monitor.domain.catalogue import Alerting, BudgetAlerts, Catalogue, Route
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import Json
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import Cursors

_TOLD_AT = "budget.told_at"
_LEVELS = 1_000
"""A cursor holds month and level in one number: the level is below this."""
_MOST_COMPONENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetNews:
    """Terms that have reached a level, or that are below the one that was reported (`is_back`)."""

    terms: TermsForecast
    percent: int
    is_back: bool


def report_budgets(
    tx: BillingTransaction, found: Forecast, catalogue: Catalogue, now: Second
) -> bool:
    """Enqueue what is new, one message a route, and store that it was reported. What comes soon
    after another message waits until `group_interval` has passed, and is then told with whatever
    else is new. Returns whether anything was enqueued."""
    alerting = catalogue.alerting
    news = budget_news(tx.cursors, found, catalogue.zone, alerting.budget)
    told_at = tx.cursors.get(_TOLD_AT)
    if not news or 0 <= now - told_at < alerting.group_interval:
        return False
    month = Month.of(found.month.start, catalogue.zone)
    for one in news:
        # What fell back may be reached again, which is news then.
        level = one.percent if not one.is_back else _level(one.terms, alerting.budget)
        tx.cursors.set(_cursor(one.terms), month.ordinal * _LEVELS + level)
    tx.cursors.set(_TOLD_AT, now)
    for is_back in (False, True):
        same = [one for one in news if one.is_back is is_back]
        if same:
            _enqueue(tx, same, found, month, alerting, now)
    return True


def budget_news(
    cursors: Cursors, found: Forecast, zone: ZoneInfo, wanted: BudgetAlerts
) -> list[BudgetNews]:
    """The worst first. Of several levels that were reached at once the highest is told."""
    month = Month.of(found.month.start, zone)
    news = []
    for terms in found.by_terms:
        level, told = _level(terms, wanted), _told(cursors, terms, month)
        is_back = level < told
        # New contracts make it less than half of them, and give no allowance back.
        if level > told or (is_back and not terms.reached.get(told, 0)):
            news.append(
                BudgetNews(terms=terms, percent=told if is_back else level, is_back=is_back)
            )
    return sorted(news, key=lambda one: (-one.percent, -one.terms.contracts, one.terms.name))


def _level(terms: TermsForecast, wanted: BudgetAlerts) -> int:
    reached = (p for p in wanted.at if 2 * terms.reached.get(p, 0) >= terms.contracts)
    return max(reached, default=0)


def _told(cursors: Cursors, terms: TermsForecast, month: Month) -> int:
    stored = cursors.get(_cursor(terms))
    return stored % _LEVELS if stored // _LEVELS == month.ordinal else 0


def _cursor(terms: TermsForecast) -> str:
    return f"budget.{terms.terms_hash[:32]}"


def _enqueue(
    tx: BillingTransaction,
    news: Sequence[BudgetNews],
    found: Forecast,
    month: Month,
    alerting: Alerting,
    now: Second,
) -> None:
    """The facts are a change, which the message is worded from when it leaves."""
    kind = SystemAlert.BUDGET_BACK if news[0].is_back else SystemAlert.BUDGET_USED
    after: dict[str, Json] = {
        "month": str(month),
        "percent": news[0].percent,
        "is_urgent": _is_urgent(news, alerting.budget),
        "terms": [_facts(one) for one in news],
    }
    change = Change(
        at=found.at, actor=MACHINE.id, kind=kind, subject=str(month), before={}, after=after
    )
    tx.changes.append([change])
    subject = f"{kind}:{int(found.at)}:{tx.changes.last()}"
    tx.outbox.enqueue([_first(route, subject, now) for route in _routes(news, alerting)])


def _routes(news: Sequence[BudgetNews], alerting: Alerting) -> list[Route]:
    """Operators' routes from their level on, each where it is about a component that was down."""
    down = {one.component for news_of in news for one in news_of.terms.components}
    is_theirs = news[0].percent >= alerting.budget.operators_from
    operators = [
        route
        for route in alerting.routes
        if is_theirs and (route.components is None or route.components & down)
    ]
    return [route for route in (*operators, *alerting.billing_routes) if route.targets]


def _is_urgent(news: Sequence[BudgetNews], wanted: BudgetAlerts) -> bool:
    """Only while somebody can still do something about it."""
    least = wanted.urgent_from
    return least is not None and any(
        one.percent >= least and one.terms.going_on and not one.is_back for one in news
    )


def _first(route: Route, subject: str, now: Second) -> Notification:
    return Notification(
        event=subject, target=route.targets[0].id, route=route.id, position=0,
        kind=EventKind.SYSTEM_ALERT, subject=subject, due_at=now,
    )  # fmt: skip


def _facts(one: BudgetNews) -> dict[str, Json]:
    terms, budget = one.terms, one.terms.usual.budget
    return {
        "terms": terms.name,
        "percent": one.percent,
        "contracts": terms.contracts,
        "reached": terms.reached.get(one.percent, 0),
        "broken": terms.reached.get(100, 0),
        "allowed_s": exact_text(budget.allowed),
        "used_s": exact_text(budget.used),
        "unknown_s": exact_text(budget.possible),
        "share": int(terms.usual.share * 100),
        "is_going_on": bool(terms.going_on),
        "breaks_at": None if terms.breaks_at is None else int(terms.breaks_at),
        "then": list(sums(terms.then)),
        "an_hour_later": list(sums(terms.later)),
        "components": [
            {"component": c.component, "downtime_s": c.seconds, "is_going_on": c.is_going_on}
            for c in terms.components[:_MOST_COMPONENTS]
        ],
    }

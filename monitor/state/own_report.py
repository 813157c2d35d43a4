"""What the monitor itself suffers, as far as the journal says it: for people, not for decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE
from monitor.domain.incidents.delivery import (
    Delivery,
    Notification,
    is_failing,
    reaches_nobody,
)
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction, WantedChanges
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.clock_doubt import doubted_since
from monitor.self_monitoring.connectivity_state import ConnectivityState
from monitor.self_monitoring.stalls import StallWatch
from monitor.self_monitoring.store import StoreWatch

_NEWEST = 200
"""How many of the newest messages show of each route whether it works."""
_FEW = 2_000
"""Among so many of the newest changes the last system alert is looked for: the feed is long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport:
    """How a route of alerts fares, as far as its newest messages say: `error` is why the last one
    that failed since then did. `is_tried` is false where nothing was sent by it lately."""

    route: str
    is_tried: bool = False
    is_failing: bool = False
    last_sent: Second | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """`stale` are the checks at locations whose last result is too old to say anything.
    `is_undelivered`: no route takes an alert. `last_change` is the newest row of the feed.
    `last_alert` is when the monitor last told something of itself, or the first of the newest
    changes among which there is none: nothing was told since. None where nothing has happened."""

    log_cursor: int
    last_change: int
    offline_since: Second | None
    without_resolver_since: Second | None
    stalling_since: Second | None
    store_stuck_since: Second | None
    clock_doubted_since: Second | None
    last_alert: Second | None
    is_undelivered: bool
    pending: int
    sent: int
    given_up: int
    routes: tuple[RouteReport, ...]
    stale: tuple[FoldKey, ...]


def own_report(
    tx: JournalTransaction, catalogue: Catalogue, stale: tuple[FoldKey, ...]
) -> OwnReport:
    """`stale` as in `Freshness`, of a moment that may be some seconds ago."""
    connectivity, counts = ConnectivityState.restored(tx, catalogue), tx.outbox.counts()
    tried, newest = tx.outbox.tried(_NEWEST), tx.changes.last()
    return OwnReport(
        log_cursor=tx.folds.cursor(),
        last_change=newest,
        offline_since=connectivity.offline_since,
        without_resolver_since=connectivity.unresolved_since,
        stalling_since=StallWatch.restored(tx).stalling_since,
        store_stuck_since=StoreWatch.restored(tx).stuck_since,
        clock_doubted_since=doubted_since(tx),
        last_alert=_last_alert(tx, newest),
        is_undelivered=reaches_nobody(tried, catalogue.alerting),
        pending=counts.get(Delivery.PENDING, 0),
        sent=counts.get(Delivery.SENT, 0),
        given_up=counts.get(Delivery.FAILED, 0),
        routes=tuple(_route(route.id, tried) for route in catalogue.alerting.every_route),
        stale=stale,
    )


def _last_alert(tx: JournalTransaction, newest: int) -> Second | None:
    first = max(0, newest - _FEW)
    wanted = WantedChanges(after=first, actor=MACHINE.id, subject="monitor", is_newest_first=True)
    found = tx.changes.matching(wanted, 1) or tx.changes.since(first, 1)
    return found[0].at if found else None


def _route(route: str, tried: Sequence[Notification]) -> RouteReport:
    own = [message for message in tried if message.route == route]
    sent = [m.sent_at for m in own if m.delivery is Delivery.SENT and m.sent_at is not None]
    is_bad = is_failing(own)
    return RouteReport(
        route=route,
        is_tried=bool(own),
        is_failing=is_bad,
        last_sent=max(sent, default=None),
        error=next((m.error for m in own if m.error), "") if is_bad else "",
    )

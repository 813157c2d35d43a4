"""What the monitor itself suffers, as far as the journal says it: for people, not for decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import FoldState, is_stale
from monitor.domain.incidents.delivery import Delivery, reaches_nobody
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.connectivity_state import ConnectivityState
from monitor.self_monitoring.stalls import StallWatch
from monitor.self_monitoring.store import StoreWatch
from monitor.state.component_status import grace

_NEWEST = 200
"""How many of the newest messages show of each route whether it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """`stale` are the checks at locations whose last result is too old to say anything.
    `is_undelivered`: no route takes an alert. `last_change` is the newest row of the feed."""

    log_cursor: int
    last_change: int
    offline_since: Second | None
    without_resolver_since: Second | None
    stalling_since: Second | None
    store_stuck_since: Second | None
    is_undelivered: bool
    pending: int
    sent: int
    given_up: int
    stale: tuple[FoldKey, ...]


def own_report(
    tx: JournalTransaction, catalogue: Catalogue, states: Mapping[FoldKey, FoldState], at: Second
) -> OwnReport:
    """`states` are those of the second `at`, which may be some seconds ago."""
    connectivity, counts = ConnectivityState.restored(tx, catalogue), tx.outbox.counts()
    return OwnReport(
        log_cursor=tx.folds.cursor(),
        last_change=tx.changes.last(),
        offline_since=connectivity.offline_since,
        without_resolver_since=connectivity.unresolved_since,
        stalling_since=StallWatch.restored(tx).stalling_since,
        store_stuck_since=StoreWatch.restored(tx).stuck_since,
        is_undelivered=reaches_nobody(tx.outbox.tried(_NEWEST), catalogue.alerting),
        pending=counts.get(Delivery.PENDING, 0),
        sent=counts.get(Delivery.SENT, 0),
        given_up=counts.get(Delivery.FAILED, 0),
        stale=tuple(_stale(catalogue, states, at)),
    )


def _stale(
    catalogue: Catalogue, states: Mapping[FoldKey, FoldState], at: Second
) -> Iterator[FoldKey]:
    """In the catalogue's order; one that never had a result is stale too."""
    for check in catalogue.checks:
        patience = grace(check)
        for place in check.locations:
            state = states.get((check.id, place))
            if state is None or is_stale(state, at, patience):
                yield check.id, place

"""Whose results are fresh, of all checks at one moment: found in one pass over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import FoldState, is_stale
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import Second
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import grace


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """`newest` is the last slot that anything was seen in. `stale` are the checks at locations
    whose last result is too old to say anything, or who never had one, in the catalogue's order.
    `doubtful` are the components of which not every check is plainly up: what they are has to be
    rolled up."""

    newest: Second | None
    stale: tuple[FoldKey, ...]
    doubtful: frozenset[ComponentId]


def freshness_of(
    catalogue: Catalogue, states: Mapping[FoldKey, FoldState], at: Second
) -> Freshness:
    """`states` are those of the second `at`."""
    stale: list[FoldKey] = []
    doubtful: set[ComponentId] = set()
    for check in catalogue.checks:
        patience = grace(check)
        for place in check.locations:
            state = states.get((check.id, place))
            if state is None or is_stale(state, at, patience):
                stale.append((check.id, place))
                doubtful.add(check.component)
            elif state.status is not Outcome.UP or not state.is_confirmed:
                doubtful.add(check.component)
    slots = (state.last_slot for state in states.values() if state.last_slot is not None)
    return Freshness(
        newest=max(slots, default=None), stale=tuple(stale), doubtful=frozenset(doubtful)
    )

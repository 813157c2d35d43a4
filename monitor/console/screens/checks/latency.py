"""How long runs of a check, or of a component's checks, took: parts that their pages load by
themselves, and pages of their own. A store that is away or hangs holds neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from monitor.console.figures.latency import CheckRow, PlaceLatency, check_row, place_latency
from monitor.console.screens.checks.check import found_check
from monitor.console.screens.checks.component import found_component
from monitor.console.visit import Later, Page, Screen, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check
from monitor.history.http.problems import Problem
from monitor.history.phases import RUNS, SAMPLES
from monitor.history.recent import latency_of_checks, recent_latency
from monitor.results.stores.ports import ResultStore, StoreMisconfigured, StoreUnavailable

PATIENCE_S = 5.0
"""How long somebody waits for a store, who has seen the rest of the page meanwhile."""
_MOST_CHECKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyPage:
    """`url` is that of the check or component. `why_not` says why there is nothing to show, and
    `reason` what the store said; `sample` counts the runs of a day that phases are taken from."""

    name: str
    url: str
    why_not: str = ""
    reason: str = ""
    places: tuple[PlaceLatency, ...] = ()
    checks: tuple[CheckRow, ...] = ()
    hidden: int = 0
    sample: int = RUNS * SAMPLES


Fill = Callable[[LatencyPage, ResultStore], Coroutine[Any, Any, LatencyPage]]


def show_check(visit: Visit) -> Later:
    check = found_check(visit, visit.catalogue)
    empty = LatencyPage(name=check.id, url=f"/checks/{check.id}")
    return Later(shown=partial(_shown, visit, empty, partial(_of_check, visit, check)))


def show_component(visit: Visit) -> Later:
    component = found_component(visit, visit.catalogue)
    name, url = visit.speech.text(component.name), f"/components/{component.id}"
    checks = visit.catalogue.checks_of(component.id)
    empty = LatencyPage(name=name, url=url, hidden=max(0, len(checks) - _MOST_CHECKS))
    fill = partial(_of_checks, visit, checks[:_MOST_CHECKS])
    return Later(shown=partial(_shown, visit, empty, fill))


async def _of_check(
    visit: Visit, check: Check, empty: LatencyPage, store: ResultStore
) -> LatencyPage:
    found = await recent_latency(store, check, visit.speech.now, visit.speech.zone)
    return replace(empty, places=tuple(place_latency(one, visit.speech) for one in found))


async def _of_checks(
    visit: Visit, checks: Sequence[Check], empty: LatencyPage, store: ResultStore
) -> LatencyPage:
    found = await latency_of_checks(store, checks, visit.speech.now, visit.speech.zone)
    return replace(empty, checks=tuple(check_row(one, visit.speech) for one in found))


async def _shown(visit: Visit, empty: LatencyPage, fill: Fill) -> Page:
    """On the event loop: the store's own threads do the work, few at once."""
    words = visit.words.latency
    try:
        page = await _filled(visit, empty, fill)
    except (StoreUnavailable, StoreMisconfigured) as error:
        page = replace(empty, why_not=words.away, reason=str(error))
    except Problem:
        page = replace(empty, why_not=words.busy)
    except TimeoutError:
        page = replace(empty, why_not=words.slow.format(n=f"{PATIENCE_S:g}"))
    return Page(template="latency.html", title=f"{words.title} · {page.name}", page=page)


async def _filled(visit: Visit, empty: LatencyPage, fill: Fill) -> LatencyPage:
    """Raises StoreUnavailable, StoreMisconfigured, Problem where too many ask, or TimeoutError; a
    question that was given up keeps its permit until the store has answered."""
    history = visit.backend.history
    if history is None:
        raise StoreUnavailable("this role reads no results")
    store = history.source.store().store
    async with asyncio.timeout(PATIENCE_S):
        return await history.limit.run(partial(fill, empty, store))


SCREENS = (
    Screen(
        method="GET", path="/latency/checks/{id:.+}", handle=show_check, scope=Scope.STATE_READ
    ),
    Screen(
        method="GET", path="/latency/components/{id}", handle=show_component,
        scope=Scope.STATE_READ,
    ),
)  # fmt: skip

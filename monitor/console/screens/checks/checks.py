"""Every check, what fails first, with search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.api.present.moment import Present
from monitor.console.screens.incidents.incident_card import names_of
from monitor.console.screens.paging import PAGE, first_of, next_url
from monitor.console.states import State, state_of, worst
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import Outcome
from monitor.incidents.service_bounds import ServiceBounds
from statuspage.parts.html import Html

_RANK = (Outcome.DOWN, Outcome.DEGRADED, Outcome.UNKNOWN, Outcome.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    id: str
    url: str
    component: str
    component_url: str
    kind: str
    state: State
    at: Html | None
    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPage:
    rows: tuple[CheckRow, ...]
    searched: str
    found: int
    hidden: int
    next_url: str
    total: int


def show(visit: Visit) -> Shown:
    present, searched = Present.read(visit.backend), visit.query.get("q", "").strip()
    bounds = ServiceBounds.of(visit.actor, present.catalogue)
    names = names_of(present.catalogue, visit.speech)
    seen = [c for c in present.catalogue.checks if bounds.has(c.component)]
    words = searched.casefold().split()
    found = [c for c in seen if _is_found(c, names[c.component], words)] if words else seen
    ranked = sorted(((_outcome(c, present), c) for c in found), key=lambda o: _RANK.index(o[0]))
    first = first_of(visit)
    shown = ranked[first : first + PAGE]
    return Page(
        template="checks.html",
        title=visit.words.nav["checks"],
        page=ChecksPage(
            rows=tuple(
                _row(check, outcome, names[check.component], present, visit)
                for outcome, check in shown
            ),
            searched=searched,
            found=len(found),
            hidden=max(0, len(found) - first - PAGE),
            next_url=next_url(visit, "/checks", first, len(found)),
            total=len(seen),
        ),
    )


def _is_found(check: Check, component: str, words: Sequence[str]) -> bool:
    said = f"{check.id} {check.kind} {component} {check.host or ''}".casefold()
    return all(word in said for word in words)


def _outcome(check: Check, present: Present) -> Outcome:
    return worst([present.status(check, place) for place in check.locations])


def _row(
    check: Check, outcome: Outcome, component: str, present: Present, visit: Visit
) -> CheckRow:
    last = [present.last(check, place) for place in check.locations]
    newest = max((one.at for one in last if one.at is not None), default=None)
    taken = [sum(r.phases_ms.values()) for one in last if (r := one.result) is not None]
    return CheckRow(
        id=check.id,
        url=f"/checks/{check.id}",
        component=component,
        component_url=f"/components/{check.component}",
        kind=check.kind,
        state=state_of(outcome, visit.speech),
        at=visit.speech.ago(newest) if newest is not None else None,
        duration=f"{max(taken):.0f}\u00a0ms" if taken and max(taken) > 0 else "",
    )


SCREENS = (Screen(method="GET", path="/checks", handle=show, scope=Scope.STATE_READ),)

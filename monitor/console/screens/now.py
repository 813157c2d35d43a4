"""What is wrong now: open incidents, failing checks by cause, work that runs, and the monitor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.api.present.moment import FAILED, LastResult, Present
from monitor.api.present.own_faults import OwnReading
from monitor.console.commands import incident_commands, maintenance_commands
from monitor.console.figures.budget import BudgetCard, budget_card, budgets_at_risk, month_budgets
from monitor.console.screens.incidents.incident_card import IncidentCard, incident_card, name_of
from monitor.console.screens.maintenance.window_card import WindowCard, window_card
from monitor.console.screens.monitor import fault_sentence
from monitor.console.speech import Speech
from monitor.console.states import State, state_of, worst
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Second
from monitor.i18n.words import MONITOR
from monitor.incidents.service_bounds import ServiceBounds
from statuspage.parts.html import Html, fill

_MOST_CHECKS = 100
_SOON = 7 * 86_400
_TOO_OLD = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingCheck:
    """`places` is `2/3`; `evidence` is what was said on the wire."""

    id: str
    url: str
    component: str
    state: State
    evidence: str
    since: Html
    places: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup:
    """The checks that fail for one reason, the longest first."""

    cause: str
    state: State
    checks: tuple[FailingCheck, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """What the monitor itself suffers: `state` is well, or says what is wrong."""

    state: State
    read_at: Html
    looked: Html | None
    """When roles and machine were looked at; None where nobody does, or the account may not see."""
    faults: tuple[str, ...]
    url: str
    """Where more of it is said; empty for accounts of some services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NowPage:
    incidents: tuple[IncidentCard, ...]
    untouched: int
    """Incidents in which nobody has written yet."""
    groups: tuple[CauseGroup, ...]
    failing: int
    checks: int
    hidden: int
    """Failing checks that are left out of the list."""
    windows: tuple[WindowCard, ...]
    monitor: Monitor
    budget: BudgetCard | None
    """None where the default terms promise nothing."""
    may_write: bool
    may_plan: bool
    is_empty: bool
    """Nothing is configured yet."""


def show(visit: Visit) -> Shown:
    present, speech = Present.read(visit.backend), visit.speech
    bounds = ServiceBounds.of(visit.actor, present.catalogue)
    failing = [c for c in present.failing() if bounds.has(c.component)]
    opened = sorted(present.incidents, key=lambda i: i.started_at)
    incidents = incident_commands(visit).seen(opened)
    budgets = month_budgets(present.core, visit)
    cards = tuple(
        replace(
            incident_card(i, present.catalogue, speech),
            budget=budgets_at_risk(budgets, i.concerned, visit),
        )
        for i in incidents
    )
    checks = present.catalogue.checks
    if not bounds.are_none:
        checks = tuple(c for c in checks if bounds.has(c.component))
    silent = sum(1 for c in present.silent if bounds.has(c))
    return Page(
        template="now.html",
        title=_title(len(cards), visit),
        page=NowPage(
            incidents=cards,
            untouched=sum(not card.by_person for card in cards),
            groups=_groups(failing[:_MOST_CHECKS], present, visit),
            failing=len(failing),
            checks=len(checks),
            hidden=max(0, len(failing) - _MOST_CHECKS),
            windows=_windows(visit),
            monitor=_monitor(present, silent, visit),
            budget=budget_card(budgets, bounds, visit),
            may_write=visit.may(Scope.INCIDENTS_WRITE),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
            is_empty=not present.catalogue.checks,
        ),
    )


def _title(open_incidents: int, visit: Visit) -> str:
    """The number first: it is what a tab shows."""
    words = visit.words
    return f"({open_incidents}) {words.nav['now']}" if open_incidents else words.nav["now"]


def _groups(checks: Iterable[Check], present: Present, visit: Visit) -> tuple[CauseGroup, ...]:
    by_cause: dict[str, list[tuple[Second, Outcome, FailingCheck]]] = defaultdict(list)
    for check in checks:
        found = [present.last(check, place) for place in check.locations]
        # Where the clock was set, or results have stopped, a failure is no longer confirmed.
        failed = [last for last in found if last.status in FAILED]
        if failed:
            cause = present.core.states[(check.id, failed[0].location)].cause
            since = min((one.since for one in failed if one.since is not None), default=present.now)
            outcome = worst([last.status for last in failed])
            entry = _failing(check, failed, found, since, outcome, present, visit.speech)
            by_cause[cause].append((since, outcome, entry))
    groups = [
        CauseGroup(
            cause=cause,
            state=state_of(worst([outcome for _, outcome, _ in entries]), visit.speech, cause),
            checks=tuple(entry for _, _, entry in sorted(entries, key=lambda e: (e[0], e[2].id))),
        )
        for cause, entries in by_cause.items()
    ]
    return tuple(sorted(groups, key=lambda g: (-len(g.checks), g.cause)))


def _failing(
    check: Check,
    failed: list[LastResult],
    found: list[LastResult],
    since: Second,
    outcome: Outcome,
    present: Present,
    speech: Speech,
) -> FailingCheck:
    messages = [last.result.message for last in failed if last.result and last.result.message]
    return FailingCheck(
        id=check.id,
        url=f"/checks/{check.id}",
        component=name_of(check.component, present.catalogue, speech),
        state=state_of(outcome, speech),
        evidence=messages[0] if messages else "",
        since=speech.since(since),
        places=f"{len(failed)}/{len(found)}",
    )


def _windows(visit: Visit) -> tuple[WindowCard, ...]:
    commands = maintenance_commands(visit)
    soon = visit.speech.now + _SOON
    return tuple(window_card(w, visit) for w in commands.listed() if w.start <= soon)


def _monitor(present: Present, silent: int, visit: Visit) -> Monitor:
    """The worst of what the monitor knows of itself; for accounts of some services, of results."""
    speech = visit.speech
    words = speech.words
    newest = present.newest_slot
    is_late = newest is None or present.now - newest > _TOO_OLD
    reading = None if visit.actor.services is not None else OwnReading.read(visit.backend)
    faults = _own_faults(reading, speech)
    if faults:
        word = speech.many(MONITOR[speech.lang].ill, len(faults))
        state = state_of(Outcome.DOWN, speech, word)
    elif is_late or silent:
        word = words.monitor_late if is_late else speech.many(words.monitor_silent, silent)
        state = state_of(Outcome.DEGRADED, speech, word)
    else:
        state = state_of(Outcome.UP, speech, words.monitor_well)
    read_at = speech.dated(newest) if newest is not None else Html("–")
    url = "/monitor" if visit.actor.services is None else ""
    return Monitor(
        state=state, read_at=read_at, looked=_looked(reading, speech), faults=faults, url=url
    )


def _looked(reading: OwnReading | None, speech: Speech) -> Html | None:
    if reading is None or reading.machine is None:
        return None
    return fill(MONITOR[speech.lang].looked, t=speech.dated(reading.machine.at))


def _own_faults(reading: OwnReading | None, speech: Speech) -> tuple[str, ...]:
    """As the monitor's own page has them; what is only a warning stays there."""
    faults = () if reading is None else reading.faults
    return tuple(fault_sentence(fault, speech) for fault in faults if not fault.is_warning)


SCREENS = (Screen(method="GET", path="/", handle=show, scope=Scope.STATE_READ),)

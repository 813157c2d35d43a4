"""One check: what it is, what it saw last and how long each phase took, and when it failed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.api.present.moment import LastResult, Present
from monitor.api.resources.checks import ProbeDocument
from monitor.api.resources.checks import probe as run_now
from monitor.console.figures.heat_map import HeatMap, heat_map
from monitor.console.screens.incidents.incident_card import name_of
from monitor.console.speech import Speech
from monitor.console.states import State, state_of, worst
from monitor.console.visit import Later, Page, Screen, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import CheckId, ComponentId, Json, Outcome, Result
from monitor.domain.refusals import no_such
from monitor.domain.time.interval import Interval, Second
from monitor.history.week import check_week
from monitor.incidents.service_bounds import ServiceBounds
from monitor.timelines.reading import Drawing
from statuspage.parts.html import Html

_BACK = 30 * 86_400
_MOST_FAILURES = 30
_WIDTH = 1_000
_LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseBar:
    """One phase of a run: where its part of the bar begins and how wide it is, in thousandths."""

    name: str
    words: str
    x: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What was seen at one location."""

    location: str
    state: State
    since: Html
    at: Html | None
    outcome: State | None
    failure: str
    message: str
    total: str
    phases: tuple[PhaseBar, ...]
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One stretch of time in which it was confirmed to fail, at one location."""

    location: str
    state: State
    cause: str
    began: Html
    lasted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a run by hand saw, just now."""

    at: Html
    state: State
    failure: str
    message: str
    total: str
    phases: tuple[PhaseBar, ...]
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    id: str
    probe_url: str
    """Empty where the account may not."""
    probed: Probed | None
    state: State
    component: str
    component_url: str
    facts: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    failures: tuple[Failure, ...]
    week: HeatMap
    latency_url: str
    hanging: tuple[tuple[str, str], ...]
    """What depends on its component: names and addresses."""


def show(visit: Visit) -> Page:
    return _page(visit)


def probe(visit: Visit) -> Later:
    """Run it now, in a process of its own: a page of what it saw, once it has ended."""
    answer = run_now(visit.call)
    if answer.later is None:
        raise TypeError("a check is run beside the request")
    run = answer.later

    async def shown() -> Page:
        seen = (await run()).document
        if not isinstance(seen, ProbeDocument):
            raise TypeError(f"want ProbeDocument, got {type(seen).__name__}")
        return await asyncio.to_thread(_page, visit, seen)

    return Later(shown=shown)


def _page(visit: Visit, probed: ProbeDocument | None = None) -> Page:
    present, speech = Present.read(visit.backend), visit.speech
    check = found_check(visit, present.catalogue)
    last = [present.last(check, place) for place in check.locations]
    failures, week = _past(check, present, visit)
    return Page(
        template="check.html",
        title=check.id,
        page=CheckPage(
            id=check.id,
            probe_url=f"/checks/{check.id}/probe" if visit.may(Scope.PROBE_RUN) else "",
            probed=_probed(probed, speech) if probed is not None else None,
            state=state_of(worst([one.status for one in last]), speech),
            component=name_of(check.component, present.catalogue, speech),
            component_url=f"/components/{check.component}",
            facts=_facts(check, speech),
            places=tuple(_place(one, speech) for one in last),
            failures=failures,
            week=week,
            latency_url=f"/latency/checks/{check.id}",
            hanging=hanging_on(check.component, present, visit),
        ),
    )


def found_check(visit: Visit, catalogue: Catalogue) -> Check:
    """Raises NotFound, also where it belongs to services that are not the account's."""
    bounds = ServiceBounds.of(visit.actor, catalogue)
    check = catalogue.check(CheckId(visit.name))
    if check is None or not bounds.has(check.component):
        known = [c.id for c in catalogue.checks if bounds.has(c.component)]
        raise no_such("check", visit.name, known)
    return check


def hanging_on(
    component: ComponentId, present: Present, visit: Visit
) -> tuple[tuple[str, str], ...]:
    """What depends on it, as far as the account may see it."""
    bounds = ServiceBounds.of(visit.actor, present.catalogue)
    return tuple(
        (visit.speech.text(c.name), f"/components/{c.id}")
        for c in present.catalogue.components
        if component in c.depends_on and bounds.has(c.id)
    )


def _facts(check: Check, speech: Speech) -> tuple[tuple[str, str], ...]:
    words, policy = speech.words.check_facts, check.policy
    found = {
        "kind": check.kind,
        "interval": speech.duration(check.interval),
        "timeout": f"{check.timeout_s:g}\u00a0s",
        "confirm": f"{policy.confirm_down} / {policy.confirm_up}",
        "slow": f"{check.thresholds.slow_ms:g}\u00a0ms" if check.thresholds.slow_ms else "",
        "host": check.host or "",
        "gate": check.gate or "",
        "locations": ", ".join(check.locations),
    }
    return tuple((words[name], value) for name, value in found.items() if value)


def _place(last: LastResult, speech: Speech) -> Place:
    result = last.result
    phases = result.phases_ms if result is not None else {}
    return Place(
        location=last.location,
        state=state_of(last.status, speech),
        since=speech.since(None if last.status is Outcome.UNKNOWN else last.since),
        at=speech.ago(last.at) if last.at is not None else None,
        outcome=state_of(result.outcome, speech) if result is not None else None,
        failure=(result.failure or "") if result is not None else "",
        message=result.message if result is not None else "",
        total=speech.milliseconds(sum(phases.values())) if phases else "",
        phases=_bars(phases, speech),
        evidence=_evidence(result),
    )


def _probed(seen: ProbeDocument, speech: Speech) -> Probed:
    return Probed(
        at=speech.clock(speech.now),
        state=state_of(Outcome(seen.outcome), speech),
        failure=seen.failure or "",
        message=seen.message,
        total=speech.milliseconds(seen.total_ms),
        phases=_bars(seen.phases_ms, speech),
        evidence=tuple((n, _said(v)[:_LONGEST_VALUE]) for n, v in seen.evidence.items()),
    )


def _bars(phases: Mapping[str, float], speech: Speech) -> tuple[PhaseBar, ...]:
    """Stacked one behind the other, each as wide as its share."""
    total = sum(phases.values())
    if total <= 0:
        return ()
    bars, x = [], 0.0
    for number, (name, taken) in enumerate(phases.items()):
        width = taken / total * _WIDTH
        bars.append(
            PhaseBar(
                name=name, words=speech.milliseconds(taken), x=round(x), width=max(1, round(width)),
                colour=number % 6,
            )
        )  # fmt: skip
        x += width
    return tuple(bars)


def _evidence(result: Result | None) -> tuple[tuple[str, str], ...]:
    if result is None:
        return ()
    return tuple((name, _said(value)[:_LONGEST_VALUE]) for name, value in result.evidence.items())


def _said(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _past(check: Check, present: Present, visit: Visit) -> tuple[tuple[Failure, ...], HeatMap]:
    """The failures of thirty days, newest first, and the hours of the week."""
    now = visit.speech.now
    catalogues = visit.backend.source.catalogues().as_of(now)
    window = Interval(Second(now - _BACK), Second(now + 1))
    with visit.backend.reading.transaction() as tx:
        drawn = tx.transitions.drawing(window, [(check.id, place) for place in check.locations])
        week = check_week(tx, catalogues, check, now)
    return _failures(drawn, present, visit.speech), heat_map(week, visit.speech)


def _failures(drawn: Drawing, present: Present, speech: Speech) -> tuple[Failure, ...]:
    found: list[tuple[Second, Failure]] = []
    for key, transitions in drawn.items():
        state = present.core.states.get(key)
        seen_until = state.covered_until if state is not None else None
        until = min(speech.now, seen_until or speech.now)
        found += _stretches(key[1], transitions, until, speech)
    return tuple(f for _, f in sorted(found, key=lambda f: -f[0])[:_MOST_FAILURES])


def _stretches(
    place: str, transitions: Sequence[Transition], until: Second, speech: Speech
) -> list[tuple[Second, Failure]]:
    """`until` is how far results reach: a failure that nobody sees any more has no later end."""
    found = []
    ends = [t.effective_at for t in transitions[1:]] + [until]
    for transition, end in zip(transitions, ends, strict=True):
        if transition.to in (Outcome.DOWN, Outcome.DEGRADED):
            failure = Failure(
                location=place,
                state=state_of(transition.to, speech),
                cause=transition.cause,
                began=speech.dated(transition.effective_at),
                lasted=speech.duration(max(0, end - transition.effective_at)),
            )
            found.append((transition.effective_at, failure))
    return found


SCREENS = (
    Screen(
        method="POST", path="/checks/{id:.+}/probe", handle=probe, again=show,
        back="/checks/{id}",
        scope=Scope.PROBE_RUN,
    ),
    Screen(method="GET", path="/checks/{id:.+}", handle=show, scope=Scope.STATE_READ),
)  # fmt: skip

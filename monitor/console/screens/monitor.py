"""The monitor itself: its faults, each with the way out, and how each part of it fares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.api.machine import Machine
from monitor.api.present.own_faults import OwnFault, OwnReading
from monitor.console.speech import Speech
from monitor.console.states import State
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service
from monitor.domain.role_fault import CoreFault, RoleFault
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP, file_size, rough_duration
from monitor.i18n.forms.monitor import MonitorWords
from monitor.i18n.words import MONITOR
from monitor.state.own_report import RouteReport
from statuspage.parts.html import Html, escaped, fill

_MOST_STALE = 100
_ROLES = ("prober", "core", "page", "store", "console", "subscribers")
Fact = tuple[str, Html]
"""What something is called, and what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`said` is what was said of it in English; `command` is empty where none helps."""

    state: State
    says: str
    since: Html | None
    way_out: str
    command: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    name: str
    purpose: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    name: str
    state: State
    last_sent: Html | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorPage:
    words: MonitorWords
    state: State
    since: Html | None
    looked: Html | None
    faults: tuple[Fault, ...]
    roles: tuple[Role, ...]
    prober: tuple[Fact, ...]
    keeping: tuple[Fact, ...]
    store: tuple[Fact, ...]
    alerts: tuple[Fact, ...]
    routes: tuple[Route, ...]
    network: tuple[Fact, ...]
    stale: tuple[tuple[str, str], ...]
    """Checks and their locations."""
    stale_left: int
    """How many more there are."""


def show(visit: Visit) -> Shown:
    require_every_service(visit.actor)
    reading, speech = OwnReading.read(visit.backend), visit.speech
    words, machine = MONITOR[speech.lang], reading.machine
    stale = reading.report.stale
    return Page(
        template="monitor.html",
        title=visit.words.nav["monitor"],
        page=MonitorPage(
            words=words,
            state=_state_of_reading(reading, speech),
            since=_well_since(reading, speech),
            looked=fill(words.looked, t=speech.dated(machine.at)) if machine else None,
            faults=tuple(_fault(fault, speech) for fault in reading.faults),
            roles=tuple(_roles(machine, words)) if machine else (),
            prober=tuple(_prober(machine, speech)) if machine else (),
            keeping=tuple(_keeping(reading, speech)),
            store=tuple(_store(machine, reading.at, speech)) if machine else (),
            alerts=tuple(_alerts(reading, speech)),
            routes=tuple(_route(route, speech) for route in reading.report.routes),
            network=tuple(_network(reading, speech)),
            stale=tuple((str(check), str(place)) for check, place in stale[:_MOST_STALE]),
            stale_left=max(0, len(stale) - _MOST_STALE),
        ),
    )


def _state_of_reading(reading: OwnReading, speech: Speech) -> State:
    """The worst that is known, in a word: how many faults, or warnings, there are."""
    words = MONITOR[speech.lang]
    faults = [fault for fault in reading.faults if not fault.is_warning]
    if faults:
        return _state("down", speech.many(words.ill, len(faults)))
    if reading.faults:
        return _state("slow", speech.many(words.warned, len(reading.faults)))
    return _state("ok", words.well)


def fault_sentence(fault: OwnFault, speech: Speech) -> str:
    return _filled(MONITOR[speech.lang].faults[fault.kind].says, fault, speech).strip(" :")


def _well_since(reading: OwnReading, speech: Speech) -> Html | None:
    since = reading.well_since
    if since is None:
        return None
    return fill(MONITOR[speech.lang].well_since, t=speech.dated(since))


def _state(css: str, word: str) -> State:
    return State(css=f"is-{css}", icon=f"i-{css}", word=word)


def _fault(fault: OwnFault, speech: Speech) -> Fault:
    words = MONITOR[speech.lang]
    said = words.faults[fault.kind]
    # Nobody is named where nobody can be seen.
    has_command = said.command and (fault.subject or "{x}" not in said.command)
    return Fault(
        state=_state("slow", words.warning) if fault.is_warning else _state("down", words.fault),
        says=fault_sentence(fault, speech),
        since=speech.since(fault.since) if fault.since is not None else None,
        way_out=said.way_out,
        command=_filled(said.command, fault, speech) if has_command else "",
        read=said.read,
    )


def _filled(sentence: str, fault: OwnFault, speech: Speech) -> str:
    said = _said(fault, MONITOR[speech.lang])
    return sentence.format(x=fault.subject, w=said, n=speech.count(fault.count))


def _said(fault: OwnFault, words: MonitorWords) -> str:
    """In the language of the page, where what was said has a code."""
    if fault.role is not None:
        return _role_words(fault.role, words)
    return _core_words(fault.core, words) if fault.core else fault.words


def _role_words(fault: RoleFault, words: MonitorWords) -> str:
    said, detail = words.role_faults[fault.code], fault.detail
    if fault.reasons:
        detail = f"{detail}: {_core_words(fault.reasons, words)}"
    part = f" ({fault.part})" if fault.part else ""
    return said.format(d=detail, u=fault.url, s=rough_duration(fault.age_s)) + part


def _core_words(faults: tuple[CoreFault, ...], words: MonitorWords) -> str:
    return "; ".join(_one_of_core(fault, words) for fault in faults)


def _one_of_core(fault: CoreFault, words: MonitorWords) -> str:
    by = words.stalls_by.format(d=fault.detail) if fault.detail else ""
    return words.core_faults[fault.code].format(
        d=fault.detail, s=rough_duration(fault.age_s), n=fault.count, by=by
    )


def _roles(machine: Machine, words: MonitorWords) -> Iterator[Role]:
    """This very role answers; of those that nobody looks at nothing is said."""
    for name in _ROLES:
        if name != "console" and name not in machine.faults:
            continue
        fault = machine.faults.get(name)
        yield Role(
            name=name,
            purpose=words.role_purposes[name],
            state=_state("down", _role_words(fault, words))
            if fault
            else _state("ok", words.role_well),
        )


def _prober(machine: Machine, speech: Speech) -> Iterator[Fact]:
    words, found = MONITOR[speech.lang], machine.prober
    if found is None:
        return
    yield words.reported, speech.ago(found.at)
    yield words.started, speech.dated(found.started_at)
    yield words.lateness, _milliseconds(found.lateness_p99_ms)
    yield words.lag, _milliseconds(found.loop_lag_ms)
    yield words.missed, escaped(speech.count(found.missed))
    yield words.unwritten, escaped(speech.count(found.unwritten))
    yield words.memory, escaped(file_size(found.rss_bytes, speech.lang))


def _keeping(reading: OwnReading, speech: Speech) -> Iterator[Fact]:
    words, report, machine = MONITOR[speech.lang], reading.report, reading.machine
    if machine is not None and machine.journal_bytes is not None:
        yield words.journal_size, escaped(file_size(machine.journal_bytes, speech.lang))
    yield words.last_change, escaped(f"#{report.last_change}")
    if machine is None:
        return
    if (closing := machine.closing) is not None:
        done, every = speech.count(closing.contracts), speech.count(closing.of)
        said = words.closed_so_far.format(m=closing.month, n=done, k=every)
        yield words.closing, escaped(said)
    holder = machine.holder
    if holder is None:
        yield words.holder, escaped(words.nobody)
    else:
        yield words.holder, escaped(f"{holder.pid or '?'} {holder.command}".strip())
    if machine.newest_row is not None:
        lag = max(0, machine.newest_row - report.log_cursor)
        yield words.log_behind, escaped(speech.count(lag))
    if machine.disk_free is not None and machine.disk_size is not None:
        free, size = (file_size(n, speech.lang) for n in (machine.disk_free, machine.disk_size))
        yield words.disk, escaped(words.disk_free.format(a=free, b=size))


def _store(machine: Machine, now: Second, speech: Speech) -> Iterator[Fact]:
    words, found = MONITOR[speech.lang], machine.store
    if found is None:
        return
    rows = speech.many(words.rows, found.lag_rows)
    yield words.kind, escaped(found.kind)
    yield words.reported, speech.ago(found.at)
    yield words.behind, escaped(f"{rows}, {rough_duration(found.lag_s(now))}")
    yield words.latency_behind, escaped(speech.many(words.rows, found.windows_lag_rows))
    yield words.dead_letters, escaped(speech.count(found.dead_letters))
    if said := found.paused or found.fault:
        yield words.said, escaped(said)


def _alerts(reading: OwnReading, speech: Speech) -> Iterator[Fact]:
    words, report = MONITOR[speech.lang], reading.report
    yield words.pending, escaped(speech.count(report.pending))
    yield words.sent, escaped(speech.count(report.sent))
    yield words.given_up, escaped(speech.count(report.given_up))
    used = words.emergency_used if reading.sends_directly else words.emergency_idle
    yield words.emergency, escaped(used)


def _route(route: RouteReport, speech: Speech) -> Route:
    words = MONITOR[speech.lang]
    state = _state("ok", words.route_well)
    if route.is_failing:
        state = _state("down", words.route_failing)
    elif not route.is_tried:
        state = _state("nd", words.route_untried)
    sent = speech.dated(route.last_sent) if route.last_sent is not None else None
    return Route(name=route.route, state=state, last_sent=sent, error=route.error)


def _network(reading: OwnReading, speech: Speech) -> Iterator[Fact]:
    words, report = MONITOR[speech.lang], reading.report
    known = (
        (words.line, report.offline_since, words.line_well, words.line_cut),
        (words.resolver, report.without_resolver_since, words.resolver_well, words.resolver_silent),
        (words.clock, report.clock_doubted_since, words.clock_well, words.clock_doubted),
    )
    for name, since, well, ill in known:
        yield name, escaped(well) if since is None else fill(ill, t=speech.dated(since))
    if reading.machine is not None:
        yield words.steps, _steps(reading.machine, speech)


def _steps(machine: Machine, speech: Speech) -> Html:
    words = MONITOR[speech.lang]
    told = [
        f"{speech.dated(step.at)}: {escaped(_by(step.by_s, words))}" for step in machine.clock_steps
    ]
    return Html("<br>".join(told)) if told else escaped(words.no_steps)


def _by(step_s: int, words: MonitorWords) -> str:
    return (words.ahead if step_s > 0 else words.back).format(d=rough_duration(abs(step_s)))


def _milliseconds(number: float) -> Html:
    return escaped(f"{number:.0f}{NBSP}ms")


SCREENS = (Screen(method="GET", path="/monitor", handle=show, scope=Scope.STATE_READ),)

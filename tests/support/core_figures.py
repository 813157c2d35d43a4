"""The core's figures with something of everything: what `/metrics` tells at its fullest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import (
    LOCAL,
    ComponentId,
    FailureId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.incidents.incident import ComponentStatus, Impact, Incident, IncidentId, Phase
from monitor.domain.subscriptions.delivery_figures import (
    DeliveryFigures,
    Queue,
    SubscribersMetrics,
)
from monitor.domain.subscriptions.subscription import SubscriptionState
from monitor.domain.text import plain
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.metrics.core_metrics import (
    CoreMetrics,
    DiskMetrics,
    ForecastMetrics,
    ProcessMetrics,
)
from monitor.results.log.ports import FoldKey, ProberMetrics
from monitor.results.stores.ports import StoreMetrics
from monitor.state.last_runs import LastRuns
from tests.statuspage.builders import component
from tests.support.worlds import DNS, MAIL, WEB, catalogue, look

PHASES = {"tcp": ("resolve", "connect", "tls", "greeting")}
_MARKS = {WEB: "+", DNS: "-", MAIL: "~"}
_STATUS = {"+": Outcome.UP, "-": Outcome.DOWN, "~": Outcome.DEGRADED}
_DAY = 86_400


def gathered(
    figures: Callable[[], CoreMetrics | None],
) -> Callable[[], Awaitable[CoreMetrics | None]]:
    """These figures, gathered as the operators' port asks for them."""

    async def gather() -> CoreMetrics | None:
        return figures()

    return gather


def full_figures(now: Second, *, since: Second | None = None) -> CoreMetrics:
    """web works, dns is down and has its incident, mail is slow; nothing is missing. Every role
    was started at `since`, by default a quarter of an hour ago."""
    began = Second(now - 900) if since is None else since
    looks = LastRuns()
    looks.take(LoggedResult(seq=1, result=_seen(name, mark, now)) for name, mark in _MARKS.items())
    return CoreMetrics(
        at=now,
        ticked_at=ClockReading(at=now),
        rendered_at=ClockReading(at=now),
        log_depth=7,
        revision=3,
        sent=12,
        pending=1,
        given_up=2,
        late_refused=1,
        credits_unanswered=2,
        applying_paused_at=Second(now - 90_000),
        closing=ClosingProgress(month="2026-10", contracts=40_000, of=100_000),
        forecast=ForecastMetrics(
            at=now,
            contracts=3,
            going_on=2,
            reached={50: 2, 80: 1, 100: 0},
            breaks_at=Second(now + 447),
            then={"USD": 137.56},
            later={"USD": 311.21},
            used={"standard": 0.84},
            downtime={WEB: 2_400},
        ),
        catalogue=catalogue(),
        states=dict(_state(name, mark, now) for name, mark in _MARKS.items()),
        last_runs=looks.copy(),
        component_statuses={name: _standing(name, mark, now) for name, mark in _MARKS.items()},
        incidents=(_incident(now),),
        totals={name: component(name, name).total for name in _MARKS},
        prober=prober_figures(now, began),
        process=ProcessMetrics(started_at=began, cpu_s=8.5, rss_bytes=90_000_000),
        private_pages_closed="",
        mirrors={"cloud": Second(now - 40)},
        subscribers=SubscribersMetrics(
            counts={
                ("email", SubscriptionState.CONFIRMED): 5_000,
                ("webhook", SubscriptionState.PENDING): 3,
            },
            signs={"email": ClockReading(at=now), "webhook": ClockReading(at=now)},
            figures={
                "email": DeliveryFigures(
                    untried=Queue(size=40, oldest=Second(now - 20)), sent=90_000, failed=6
                ),
                "webhook": DeliveryFigures(retried=Queue(size=2, oldest=Second(now - 4_000))),
            },
        ),
        disk=DiskMetrics(free=40 * 10**9, size=100 * 10**9),
        store=StoreMetrics(
            at=now,
            started_at=began,
            kind="influx",
            lag_rows=40,
            oldest_unstored=Second(now - 3),
            dead_letters=1,
            paused="token: refused",
            last_write=Second(now - 2),
            windows_lag_rows=7,
        ),
    )


def prober_figures(now: Second, began: Second) -> ProberMetrics:
    """Counters that grow with the time, as a working prober's do."""
    return ProberMetrics(
        at=now,
        started_at=began,
        lateness_p50_ms=1.5,
        lateness_p99_ms=20.0,
        loop_lag_ms=4.0,
        missed=3,
        started=now % _DAY * 10,
        finished=now % _DAY * 10,
        unwritten=5,
        wall_steps=1,
        cpu_s=now % _DAY * 0.2,
        rss_bytes=50_000_000,
        extra={"lost": 4.0, "held": 6.0, "no_network": 2.0},
    )


def _seen(name: ComponentId, mark: str, now: Second) -> Result:
    until = "2099-01-01T00:00:00+00:00"
    return replace(
        look(name, Second(now - 10), mark),
        phases_ms={"resolve": 0.5, "connect": 12.25, "tls": 30.0},
        evidence={"address": "127.0.0.1", "tls": {"not_after": until}},
    )


def _state(name: ComponentId, mark: str, now: Second) -> tuple[FoldKey, FoldState]:
    seen = look(name, Second(now - 10), mark)
    state = FoldState(
        status=_STATUS[mark],
        since=Second(now - 600),
        last_slot=seen.slot,
        covered_until=Second(seen.slot + 60),
        is_confirmed=True,
    )
    return (seen.check, LOCAL), state


def _standing(name: ComponentId, mark: str, now: Second) -> ComponentStatus:
    cause = "" if mark == "+" else str(FailureId("conn_refused"))
    return ComponentStatus(
        component=name, status=_STATUS[mark], since=Second(now - 600), cause=cause
    )


def _incident(now: Second) -> Incident:
    return Incident(
        id=IncidentId("k3f9a2"),
        phase=Phase.MONITORING,
        impact=Impact.MAJOR,
        started_at=Second(now - 600),
        created_at=Second(now - 540),
        machine_title=plain("DNS"),
        monitoring_at=Second(now - 60),
    )

"""What the monitor itself suffers: its roles, its alerts, its journal, log and store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.api.machine import JournalHolder, Machine
from monitor.api.operation import Answer, Call, Operation
from monitor.api.present.own_faults import OwnFault, OwnReading
from monitor.api.schema import Document, Instant, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service
from monitor.domain.time.interval import Second
from monitor.state.own_report import OwnReport, RouteReport

_NAMED = 100


class RoleDocument(Document):
    """`fault` is what is wrong with it, in words; empty where nothing is."""

    role: str
    fault: str


class OwnFaultDocument(Document):
    """`code` says what it is, `subject` which role, route or process it is about, `words` what was
    said of it in English. A warning harms nobody yet."""

    code: str
    since: Instant | None
    subject: str
    words: str
    count: int
    is_warning: bool


class RouteDocument(Document):
    """As far as its newest messages say; `is_tried` is false where there are none."""

    route: str
    is_tried: bool
    is_failing: bool
    last_sent_at: Instant | None
    error: str


class AlertsDocument(Document):
    """Of the messages to operators. `is_undelivered`: no route takes one. `sends_directly`: they go
    out from the core's memory, for the outbox does not do."""

    is_undelivered: bool
    sends_directly: bool
    pending: int
    sent: int
    given_up: int
    routes: list[RouteDocument]


class StaleCheckDocument(Document):
    check: str
    location: str


class StaleDocument(Document):
    """Checks whose last result is too old to say anything; the first hundred are named."""

    count: int
    checks: list[StaleCheckDocument]


class HolderDocument(Document):
    """Who keeps the journal from the core; `pid` is 0 where nobody can be seen."""

    pid: int
    command: str
    is_stopped: bool
    lasted_s: int


class JournalHealthDocument(Document):
    """`last_change` is the newest place in the audit log."""

    bytes: int | None
    last_change: int
    holder: HolderDocument | None


class LogHealthDocument(Document):
    """`lag_rows`: results that the core has not read."""

    cursor: int
    lag_rows: int | None


class ProberHealthDocument(Document):
    reported_at: Instant
    started_at: Instant
    lateness_p99_ms: float
    loop_lag_ms: float
    missed: int
    unwritten: int
    rss_bytes: int


class ClockStepDocument(Document):
    """The machine's clock was set, and went on at `at`, by so much ahead or back."""

    at: Instant
    by_s: int


class ClockDocument(Document):
    """`steps` are the last ones, newest first."""

    doubted_since: Instant | None
    steps: list[ClockStepDocument]


class StoreHealthDocument(Document):
    """`paused`: why a person has to act. `trouble`: why the last attempt failed."""

    reported_at: Instant
    kind: str
    lag_rows: int
    lag_s: int
    latency_lag_rows: int
    dead_letters: int
    paused: str
    trouble: str


class ClosingDocument(Document):
    """The month that the core closes now, and how many of its contracts are computed."""

    month: str
    contracts: int
    of: int


class DiskDocument(Document):
    """That of the data folder."""

    free_bytes: int
    size_bytes: int


class MonitorDocument(Document):
    """`roles`, `prober`, `store`, `disk` and `closing` are of the machine that answers, as it was
    at `looked_at`; null or empty where that is not known. `faults` are all of them, the worst
    first; `well_since` is since when there has been none. `core_faults` is why the core is not
    ready."""

    read_at: Instant
    looked_at: Instant | None
    well_since: Instant | None
    faults: list[OwnFaultDocument]
    roles: list[RoleDocument]
    core_faults: list[str] | None
    offline_since: Instant | None
    without_resolver_since: Instant | None
    stalling_since: Instant | None
    store_stuck_since: Instant | None
    alerts: AlertsDocument
    stale: StaleDocument
    clock: ClockDocument
    journal: JournalHealthDocument
    log: LogHealthDocument
    prober: ProberHealthDocument | None
    store: StoreHealthDocument | None
    disk: DiskDocument | None
    closing: ClosingDocument | None


def show(call: Call) -> Answer:
    require_every_service(call.actor)
    return Answer(document=_document(OwnReading.read(call.backend), call.zone))


def _document(reading: OwnReading, zone: ZoneInfo) -> MonitorDocument:
    report, machine, now = reading.report, reading.machine, reading.at
    seen = machine or Machine(at=now)
    lag = None if seen.newest_row is None else max(0, seen.newest_row - report.log_cursor)
    return MonitorDocument(
        read_at=instant(now, zone),
        looked_at=instant_or_none(machine.at if machine else None, zone),
        well_since=instant_or_none(reading.well_since, zone),
        faults=[_fault(fault, zone) for fault in reading.faults],
        roles=[RoleDocument(role=r, fault=str(fault or "")) for r, fault in seen.faults.items()],
        core_faults=None if seen.core_faults is None else list(map(str, seen.core_faults)),
        offline_since=instant_or_none(report.offline_since, zone),
        without_resolver_since=instant_or_none(report.without_resolver_since, zone),
        stalling_since=instant_or_none(report.stalling_since, zone),
        store_stuck_since=instant_or_none(report.store_stuck_since, zone),
        alerts=_alerts(report, zone, sends_directly=reading.sends_directly),
        stale=StaleDocument(
            count=len(report.stale),
            checks=[StaleCheckDocument(check=c, location=p) for c, p in report.stale[:_NAMED]],
        ),
        clock=_clock(report, seen, zone),
        journal=JournalHealthDocument(
            bytes=seen.journal_bytes, last_change=report.last_change, holder=_holder(seen.holder)
        ),
        log=LogHealthDocument(cursor=report.log_cursor, lag_rows=lag),
        prober=_prober(seen, zone),
        store=_store(seen, now, zone),
        disk=_disk(seen),
        closing=ClosingDocument(**seen.closing.fields) if seen.closing else None,
    )  # fmt: skip


def _fault(fault: OwnFault, zone: ZoneInfo) -> OwnFaultDocument:
    return OwnFaultDocument(
        code=fault.kind, since=instant_or_none(fault.since, zone), subject=fault.subject,
        words=fault.words, count=fault.count, is_warning=fault.is_warning,
    )  # fmt: skip


def _alerts(report: OwnReport, zone: ZoneInfo, *, sends_directly: bool) -> AlertsDocument:
    return AlertsDocument(
        is_undelivered=report.is_undelivered, sends_directly=sends_directly,
        pending=report.pending, sent=report.sent, given_up=report.given_up,
        routes=[_route(route, zone) for route in report.routes],
    )  # fmt: skip


def _route(route: RouteReport, zone: ZoneInfo) -> RouteDocument:
    return RouteDocument(
        route=route.route, is_tried=route.is_tried, is_failing=route.is_failing,
        last_sent_at=instant_or_none(route.last_sent, zone), error=route.error,
    )  # fmt: skip


def _holder(holder: JournalHolder | None) -> HolderDocument | None:
    if holder is None:
        return None
    return HolderDocument(
        pid=holder.pid, command=holder.command, is_stopped=holder.is_stopped,
        lasted_s=holder.lasted_s,
    )  # fmt: skip


def _clock(report: OwnReport, seen: Machine, zone: ZoneInfo) -> ClockDocument:
    steps = [ClockStepDocument(at=instant(s.at, zone), by_s=s.by_s) for s in seen.clock_steps]
    return ClockDocument(
        doubted_since=instant_or_none(report.clock_doubted_since, zone), steps=steps
    )


def _prober(seen: Machine, zone: ZoneInfo) -> ProberHealthDocument | None:
    found = seen.prober
    if found is None:
        return None
    return ProberHealthDocument(
        reported_at=instant(found.at, zone), started_at=instant(found.started_at, zone),
        lateness_p99_ms=found.lateness_p99_ms, loop_lag_ms=found.loop_lag_ms,
        missed=found.missed, unwritten=found.unwritten, rss_bytes=found.rss_bytes,
    )  # fmt: skip


def _store(seen: Machine, now: Second, zone: ZoneInfo) -> StoreHealthDocument | None:
    found = seen.store
    if found is None:
        return None
    return StoreHealthDocument(
        reported_at=instant(found.at, zone), kind=found.kind, lag_rows=found.lag_rows,
        lag_s=found.lag_s(now), latency_lag_rows=found.windows_lag_rows,
        dead_letters=found.dead_letters, paused=found.paused, trouble=found.fault,
    )  # fmt: skip


def _disk(seen: Machine) -> DiskDocument | None:
    if seen.disk_free is None or seen.disk_size is None:
        return None
    return DiskDocument(free_bytes=seen.disk_free, size_bytes=seen.disk_size)


OPERATIONS = (
    Operation(
        method="GET", path="/monitor", name="show_monitor", scope=Scope.STATE_READ,
        summary="What the monitor itself suffers.", answer=MonitorDocument, handle=show,
    ),
)  # fmt: skip

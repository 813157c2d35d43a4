"""What the monitor itself suffers: its roles, its alerts, its journal, log and store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.api.machine import Machine
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Instant, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service
from monitor.domain.time.interval import Second
from monitor.state.own_report import OwnReport, own_report

_NAMED = 100


class RoleDocument(Document):
    """`fault` is what is wrong with it, in words; empty where nothing is."""

    role: str
    fault: str


class AlertsDocument(Document):
    """Of the messages to operators. `is_undelivered`: no route takes one."""

    is_undelivered: bool
    pending: int
    sent: int
    given_up: int


class StaleCheckDocument(Document):
    check: str
    location: str


class StaleDocument(Document):
    """Checks whose last result is too old to say anything; the first hundred are named."""

    count: int
    checks: list[StaleCheckDocument]


class JournalHealthDocument(Document):
    """`last_change` is the newest place in the audit log."""

    bytes: int | None
    last_change: int


class LogHealthDocument(Document):
    """`lag_rows`: results that the core has not read."""

    cursor: int
    lag_rows: int | None


class ProberHealthDocument(Document):
    reported_at: Instant
    started_at: Instant
    lateness_p99_ms: float
    missed: int
    unwritten: int
    rss_bytes: int


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


class DiskDocument(Document):
    """That of the data folder."""

    free_bytes: int
    size_bytes: int


class MonitorDocument(Document):
    """`roles`, `prober`, `store` and `disk` are of the machine that answers, as it was at
    `looked_at`; null or empty where that is not known. `core_faults` is why the core is not
    ready."""

    read_at: Instant
    looked_at: Instant | None
    roles: list[RoleDocument]
    core_faults: list[str] | None
    offline_since: Instant | None
    without_resolver_since: Instant | None
    stalling_since: Instant | None
    store_stuck_since: Instant | None
    alerts: AlertsDocument
    stale: StaleDocument
    journal: JournalHealthDocument
    log: LogHealthDocument
    prober: ProberHealthDocument | None
    store: StoreHealthDocument | None
    disk: DiskDocument | None


def show(call: Call) -> Answer:
    require_every_service(call.actor)
    backend = call.backend
    found = backend.core_states.read(backend.reading, backend.source.catalogues(), backend.clock)
    now, machine = backend.clock.now(), backend.machine()
    with backend.reading.transaction() as tx:
        report = own_report(tx, found.core.catalogue, found.core.states, found.at)
    return Answer(document=_document(report, machine, now, call.zone))


def _document(
    report: OwnReport, machine: Machine | None, now: Second, zone: ZoneInfo
) -> MonitorDocument:
    seen = machine or Machine(at=now)
    lag = None if seen.newest_row is None else max(0, seen.newest_row - report.log_cursor)
    return MonitorDocument(
        read_at=instant(now, zone),
        looked_at=instant_or_none(machine.at if machine else None, zone),
        roles=[RoleDocument(role=role, fault=fault) for role, fault in seen.faults.items()],
        core_faults=None if seen.core_faults is None else list(seen.core_faults),
        offline_since=instant_or_none(report.offline_since, zone),
        without_resolver_since=instant_or_none(report.without_resolver_since, zone),
        stalling_since=instant_or_none(report.stalling_since, zone),
        store_stuck_since=instant_or_none(report.store_stuck_since, zone),
        alerts=AlertsDocument(
            is_undelivered=report.is_undelivered, pending=report.pending, sent=report.sent,
            given_up=report.given_up,
        ),
        stale=StaleDocument(
            count=len(report.stale),
            checks=[StaleCheckDocument(check=c, location=p) for c, p in report.stale[:_NAMED]],
        ),
        journal=JournalHealthDocument(bytes=seen.journal_bytes, last_change=report.last_change),
        log=LogHealthDocument(cursor=report.log_cursor, lag_rows=lag),
        prober=_prober(seen, zone),
        store=_store(seen, now, zone),
        disk=_disk(seen),
    )  # fmt: skip


def _prober(seen: Machine, zone: ZoneInfo) -> ProberHealthDocument | None:
    found = seen.prober
    if found is None:
        return None
    return ProberHealthDocument(
        reported_at=instant(found.at, zone), started_at=instant(found.started_at, zone),
        lateness_p99_ms=found.lateness_p99_ms, missed=found.missed, unwritten=found.unwritten,
        rss_bytes=found.rss_bytes,
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

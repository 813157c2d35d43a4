"""The monitor's own faults, one by one: what the journal and the machine say, for API and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from credits.billing.brake import Brake, brake_of
from monitor.api.machine import JournalHolder, Machine
from monitor.api.ports import Backend
from monitor.domain.role_fault import CoreFault, RoleFault
from monitor.domain.time.interval import Second
from monitor.state.own_report import OwnReport, own_report

_OLD_S = 60
"""What was seen of the machine and its roles before that is no news of them."""
_NO_BRAKE = Brake(is_on=False)
_LITTLE_DISK = 20
"""A disk with less than this part of its room left is said before it is full."""


class OwnFaultKind(StrEnum):
    """What programs tell faults by. `WARNINGS` harm nobody yet."""

    ALERTS_UNDELIVERED = "alerts_undelivered"
    JOURNAL_HELD = "journal_held"
    FACTS_OLD = "facts_old"
    ROLE = "role"
    CORE = "core"
    OFFLINE = "offline"
    NO_RESOLVER = "no_resolver"
    CLOCK_DOUBTED = "clock_doubted"
    STALLING = "stalling"
    STORE_STUCK = "store_stuck"
    STORE_TROUBLE = "store_trouble"
    DEAD_LETTERS = "dead_letters"
    ROUTE_FAILS = "route_fails"
    DISK_LOW = "disk_low"
    STALE_CHECKS = "stale_checks"
    APPLYING_PAUSED = "applying_paused"


WARNINGS = frozenset(
    {
        OwnFaultKind.STORE_TROUBLE,
        OwnFaultKind.DEAD_LETTERS,
        OwnFaultKind.ROUTE_FAILS,
        OwnFaultKind.DISK_LOW,
        OwnFaultKind.STALE_CHECKS,
        OwnFaultKind.APPLYING_PAUSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFault:
    """`subject` is the role, the route or the process that it is about; `words` is what was said of
    it, in English; `count` how many there are, where they are counted."""

    kind: OwnFaultKind
    since: Second | None = None
    subject: str = ""
    words: str = ""
    role: RoleFault | None = None
    """Of a role: the same as `words`, for who says it in other words."""
    core: tuple[CoreFault, ...] = ()
    """Of the core, likewise."""
    count: int = 0

    @property
    def is_warning(self) -> bool:
        return self.kind in WARNINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReading:
    """What is known of the monitor itself at one moment; of its machine, where that is known."""

    at: Second
    report: OwnReport
    machine: Machine | None
    faults: tuple[OwnFault, ...]

    @classmethod
    def read(cls, backend: Backend) -> OwnReading:
        """Raises JournalError."""
        found = backend.core_states.read(
            backend.reading, backend.source.catalogues(), backend.clock
        )
        now, machine = backend.clock.now(), backend.machine()
        with backend.reading.transaction() as tx:
            report = own_report(tx, found.core.catalogue, found.freshness.stale)
            brake = brake_of(tx)
        faults = tuple(own_faults(report, machine, now, brake))
        return cls(at=now, report=report, machine=machine, faults=faults)

    @property
    def well_since(self) -> Second | None:
        """Since when nothing has been told of the monitor, and nobody who looked found anything
        wrong; None where something is, or nothing is known yet."""
        if self.faults:
            return None
        ill_at = self.machine.ill_at if self.machine else None
        known = [at for at in (self.report.last_alert, ill_at) if at is not None]
        return max(known, default=None)

    @property
    def sends_directly(self) -> bool:
        """Whether alerts go out past the outbox, from the core's memory: it has no other way."""
        ways = (OwnFaultKind.ALERTS_UNDELIVERED, OwnFaultKind.JOURNAL_HELD)
        return any(fault.kind in ways for fault in self.faults)


def own_faults(
    report: OwnReport, machine: Machine | None, now: Second, brake: Brake = _NO_BRAKE
) -> Iterator[OwnFault]:
    """The worst first. Who pulled the brake, and why, is for who may read credits."""
    kind = OwnFaultKind
    if report.is_undelivered:
        yield OwnFault(kind=kind.ALERTS_UNDELIVERED)
    if machine is not None:
        yield from _of_machine(machine, now)
    lasting = {
        kind.OFFLINE: report.offline_since,
        kind.NO_RESOLVER: report.without_resolver_since,
        kind.CLOCK_DOUBTED: report.clock_doubted_since,
        kind.STALLING: report.stalling_since,
        kind.STORE_STUCK: report.store_stuck_since,
    }
    yield from (OwnFault(kind=k, since=at) for k, at in lasting.items() if at is not None)
    if machine is not None:
        yield from _warnings(machine, is_stuck=report.store_stuck_since is not None)
    if not report.is_undelivered:
        failing = (route for route in report.routes if route.is_failing)
        yield from (
            OwnFault(kind=kind.ROUTE_FAILS, subject=r.route, words=r.error) for r in failing
        )
    if report.stale:
        yield OwnFault(kind=kind.STALE_CHECKS, count=len(report.stale))
    if brake.is_on:
        yield OwnFault(kind=kind.APPLYING_PAUSED, since=brake.since)


def _of_machine(machine: Machine, now: Second) -> Iterator[OwnFault]:
    if now - machine.at > _OLD_S:
        yield OwnFault(kind=OwnFaultKind.FACTS_OLD, since=machine.at)
    if machine.holder is not None:
        yield _held(machine.holder, now)
    for role, fault in machine.faults.items():
        if fault is not None:
            yield OwnFault(kind=OwnFaultKind.ROLE, subject=role, words=str(fault), role=fault)
    if machine.core_faults:
        words = "; ".join(map(str, machine.core_faults))
        core = tuple(machine.core_faults)
        yield OwnFault(kind=OwnFaultKind.CORE, subject="core", words=words, core=core)


def _held(holder: JournalHolder, now: Second) -> OwnFault:
    return OwnFault(
        kind=OwnFaultKind.JOURNAL_HELD,
        since=Second(now - holder.lasted_s),
        subject=str(holder.pid) if holder.pid else "",
        words=holder.command,
    )


def _warnings(machine: Machine, *, is_stuck: bool) -> Iterator[OwnFault]:
    kind, store = OwnFaultKind, machine.store
    if store is not None and (said := store.paused or store.fault) and not is_stuck:
        yield OwnFault(kind=kind.STORE_TROUBLE, since=store.oldest_unstored, words=said)
    if store is not None and store.dead_letters:
        yield OwnFault(kind=kind.DEAD_LETTERS, count=store.dead_letters)
    free, size = machine.disk_free, machine.disk_size
    if free is not None and size and free * _LITTLE_DISK < size:
        yield OwnFault(kind=kind.DISK_LOW, count=free)

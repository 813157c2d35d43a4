"""What a role sees of the machine that it runs on, and of the other roles; looked at beside the
requests, so that a role that hangs holds none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.role_fault import CoreFault, RoleFault
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ProberMetrics
from monitor.results.stores.ports import StoreMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHolder:
    """Who keeps the journal from the core, as the core has found out: `pid` is 0 and `command`
    empty where no process can be seen from here."""

    pid: int
    command: str
    is_stopped: bool
    lasted_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """The machine's clock was set: it went on at this second, by so much ahead or back."""

    at: Second
    by_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`faults` has what is wrong with each role, None where nothing is. `core_faults` is why the
    core is not ready; None where it does not say. `ill_at` is when anything was last found wrong by
    whoever looks. What is not on this machine is None."""

    at: Second
    faults: Mapping[str, RoleFault | None] = field(default_factory=dict)
    core_faults: Sequence[CoreFault] | None = None
    prober: ProberMetrics | None = None
    newest_row: int | None = None
    store: StoreMetrics | None = None
    disk_free: int | None = None
    disk_size: int | None = None
    journal_bytes: int | None = None
    holder: JournalHolder | None = None
    clock_steps: Sequence[ClockStep] = ()
    """The last ones, newest first."""
    ill_at: Second | None = None
    closing: ClosingProgress | None = None

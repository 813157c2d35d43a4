"""What a role sees of the machine that it runs on, and of the other roles; looked at beside the
requests, so that a role that hangs holds none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.time.interval import Second
from monitor.results.log.ports import ProberMetrics
from monitor.results.stores.ports import StoreMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`faults` has what is wrong with each role, empty where nothing is. `core_faults` is why the
    core is not ready; None where it does not say. What is not on this machine is None."""

    at: Second
    faults: Mapping[str, str] = field(default_factory=dict)
    core_faults: Sequence[str] | None = None
    prober: ProberMetrics | None = None
    newest_row: int | None = None
    store: StoreMetrics | None = None
    disk_free: int | None = None
    disk_size: int | None = None
    journal_bytes: int | None = None

"""What must be said on the console's page about the monitor itself: its faults and their ways out.

`{x}` is the role, the route or the process that a fault is about, `{w}` what was said of it, `{n}`
how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWords:
    """What is wrong, and what a person does about it. `command` is typed at the monitor's host;
    `read` is the heading of the manual that says more."""

    says: str
    way_out: str
    read: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorWords:
    well: str
    well_since: str
    ill: tuple[str, str]
    warned: tuple[str, str]
    fault: str
    warning: str
    way_out: str
    manual: str
    looked: str
    elsewhere: str
    roles: str
    role: str
    state: str
    role_well: str
    role_purposes: Mapping[str, str]
    prober: str
    reported: str
    started: str
    lateness: str
    lag: str
    missed: str
    unwritten: str
    memory: str
    keeping: str
    journal_size: str
    last_change: str
    closing: str
    closed_so_far: str
    holder: str
    nobody: str
    log_behind: str
    rows: tuple[str, str]
    disk: str
    disk_free: str
    store: str
    kind: str
    behind: str
    latency_behind: str
    dead_letters: str
    said: str
    alerts: str
    pending: str
    sent: str
    given_up: str
    emergency: str
    emergency_idle: str
    emergency_used: str
    route: str
    route_well: str
    route_failing: str
    route_untried: str
    last_sent: str
    no_routes: str
    stale: str
    no_stale: str
    more_stale: tuple[str, str]
    network: str
    line: str
    line_well: str
    line_cut: str
    resolver: str
    resolver_well: str
    resolver_silent: str
    clock: str
    clock_well: str
    clock_doubted: str
    steps: str
    no_steps: str
    ahead: str
    back: str
    role_faults: Mapping[str, str]
    """By `RoleFaultCode`: `{d}` is what was said, `{u}` where it was asked, `{s}` how long ago."""
    core_faults: Mapping[str, str]
    """By `CoreFaultCode`: `{d}` is what was said, `{s}` how long, `{n}` how often, `{by}` as
    `stalls_by`, where a check is named."""
    stalls_by: str
    faults: Mapping[str, FaultWords]

"""All screens: the console's routes have no other source."""

from __future__ import annotations

from monitor.console.screens import (
    accounts,
    audit,
    check,
    checks,
    component,
    configuration,
    incident,
    incidents,
    joining,
    latency,
    maintenance,
    monitor,
    now,
    own_account,
    reports,
    session,
)
from monitor.console.visit import Screen

SCREENS: tuple[Screen, ...] = (
    *session.SCREENS,
    *now.SCREENS,
    *incidents.SCREENS,
    *incident.SCREENS,
    *joining.SCREENS,
    *checks.SCREENS,
    *check.SCREENS,
    *component.SCREENS,
    *latency.SCREENS,
    *maintenance.SCREENS,
    *monitor.SCREENS,
    *reports.SCREENS,
    *configuration.SCREENS,
    *audit.SCREENS,
    *accounts.SCREENS,
    *own_account.SCREENS,
)

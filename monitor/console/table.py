"""All screens: the console's routes have no other source."""

from __future__ import annotations

from monitor.console.screens import configuration, forecast, monitor, now, problems, reports
from monitor.console.screens.accounts import accounts, audit, own_account, session
from monitor.console.screens.checks import check, checks, component, latency
from monitor.console.screens.credits import credit, credits, story
from monitor.console.screens.exclusions import exclusions
from monitor.console.screens.incidents import incident, incidents, joining
from monitor.console.screens.maintenance import maintenance
from monitor.console.screens.unknown import rulings
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
    *problems.SCREENS,
    *exclusions.SCREENS,
    *rulings.SCREENS,
    *monitor.SCREENS,
    *credits.SCREENS,
    *credit.SCREENS,
    *story.SCREENS,
    *forecast.SCREENS,
    *reports.SCREENS,
    *configuration.SCREENS,
    *audit.SCREENS,
    *accounts.SCREENS,
    *own_account.SCREENS,
)

"""The dispatcher with everything it needs: notifiers, words, the facts of the running core."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.registry import build_channels
from monitor.alerting.direct_alerts import DirectAlerts
from monitor.alerting.dispatcher import Dispatcher, Sender
from monitor.alerting.evidence import recent_results
from monitor.alerting.renderer import AlertRenderer
from monitor.alerting.system_alerts import system_alert_message
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, Result
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import Journal
from monitor.net.egress_guard import egress_guard
from monitor.results.log.ports import ResultReader
from monitor.runtime.kill_points import reached


def make_dispatcher(
    journal: Journal,
    incident_writer: IncidentWriter,
    clock: Clock,
    core_of: Callable[[], Core],
    reader: ResultReader | None = None,
    options: str = "",
) -> Dispatcher:
    """Follows the journal's outbox under the configuration in force. With a `reader` of its own
    on the result log, messages say what the checks saw; `options` follow the commands in them."""

    def catalogue() -> Catalogue:
        return core_of().held.catalogues.present(clock.now()).catalogue

    def telling(components: Iterable[ComponentId]) -> Catalogue:
        return core_of().held.catalogues.telling(components, clock.now())

    def standings() -> Mapping[ComponentId, ComponentStatus]:
        return dict(core_of().held.standings)

    def results() -> list[Result]:
        try:
            return recent_results(reader, core_of().held.cursor) if reader is not None else []
        except sqlite3.Error:
            # Nobody is left asleep for the evidence of a log that cannot be read.
            return []

    admit = egress_guard(lambda: catalogue().operations.allow_private)
    alert_renderer = AlertRenderer(
        catalogue=catalogue,
        failures=incident_writer.failures,
        standings=standings,
        results=results,
        options=options,
        telling=telling,
    )
    return Dispatcher(
        journal=journal,
        clock=clock,
        alerting=lambda: catalogue().alerting,
        alert_renderer=alert_renderer,
        notifiers=build_channels(ChannelDependencies(clock=clock, admit=admit)),
        reached=reached,
    )


def make_last_words(catalogue: Catalogue, clock: Clock, options: str) -> DirectAlerts:
    """For a core that has no journal to stand on: what it says before it ends."""
    admit = egress_guard(lambda: catalogue.operations.allow_private)
    sender = Sender(build_channels(ChannelDependencies(clock=clock, admit=admit)))
    return DirectAlerts(
        clock=clock,
        alerting=lambda: catalogue.alerting,
        compose=lambda owed: system_alert_message(owed, catalogue, clock.now(), options),
        send=sender.attempt,
    )


def make_direct_alerts(
    dispatcher: Dispatcher,
    core_of: Callable[[], Core],
    clock: Clock,
    options: str = "",
    over: SystemAlert = SystemAlert.WRITES_AGAIN,
) -> DirectAlerts:
    """Sends by the dispatcher's notifiers, and writes nothing. `over` takes back what it told."""

    def catalogue() -> Catalogue:
        return core_of().held.catalogues.present(clock.now()).catalogue

    return DirectAlerts(
        clock=clock,
        alerting=lambda: catalogue().alerting,
        compose=lambda owed: system_alert_message(owed, catalogue(), clock.now(), options),
        send=dispatcher.attempt,
        over=over,
    )

"""The dispatcher with everything it needs: notifiers, texts, the facts of the running core."""

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
from monitor.alerting.unrecorded_alerts import UnrecordedAlerts
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
    """A dispatcher that follows the journal's outbox under the configuration in force. With a
    `reader` of its own on the result log, its messages say what the checks saw. `options` follow
    the commands in them."""

    def catalogue() -> Catalogue:
        return core_of().state.catalogues.present(clock.now()).catalogue

    def with_departed(components: Iterable[ComponentId]) -> Catalogue:
        return core_of().state.catalogues.with_departed(components, clock.now())

    def component_statuses() -> Mapping[ComponentId, ComponentStatus]:
        return dict(core_of().state.component_statuses)

    def results() -> list[Result]:
        try:
            return recent_results(reader, core_of().state.cursor) if reader is not None else []
        except sqlite3.Error:
            # An alert goes out without its evidence where the log cannot be read.
            return []

    admit = egress_guard(lambda: catalogue().operations.allow_private)
    alert_renderer = AlertRenderer(
        catalogue=catalogue,
        failures=incident_writer.failures,
        component_statuses=component_statuses,
        results=results,
        options=options,
        with_departed=with_departed,
    )
    return Dispatcher(
        journal=journal,
        clock=clock,
        alerting=lambda: catalogue().alerting,
        alert_renderer=alert_renderer,
        notifiers=build_channels(ChannelDependencies(clock=clock, admit=admit)),
        reached=reached,
    )


def make_damage_alerts(catalogue: Catalogue, clock: Clock, options: str) -> DirectAlerts:
    """What a core sends before it ends, where its journal cannot be used."""
    admit = egress_guard(lambda: catalogue.operations.allow_private)
    sender = Sender(build_channels(ChannelDependencies(clock=clock, admit=admit)))
    return DirectAlerts(
        clock=clock,
        alerting=lambda: catalogue.alerting,
        compose=lambda pending: system_alert_message(pending, catalogue, clock.now(), options),
        send=sender.attempt,
    )


def make_direct_alerts(
    dispatcher: Dispatcher,
    core_of: Callable[[], Core],
    clock: Clock,
    options: str = "",
    over: SystemAlert = SystemAlert.WRITES_AGAIN,
) -> DirectAlerts:
    """Sends by the dispatcher's notifiers, and writes nothing. `over` says that a reported fault is
    over."""

    def catalogue() -> Catalogue:
        return core_of().state.catalogues.present(clock.now()).catalogue

    return DirectAlerts(
        clock=clock,
        alerting=lambda: catalogue().alerting,
        compose=lambda pending: system_alert_message(pending, catalogue(), clock.now(), options),
        send=dispatcher.attempt,
        over=over,
    )


def make_unrecorded_alerts(
    dispatcher: Dispatcher, core_of: Callable[[], Core], clock: Clock, options: str = ""
) -> UnrecordedAlerts:
    """Sends by the dispatcher's notifiers, and writes nothing."""

    def catalogue() -> Catalogue:
        return core_of().state.catalogues.present(clock.now()).catalogue

    return UnrecordedAlerts(
        clock=clock,
        catalogue=catalogue,
        compose=lambda pending: system_alert_message(pending, catalogue(), clock.now(), options),
        send=dispatcher.attempt,
    )

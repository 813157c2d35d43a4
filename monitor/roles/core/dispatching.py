"""The dispatcher with everything it needs: notifiers, texts, the facts of the running core."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.registry import build_channels
from monitor.alerting.direct_alerts import DirectAlerts
from monitor.alerting.dispatcher import Dispatcher, Sender
from monitor.alerting.evidence import recent_results
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.alerting.system_alerts import system_alert_message
from monitor.alerting.unrecorded_alerts import UnrecordedAlerts
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, Result
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import Journal
from monitor.net.egress_guard import egress_guard
from monitor.results.log.ports import ResultReader
from monitor.runtime.kill_points import reached


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreFacts:
    """What messages state, as the core that runs now has it. A core that began again is another
    object, so it is asked for each time."""

    core_of: Callable[[], Core]
    clock: Clock
    reader: ResultReader | None = None

    def catalogue(self) -> Catalogue:
        """The configuration in force."""
        return self.core_of().state.catalogues.present(self.clock.now()).catalogue

    def with_departed(self, components: Iterable[ComponentId]) -> Catalogue:
        """The configuration in force, and those `components` that it has no longer."""
        return self.core_of().state.catalogues.with_departed(components, self.clock.now())

    def component_statuses(self) -> Mapping[ComponentId, ComponentStatus]:
        return dict(self.core_of().state.component_statuses)

    def results(self) -> list[Result]:
        """What the checks saw last; nothing where the log cannot be read, for an alert goes out
        without its evidence too."""
        if self.reader is None:
            return []
        try:
            return recent_results(self.reader, self.core_of().state.cursor)
        except sqlite3.Error:
            return []

    def system_alert(self, pending: Notification, options: str) -> Message:
        return system_alert_message(pending, self.catalogue(), self.clock.now(), options)


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
    facts = CoreFacts(core_of=core_of, clock=clock, reader=reader)
    admit = egress_guard(lambda: facts.catalogue().operations.allow_private)
    return Dispatcher(
        journal=journal,
        clock=clock,
        alerting=lambda: facts.catalogue().alerting,
        alert_renderer=_alert_renderer(facts, incident_writer, options),
        notifiers=build_channels(ChannelDependencies(clock=clock, admit=admit)),
        reached=reached,
    )


def _alert_renderer(facts: CoreFacts, writer: IncidentWriter, options: str) -> AlertRenderer:
    return AlertRenderer(
        catalogue=facts.catalogue,
        failures=writer.failures,
        component_statuses=facts.component_statuses,
        results=facts.results,
        options=options,
        with_departed=facts.with_departed,
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
    facts = CoreFacts(core_of=core_of, clock=clock)
    return DirectAlerts(
        clock=clock,
        alerting=lambda: facts.catalogue().alerting,
        compose=lambda pending: facts.system_alert(pending, options),
        send=dispatcher.attempt,
        over=over,
    )


def make_unrecorded_alerts(
    dispatcher: Dispatcher, core_of: Callable[[], Core], clock: Clock, options: str = ""
) -> UnrecordedAlerts:
    """Sends by the dispatcher's notifiers, and writes nothing."""
    facts = CoreFacts(core_of=core_of, clock=clock)
    return UnrecordedAlerts(
        clock=clock,
        catalogue=facts.catalogue,
        compose=lambda pending: facts.system_alert(pending, options),
        send=dispatcher.attempt,
    )

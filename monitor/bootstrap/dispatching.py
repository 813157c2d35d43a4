"""The dispatcher with everything it needs: notifiers, words, the facts of the running core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address

from monitor.adapters.killpoints import reached
from monitor.adapters.notifiers.kind import Surroundings
from monitor.adapters.notifiers.registry import build_notifiers
from monitor.domain.catalogue import Catalogue
from monitor.domain.incident import Standing
from monitor.domain.observation import ComponentId, Result
from monitor.engine.alert import Composer
from monitor.engine.core import Core
from monitor.engine.dispatch import Dispatcher
from monitor.engine.evidence import recent_results
from monitor.engine.narrate import Narrator
from monitor.net.faults import Fault
from monitor.net.guard import Guard
from monitor.ports.clock import Clock
from monitor.ports.journal import Journal
from monitor.ports.results import ResultReader

_OUTSIDE = "192.0.2.1"
"""Nobody's address: a name is as far outside as this, whoever wrote it down."""


def make_dispatcher(
    journal: Journal,
    narrator: Narrator,
    clock: Clock,
    core_of: Callable[[], Core],
    reader: ResultReader | None = None,
) -> Dispatcher:
    """Follows the journal's outbox under the configuration in force. With a `reader` of its own
    on the result log, messages say what the checks saw."""

    def catalogue() -> Catalogue:
        return core_of().held.catalogues.at(clock.now())

    def standings() -> Mapping[ComponentId, Standing]:
        return dict(core_of().held.standings)

    def results() -> list[Result]:
        return recent_results(reader, core_of().held.cursor) if reader is not None else []

    allowed = core_of().held.catalogue.operations.allow_private
    composer = Composer(
        catalogue=catalogue, failures=narrator.failures, standings=standings, results=results
    )
    return Dispatcher(
        journal=journal,
        clock=clock,
        alerting=lambda: catalogue().alerting,
        composer=composer,
        notifiers=build_notifiers(Surroundings(clock=clock, admit=admission(Guard(allowed)))),
        reached=reached,
    )


def admission(guard: Guard) -> Callable[[str, str], None]:
    """Which address a webhook's host may lead to: a literal one and `localhost` to themselves, a
    name to what is public or allowed, for whoever runs its zone may point it anywhere."""

    def admit(host: str, address: str) -> None:
        if host == "localhost" or host.endswith(".localhost") or _is_literal(host):
            return
        try:
            guard.check(address.partition("%")[0], led_from=_OUTSIDE)
        except Fault as fault:
            raise ValueError(f"leads to {address}, which is not public: allow_private") from fault

    return admit


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True

"""A configured check, run by hand on this host: as a door runs it, for whoever types here."""

from __future__ import annotations

import asyncio

from monitor.api.operation import encoded
from monitor.api.resources.checks import given_s, known_check, probe_document, probed
from monitor.client.ports import Document
from monitor.client.reading import Fields, parsed
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.console.probe_runner import ProbeProcesses
from monitor.roles.tools import Tools


class LocalChecks:
    """Implements `monitor.client.ports.Checks`. How often somebody may is not bounded here: the
    shell of this host can run a probe of any target anyway."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def probe(self, wanted: str) -> Document:
        tools = self._tools
        at = tools.clock.now()
        catalogue = catalogues_of(tools).present(at).catalogue
        check = known_check(tools.actor, catalogue, wanted)
        with tools.journal.transaction() as tx:
            # Before it runs: what did not end well was done too.
            tx.changes.append([probed(tools.actor, check, at)])
        seen = asyncio.run(ProbeProcesses().run(check, catalogue, given_s(check)))
        document = probe_document(check, at, seen, catalogue.zone)
        return Fields.of(parsed(encoded(document))).found

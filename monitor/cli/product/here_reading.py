"""What is read on this host as a door reads it, and contracts, which billing brings along."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TextIO

from credits.contracts.file import BAD_BYTES, ENCODING
from credits.contracts.import_file import ContractsImport
from credits.contracts.importing import Planned
from credits.contracts.reading import contract_fields
from monitor.accounts.audit import AuditReading, change_fields
from monitor.catalogues.in_force import Catalogues
from monitor.client.ports import Document
from monitor.client.reading import Fields, harmless
from monitor.client.views import ImportedView, ImportView
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service, require_scope
from monitor.domain.time.clock import Clock
from monitor.journal.ports import WantedChanges
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.settings import log_file
from monitor.roles.tools import Tools


class LocalContracts:
    """Implements `monitor.client.ports.Contracts`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def every(self) -> Sequence[Document]:
        zone = self._tools.catalogue.zone
        with self._tools.journal.transaction() as tx:
            every = tx.contracts.every()
            return [harmless(contract_fields(contract, zone)) for contract in every]

    def import_file(
        self, file: Path, *, dry_run: bool, corrects_credited: bool = False
    ) -> ImportView:
        tools = self._tools
        command = ContractsImport(
            reading=tools.journal, writing=tools.journal, catalogues=catalogues_of(tools),
            clock=tools.clock, actor=tools.actor,
        )  # fmt: skip
        done = command.run(
            lambda: _opened(file), dry_run=dry_run, corrects_credited=corrects_credited
        )
        return ImportView(
            new=done.new, changed=done.changed, unchanged=done.unchanged,
            shown=[imported(planned) for planned in done.shown],
        )  # fmt: skip


def _opened(file: Path) -> AbstractContextManager[TextIO]:
    return file.open(encoding=ENCODING, errors=BAD_BYTES, newline="")


def imported(planned: Planned) -> ImportedView:
    return ImportedView(
        contract=planned.contract.id,
        is_new=planned.former is None,
        differences=planned.difference,
    )


class LocalAudit:
    """Implements `monitor.client.ports.Audit`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def changes(self, wanted: WantedChanges, limit: int) -> Sequence[Document]:
        tools = self._tools
        found = AuditReading(journal=tools.accounts, actor=tools.actor).changes(wanted, limit)
        fields = [harmless(change_fields(change, tools.catalogue.zone)) for change in found]
        return fields[::-1] if wanted.is_newest_first else fields


class LocalForecasts:
    """Implements `monitor.client.ports.Forecasts`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def present(self, limit: int) -> Document:
        # Imported here: other commands start without the policies.
        from credits.forecast.fields import forecast_fields, listed, read_listed
        from credits.forecast.forecast import present_forecast

        tools = self._tools
        require_scope(tools.actor, Scope.BILLING_READ)
        require_every_service(tools.actor)
        catalogues, now = catalogues_of(tools), tools.clock.now()
        found, _ = present_forecast(tools.journal, catalogues, now)
        shown = listed(found, limit)
        with tools.journal.transaction() as tx:
            contracts = read_listed(tx, shown)
        fields = forecast_fields(found, tools.catalogue.zone, shown, contracts)
        return Fields.of(harmless(fields)).found


class LocalState:
    """Implements `monitor.client.ports.State`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def now(self) -> Document:
        # Imported here: other commands start without what the role `console` is made of.
        from monitor.api.present.moment import Present
        from monitor.api.resources.state import state_document

        present = Present.read(_Here(self._tools), is_exact=True)
        document = state_document(present, self._tools.actor).model_dump(mode="json")
        return Fields.of(harmless(document)).found


class _Here:
    """Implements `monitor.api.present.moment.Sources`, over the journal as it is read without a
    lock: the core waits for nobody who looks."""

    def __init__(self, tools: Tools) -> None:
        from monitor.api.present.core_states import CoreStates
        from monitor.roles.console.journal import ReadingJournal
        from monitor.roles.console.last_results import LogTail

        self._tools = tools
        self.reading = ReadingJournal(lambda: tools.url)
        self.last_results = LogTail(log_file(tools.data_dir))
        self.core_states = CoreStates()

    @property
    def clock(self) -> Clock:
        return self._tools.clock

    @property
    def source(self) -> _Here:
        return self

    def catalogues(self) -> Catalogues:
        return self._catalogues

    @cached_property
    def _catalogues(self) -> Catalogues:
        return catalogues_of(self._tools)

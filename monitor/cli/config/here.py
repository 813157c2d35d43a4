"""The configuration of the product on this host, as its journal has it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.cli.config.handover import started_config
from monitor.client.ports import Document
from monitor.client.reading import Fields, harmless
from monitor.config import read_config
from monitor.config.posted import check_posted
from monitor.config.revisions.application import ConfigurationRequests
from monitor.config.revisions.fields import application_fields, listing_fields, revision_fields
from monitor.config.revisions.reading import ConfigurationReading, LastListing
from monitor.roles.registries import registries
from monitor.roles.tools import Tools


class LocalConfiguration:
    """Implements `monitor.client.ports.Configuration`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._zone = tools.catalogue.zone

    def show(self, revision: int | None, under: str) -> Document:
        found = self._reading.values(revision, under, 0, sys.maxsize)
        file = started_config(self._tools.data_dir)
        fields = listing_fields(found, None if file is None else str(file), self._zone)
        return Fields.of(harmless(fields)).found

    def revisions(self) -> Sequence[Document]:
        found = self._reading.revisions(None, sys.maxsize)
        return [revision_fields(one, self._zone) for one in found]

    def check(self, file: Path) -> Document:
        return check_posted(read_config(file), registries())

    def reload(self) -> Document:
        return application_fields(self._requests.ask(), self._zone)

    def application(self, wanted: int) -> Document:
        return application_fields(self._requests.show(wanted), self._zone)

    @property
    def _reading(self) -> ConfigurationReading:
        tools = self._tools
        return ConfigurationReading(
            journal=tools.journal, last=LastListing(), clock=tools.clock, actor=tools.actor
        )

    @property
    def _requests(self) -> ConfigurationRequests:
        tools = self._tools
        return ConfigurationRequests(journal=tools.journal, clock=tools.clock, actor=tools.actor)

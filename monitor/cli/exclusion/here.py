"""Exclusions on this host, where they are read: the shell is no account, and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property

from credits.classification.commands import Classified, ExclusionCommands
from credits.classification.draft import Draft
from credits.classification.fields import classified_fields, effect_fields, exclusion_fields
from monitor.client.ports import Document
from monitor.client.reading import harmless
from monitor.client.views import AskedExclusion
from monitor.domain.exclusions.classification import ExclusionStatus
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.tools import Tools


class LocalExclusions:
    """Implements `monitor.client.ports.Exclusions`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._zone = tools.catalogue.zone

    def listed(self, status: str = "") -> Sequence[Document]:
        found = self._commands.listed(ExclusionStatus(status) if status else None)
        return [harmless(exclusion_fields(record, self._zone)) for record in found]

    def show(self, wanted: str) -> Document:
        return self._document(self._commands.show(wanted))

    def effect(self, wanted: str) -> Document:
        found: Document = harmless(effect_fields(self._commands.effect(wanted), self._zone))
        return found

    def propose(self, asked: AskedExclusion) -> Document:
        return self._document(self._commands.propose(_draft(asked)))

    def revise(
        self, wanted: str, asked: AskedExclusion, *, revision: int | None = None
    ) -> Document:
        return self._document(self._commands.revise(wanted, _draft(asked), revision=revision))

    def withdraw(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._document(self._commands.withdraw(wanted, reason=reason, revision=revision))

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._document(self._commands.approve(wanted, reason=reason, revision=revision))

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._document(self._commands.refuse(wanted, reason=reason, revision=revision))

    @cached_property
    def _commands(self) -> ExclusionCommands:
        tools = self._tools
        return ExclusionCommands(
            journal=tools.journal, catalogues=catalogues_of(tools), clock=tools.clock,
            actor=tools.actor,
        )  # fmt: skip

    def _document(self, found: Classified) -> Document:
        said: Document = harmless(classified_fields(found, self._zone))
        return said


def _draft(asked: AskedExclusion) -> Draft:
    return Draft(**{field.name: getattr(asked, field.name) for field in fields(asked)})

"""Rulings on this host, where they are read: the shell is no account, and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from credits.life.ruling import Chosen, RulingStatus
from credits.unknown.commands import Ruled, RulingCommands, RulingDraft
from credits.unknown.fields import ruled_fields, ruling_fields, source_fields
from monitor.client.ports import Document
from monitor.client.reading import harmless
from monitor.client.views import AskedRuling
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.tools import Tools


class LocalRulings:
    """Implements `monitor.client.ports.Rulings`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._zone = tools.catalogue.zone

    def waiting(self, month: str = "") -> Sequence[Document]:
        found = self._commands.sources(month)
        return [harmless(source_fields(source, self._zone)) for source in found]

    def listed(self, status: str = "") -> Sequence[Document]:
        found = self._commands.listed(RulingStatus(status) if status else None)
        return [harmless(ruling_fields(record, self._zone)) for record in found]

    def show(self, wanted: str) -> Document:
        return self._document(self._commands.show(wanted))

    def propose(self, asked: AskedRuling) -> Document:
        return self._document(self._commands.propose(_draft(asked)))

    def revise(self, wanted: str, asked: AskedRuling, *, revision: int | None = None) -> Document:
        return self._document(self._commands.revise(wanted, _draft(asked), revision=revision))

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._document(self._commands.approve(wanted, reason=reason, revision=revision))

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._document(self._commands.refuse(wanted, reason=reason, revision=revision))

    @cached_property
    def _commands(self) -> RulingCommands:
        tools = self._tools
        return RulingCommands(
            journal=tools.journal, catalogues=catalogues_of(tools), clock=tools.clock,
            actor=tools.actor,
        )  # fmt: skip

    def _document(self, found: Ruled) -> Document:
        sources = self._commands.sources_of(found)
        said: Document = harmless(ruled_fields(found, sources, self._zone))
        return said


def _draft(asked: AskedRuling) -> RulingDraft:
    return RulingDraft(
        assumed=asked.assumed,
        evidence=asked.evidence,
        chosen=None if asked.month is None else _chosen(asked, asked.month),
        credits=asked.credits,
    )


def _chosen(asked: AskedRuling, month: str) -> Chosen:
    span = None
    if asked.start is not None and asked.end is not None:
        if asked.end <= asked.start:
            raise Refused("exclusion.ends_before_start")
        span = Interval(asked.start, asked.end)
    elif asked.start is not None or asked.end is not None:
        raise Refused("ruling.half_a_span")
    return Chosen(month=month, span=span, cause=asked.cause)

"""Applying on this host: the core is asked by way of the journal, as from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from credits.billing.brake import BrakeCommands
from credits.billing.by_hand import AppliedByHand
from credits.billing.fields import (
    brake_fields,
    handed_out_fields,
    pass_fields,
    step_taken_fields,
)
from credits.billing.requests import ApplyingRequests, Task
from monitor.client.ports import Document
from monitor.client.reading import harmless
from monitor.roles.tools import Tools


class LocalApplying:
    """Implements `monitor.client.ports.Applying`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._zone = tools.catalogue.zone

    def ask(self, task: str, month: str = "") -> Document:
        found: Document = harmless(pass_fields(self._requests.ask(Task(task), month), self._zone))
        return found

    def show(self, wanted: int) -> Document:
        found: Document = harmless(pass_fields(self._requests.show(wanted), self._zone))
        return found

    def handed_out(self) -> Sequence[Document]:
        return [harmless(handed_out_fields(one, self._zone)) for one in self._by_hand.waiting()]

    def confirm(self, references: Mapping[str, str]) -> Sequence[Document]:
        found = self._by_hand.confirm(references)
        return [harmless(step_taken_fields(one, self._zone)) for one in found]

    def release(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        found = self._by_hand.release(wanted, reason=reason, revision=revision)
        said: Document = harmless(step_taken_fields(found, self._zone))
        return said

    def pause(self, reason: str) -> Document:
        found: Document = harmless(brake_fields(self._brake.pause(reason), self._zone))
        return found

    def resume(self, reason: str) -> Document:
        found: Document = harmless(brake_fields(self._brake.resume(reason), self._zone))
        return found

    @cached_property
    def _brake(self) -> BrakeCommands:
        tools = self._tools
        return BrakeCommands(journal=tools.journal, clock=tools.clock, actor=tools.actor)

    @cached_property
    def _requests(self) -> ApplyingRequests:
        tools = self._tools
        return ApplyingRequests(journal=tools.journal, clock=tools.clock, actor=tools.actor)

    @cached_property
    def _by_hand(self) -> AppliedByHand:
        tools = self._tools
        return AppliedByHand(
            journal=tools.journal, clock=tools.clock, actor=tools.actor,
            description=tools.catalogue.billing.description,
        )  # fmt: skip

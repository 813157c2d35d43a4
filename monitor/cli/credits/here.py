"""Credits on this host, where they are read: the shell is no account, and takes no step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from credits.handling.commands import MOST_AT_ONCE, Chosen, CreditCommands, Judged
from credits.handling.fields import credit_fields, judged_fields, story_fields
from credits.handling.reading import CreditReading
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState
from credits.ports import WantedCredits
from monitor.client.ports import Document
from monitor.client.reading import harmless
from monitor.client.views import AskedCredits
from monitor.i18n.refusals import sentence
from monitor.roles.tools import Tools

_PAGE = 500


class LocalCredits:
    """Implements `monitor.client.ports.Credits`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._zone = tools.catalogue.zone

    def listed(self, asked: AskedCredits, limit: int) -> Sequence[Document]:
        wanted = WantedCredits(
            state=CreditState(asked.state) if asked.state else None, period=asked.month,
            client=asked.client, contract=asked.contract,
        )  # fmt: skip
        found: list[CreditRecord] = []
        while len(found) < limit:
            last = found[-1].id if found else None
            page = self._reading.page(wanted, last, min(_PAGE, limit - len(found)))
            found += page
            if len(page) < _PAGE:
                break
        return [harmless(credit_fields(record, self._zone)) for record in found]

    def show(self, wanted: str) -> Document:
        said: Document = harmless(story_fields(self._reading.show(wanted), self._zone))
        return said

    def request(
        self, wanted: str, *, ticket: str, client: str, revision: int | None = None
    ) -> Document:
        done = self._commands.request(wanted, ticket=ticket, client=client, revision=revision)
        return self.show(done.id)

    def review(self, wanted: str, *, revision: int | None = None) -> Document:
        return self.show(self._commands.review(wanted, revision=revision).id)

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self.show(self._commands.approve(wanted, reason=reason, revision=revision).id)

    def reject(
        self, wanted: str, *, reason: str, clause: str, revision: int | None = None
    ) -> Document:
        done = self._commands.reject(wanted, reason=reason, clause=clause, revision=revision)
        return self.show(done.id)

    def review_all(self, wanted: Sequence[str]) -> Sequence[Document]:
        return [_judged(one) for some in _some(wanted) for one in self._commands.review_all(some)]

    def approve_all(self, wanted: Sequence[str], *, reason: str) -> Sequence[Document]:
        return [
            _judged(one)
            for some in _some(wanted)
            for one in self._commands.approve_all(some, reason=reason)
        ]

    @cached_property
    def _reading(self) -> CreditReading:
        return CreditReading(journal=self._tools.journal, actor=self._tools.actor)

    @cached_property
    def _commands(self) -> CreditCommands:
        tools = self._tools
        return CreditCommands(journal=tools.journal, clock=tools.clock, actor=tools.actor)


def _some(wanted: Sequence[str]) -> Sequence[Sequence[Chosen]]:
    chosen = [Chosen(credit=CreditId(name)) for name in wanted]
    return [chosen[at : at + MOST_AT_ONCE] for at in range(0, len(chosen), MOST_AT_ONCE)]


def _judged(one: Judged) -> Document:
    detail = None if one.refusal is None else sentence(one.refusal)
    said: Document = harmless({**judged_fields(one), "detail": detail})
    return said

"""Months closed in this process, where a test asks for no process of their own."""

from __future__ import annotations

from credits.journal import ClosingJournal
from credits.period.month import Month
from credits.report.close import Closing, close
from credits.report.draft import Drafting, Say
from credits.report.evidence import LoggedResults, NoResults
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import MACHINE, Actor
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.money.closing import MonthCloser
from monitor.runtime.version import version_line


class SetAsideInMemory:
    """Implements `credits.report.chunk.SetAside` where there is no folder."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.parts.get(name)

    def put(self, name: str, packed: bytes) -> None:
        self.parts[name] = packed

    def clear(self) -> None:
        self.parts.clear()


class ClosesHere:
    """Implements `monitor.roles.core.money.closing.ClosesMonths`."""

    def __init__(
        self,
        journal: ClosingJournal,
        results: LoggedResults | None = None,
        *,
        catalogues: Catalogues | None = None,
        aside: SetAsideInMemory | None = None,
        say: Say = lambda _: None,
        actor: Actor = MACHINE,
    ) -> None:
        self.journal = journal
        self.results = results or NoResults()
        self.catalogues = catalogues
        self.aside = aside or SetAsideInMemory()
        self.say = say
        self.actor = actor

    async def close(self, month: Month, now: Second) -> Closing:
        return self.at_once(month, now)

    def at_once(self, month: Month, now: Second) -> Closing:
        how = Drafting(
            catalogues=self.catalogues or RevisionReader(self.journal).read(),
            results=self.results, aside=self.aside, program=version_line(), say=self.say,
        )  # fmt: skip
        return close(self.journal, month, now, how, self.actor)


def closer(
    journal: ClosingJournal,
    clock: Clock,
    results: LoggedResults | None = None,
    catalogues: Catalogues | None = None,
) -> MonthCloser:
    return MonthCloser(journal, clock, ClosesHere(journal, results, catalogues=catalogues))

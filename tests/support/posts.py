"""A journal with a dispatcher on it, and notifiers that do what a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from monitor.alerting.dispatcher import Dispatcher, pending
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Alerting, AlertTarget, Catalogue, Component, Route
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.incidents.delivery import Delivery, EventKind, Notification
from monitor.domain.incidents.incident import Incident
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from tests.domain.incidents import DECIDED_AT, FAILURES, catalogue, incident
from tests.support.clock import FakeClock
from tests.support.journals import new_journal

_T = TypeVar("_T")
FIRST, SECOND, OTHER = (
    AlertTarget(id=i, kind="fake", spec=i) for i in ("first", "second", "other")
)
CHAIN = Route(id="chain", targets=(FIRST, SECOND))
Answer = Exception | None


@dataclass
class ScriptedNotifier:
    """Keeps what it delivered, as (target, message); `answers` are taken per target in order,
    after which everything is delivered."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    delivered: list[tuple[str, Message]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    hangs: set[str] = field(default_factory=set)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    """Until then those that hang do."""

    async def send(self, message: Message, spec: str) -> None:
        self.tried.append(spec)
        self.has_begun.set()
        if spec in self.hangs:
            await self.may_end.wait()
        script = self.answers.get(spec, [])
        answer = script.pop(0) if script else None
        if answer is not None:
            raise answer
        self.delivered.append((spec, message))

    def keys(self, target: str) -> list[str]:
        return [message.key for to, message in self.delivered if to == target]


@dataclass
class PostOffice:
    """Everything around one dispatcher."""

    journal: SqlJournal
    clock: FakeClock
    notifier: ScriptedNotifier
    alerting: Alerting
    reached: list[str] = field(default_factory=list)
    deadline_s: float = 5.0
    on_point: Callable[[str], None] = lambda _: None
    services: dict[str, str] = field(default_factory=dict)
    """Of components that the configuration has beside its own."""

    def __post_init__(self) -> None:
        self.dispatcher = self.another()
        self._runner: asyncio.Runner | None = None

    def another(self) -> Dispatcher:
        """A dispatcher that remembers nothing, as after a restart."""
        notifiers: dict[str, Any] = {"fake": self.notifier}
        return Dispatcher(
            journal=self.journal,
            clock=self.clock,
            alerting=lambda: self.alerting,
            alert_renderer=AlertRenderer(catalogue=self.catalogue, failures=FAILURES),
            notifiers=notifiers,
            reached=self._note,
            deadline_s=self.deadline_s,
        )

    def catalogue(self) -> Catalogue:
        known = catalogue(alerting=self.alerting)
        beside = tuple(
            Component(id=ComponentId(name), service=ServiceId(service), name=plain(name))
            for name, service in self.services.items()
        )
        return replace(known, components=known.components + beside)

    def save(self, given: Incident | None = None) -> Incident:
        with self.journal.transaction() as tx:
            return tx.incidents.save(given or incident())

    def enqueue(
        self,
        about: Incident,
        kind: EventKind = EventKind.OPENING,
        number: int = 0,
        due_at: Second | None = None,
    ) -> None:
        at = self.clock.now() if due_at is None else due_at
        with self.journal.transaction() as tx:
            tx.outbox.enqueue(pending(about, kind, number, self.alerting, at))

    def sent(self) -> int:
        """Send what is due now; how many messages were tried. One loop serves all calls: a loop
        for each second costs more than the sending."""
        self._runner = self._runner or asyncio.Runner()
        return self._runner.run(self.dispatcher.send_due(at_once))

    def close(self) -> None:
        if self._runner is not None:
            self._runner.close()

    def of(self, about: Incident) -> list[Notification]:
        with self.journal.transaction() as tx:
            return list(tx.outbox.of(about.id))

    def states(self, about: Incident) -> list[tuple[str, Delivery]]:
        return [(n.target, n.delivery) for n in self.of(about)]

    def _note(self, point: str) -> None:
        self.reached.append(point)
        self.on_point(point)


def at_once(work: Callable[[], _T]) -> Awaitable[_T]:
    """The journal's thread is this one."""

    async def run() -> _T:
        return work()

    return run()


@contextmanager
def post_office(folder: Path, *routes: Route, group_wait: int = 30) -> Iterator[PostOffice]:
    url = new_journal(folder / "journal.db")
    with open_journal(url) as journal:
        office = PostOffice(
            journal=journal,
            clock=FakeClock(DECIDED_AT),
            notifier=ScriptedNotifier(),
            alerting=Alerting(routes=routes or (CHAIN,), group_wait=group_wait),
        )
        with closing(office):
            yield office

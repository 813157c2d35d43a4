"""What visitors send by the page's forms, as the core takes it up beside its decisions."""

from __future__ import annotations

from pathlib import Path

from monitor.customers.ports import CustomersJournal
from monitor.domain.catalogue import Catalogue
from monitor.domain.subscriptions.delivery_figures import SubscribersMetrics
from monitor.domain.time.clock import Clock
from monitor.roles.console.probe_runner import ProbeProcesses
from monitor.roles.core.visitors.names import CoreNames
from monitor.roles.core.visitors.problems import CoreProblems
from monitor.roles.core.visitors.subscribers import CoreSubscribers
from monitor.runtime.tasks import OnThread
from monitor.subscribers.ports import SubscribersJournal


class CoreVisitors:
    """`subscribers` is the journal, for who asked to be told, and `customers` for their domains and
    reports; None: nobody may."""

    def __init__(
        self,
        subscribers: SubscribersJournal | None,
        customers: CustomersJournal | None,
        data_dir: Path,
        clock: Clock,
    ) -> None:
        self._problems = (
            None if customers is None else CoreProblems(customers, ProbeProcesses(), clock)
        )
        self._names = None if customers is None else CoreNames(customers, data_dir, clock)
        self._subscribers = (
            None
            if subscribers is None
            else CoreSubscribers(subscribers, data_dir, clock, self._problems)
        )

    @property
    def has_names(self) -> bool:
        """Whether the page may be asked about a domain."""
        return self._names is not None and self._names.has_names

    def metrics(self) -> SubscribersMetrics | None:
        """Of who asked to be told; None where nobody may. Raises JournalError."""
        return None if self._subscribers is None else self._subscribers.metrics()

    def follow(self, catalogue: Catalogue) -> bool:
        """Take up what came; returns whether the page has something else to answer with."""
        if self._subscribers is not None:
            self._subscribers.follow(catalogue)
        return self._names is not None and self._names.follow(catalogue)

    async def look_forever(self, on_thread: OnThread) -> None:
        """Have the checks look where customers write that something fails. Returns at once where
        nobody may write."""
        if self._problems is not None:
            await self._problems.look_forever(on_thread)

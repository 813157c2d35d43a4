"""What customers' questions need of the journal, beside its other repositories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import Problem, ProblemRef
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction


class CustomerNames(Protocol):
    """Domains in ASCII, each with the components that serve it."""

    def version(self) -> int:
        """Another one whenever any of them changed."""
        ...

    def listed(self) -> Mapping[str, Collection[ComponentId]]:
        """The list that was imported."""
        ...

    def replace(self, names: Mapping[str, Collection[ComponentId]]) -> None: ...

    def of_contracts(self, now: Second) -> Iterable[tuple[str, Collection[ComponentId]]]:
        """Those of contracts that are active."""
        ...


class Problems(Protocol):
    """What customers said that fails."""

    def get(self, wanted: ProblemRef) -> Problem | None: ...

    def save(self, changed: Problem) -> None: ...

    def listed(self, limit: int, *, with_closed: bool) -> Sequence[Problem]:
        """Newest first."""
        ...

    def of_component(self, component: ComponentId, since: Second) -> Sequence[Problem]:
        """Said at that second or later, oldest first."""
        ...

    def forget(self, until: Second) -> int:
        """Delete what was said before; how many that were."""
        ...

    def told_at(self, component: ComponentId) -> Second | None:
        """When operators last heard that several customers say it of a component."""
        ...

    def tell(self, component: ComponentId, at: Second) -> None: ...


class CustomersTransaction(JournalTransaction, Protocol):
    @property
    def customer_names(self) -> CustomerNames: ...
    @property
    def problems(self) -> Problems: ...


class CustomersJournal(Protocol):
    def transaction(self) -> AbstractContextManager[CustomersTransaction]:
        """As `Journal.transaction`."""
        ...

"""What customers' questions need of the journal, beside its other repositories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from monitor.domain.checks.observation import ComponentId
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


class CustomersTransaction(JournalTransaction, Protocol):
    @property
    def customer_names(self) -> CustomerNames: ...


class CustomersJournal(Protocol):
    def transaction(self) -> AbstractContextManager[CustomersTransaction]:
        """As `Journal.transaction`."""
        ...

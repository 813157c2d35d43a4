"""The journal as billing uses it: one transaction with timelines, contracts and reports."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from credits.ports import CreditsTransaction
from monitor.journal.ports import JournalTransaction

IMPORTED = ("contract.imported", "contract.revised", "contract.corrected")
"""The changes that say of a contract that it is another one now."""


class BillingTransaction(JournalTransaction, CreditsTransaction, Protocol):
    """A transaction of the journal, with contracts and reports."""


class BillingJournal(Protocol):
    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        """Read and write in one transaction; see `monitor.journal.ports.Journal`."""
        ...


class ClosingJournal(BillingJournal, Protocol):
    """A journal that can be read at length beside whoever writes it."""

    def snapshot(self) -> AbstractContextManager[BillingTransaction]:
        """Read one moment of the journal, for as long as that takes: it waits for nobody, keeps
        nobody waiting and cannot write. Raises JournalError."""
        ...

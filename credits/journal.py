"""The journal as money sees it: one transaction with timelines, contracts and reports."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from credits.ports import CreditsTransaction
from monitor.journal.ports import JournalTransaction


class BillingTransaction(JournalTransaction, CreditsTransaction, Protocol):
    """A journal's transaction, money included."""


class BillingJournal(Protocol):
    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        """Read and write as one; see `monitor.journal.ports.Journal`."""
        ...

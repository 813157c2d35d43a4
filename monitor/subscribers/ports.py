"""What subscribers need of the journal, beside its other repositories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
)
from monitor.domain.time.interval import Second
from monitor.journal.ports import Cursors, JournalTransaction


class Subscriptions(Protocol):
    """Subscriptions, and the one table of addresses."""

    @property
    def inbox_cursors(self) -> Cursors:
        """How far each inbox was read, by its lineage."""
        ...

    def get(self, wanted: SubscriptionId) -> Subscription | None: ...

    def some(self, wanted: Collection[SubscriptionId]) -> Sequence[Subscription]:
        """Those of these that there are."""
        ...

    def add(self, added: Subscription, contact: Contact) -> None: ...

    def save(self, changed: Subscription) -> None: ...

    def move(self, wanted: SubscriptionId, contact: Contact) -> None:
        """Write another address in the place of the one that it had."""
        ...

    def erase(self, wanted: SubscriptionId) -> None:
        """Delete the address. `SubscribersJournal.is_erased` says when nothing is left of it."""
        ...

    def contact(self, wanted: SubscriptionId) -> Contact | None: ...

    def contacts(self, wanted: Collection[SubscriptionId]) -> Mapping[SubscriptionId, Contact]: ...

    def of_mailbox(self, mailbox: str) -> Sequence[Subscription]:
        """All with an address of that mailbox (`Contact.mailbox`)."""
        ...

    def confirmed(self, kind: str) -> Iterable[Subscription]:
        """All that are told in that way, by id."""
        ...

    def unconfirmed(self, until: Second, limit: int) -> Sequence[Subscription]:
        """The first so many that were asked for until a second and never confirmed."""
        ...

    def listed(self, after: str, limit: int) -> Sequence[Subscription]:
        """By id, those that have not ended."""
        ...

    def counts(self) -> Mapping[tuple[str, SubscriptionState], int]:
        """How many of each kind are in each state, where there are any."""
        ...

    def block(self, mailbox_hash: str, at: Second) -> None: ...

    def is_blocked(self, mailbox_hash: str) -> bool: ...


class SubscribersTransaction(JournalTransaction, Protocol):
    @property
    def subscriptions(self) -> Subscriptions: ...


class SubscribersJournal(Protocol):
    def transaction(self) -> AbstractContextManager[SubscribersTransaction]:
        """As `Journal.transaction`."""
        ...

    def is_erased(self) -> bool:
        """Whether nothing is left of what was deleted before. Raises JournalError."""
        ...

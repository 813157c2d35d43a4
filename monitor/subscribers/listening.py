"""What a bot hears, handed to the core."""

from __future__ import annotations

from functools import partial

from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.subscription import SubscriptionId, SubscriptionState
from monitor.domain.subscriptions.wishes import REQUESTED, UNSUBSCRIBED, Request, about, body_of
from monitor.inbox.ports import InboxWriter
from monitor.runtime.tasks import OnThread
from monitor.subscribers.ports import SubscribersJournal


class InboxListening:
    """Reports to the inbox that the core reads (`Listening`)."""

    def __init__(
        self, journal: SubscribersJournal, inbox: InboxWriter, on_thread: OnThread
    ) -> None:
        self._journal = journal
        self._inbox = inbox
        self._on_thread = on_thread

    async def ask(self, request: Request) -> None:
        await self._on_thread(partial(self._inbox.append, REQUESTED, body_of(request)))

    async def end(self, contact: Contact) -> None:
        for one in await self._on_thread(partial(self._of, contact)):
            await self._on_thread(partial(self._inbox.append, UNSUBSCRIBED, about(one)))

    def _of(self, contact: Contact) -> list[SubscriptionId]:
        with self._journal.transaction() as tx:
            return [
                one.id
                for one in tx.subscriptions.of_mailbox(contact.mailbox)
                if one.kind == contact.kind and one.state is not SubscriptionState.ENDED
            ]

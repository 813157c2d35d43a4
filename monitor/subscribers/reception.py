"""The core takes up what the inboxes hold: each row once, with its cursor in the same transaction.

Nothing here tells the page whether an address was known: it answered before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import structlog

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.contact import EMAIL, Contact
from monitor.domain.subscriptions.subscription import (
    CONFIRM_WITHIN_S,
    Ending,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
    may_ask_to_confirm,
)
from monitor.domain.subscriptions.wishes import (
    BOUNCED,
    CONFIRMED,
    LEFT,
    MOVED,
    OVER,
    REQUESTED,
    UNSUBSCRIBED,
    Request,
    leaving_of,
    moving_of,
    request_of,
)
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.i18n.ways import read_any_contact
from monitor.inbox.ports import InboxRow, InboxSource, InboxUnavailable
from monitor.journal.ports import RowNotFound
from monitor.subscribers.ending import end, record
from monitor.subscribers.ports import SubscribersJournal, SubscribersTransaction
from statuspage.view.page_scope import PageScope, scope_of

AT_ONCE = 200
"""Rows in one transaction: nothing else is decided meanwhile."""
EXPIRE_EVERY_S = 60.0
_ENDINGS = {
    UNSUBSCRIBED: Ending.UNSUBSCRIBED,
    BOUNCED: Ending.BOUNCED,
    OVER: Ending.OVER,
}


class Taking(Protocol):
    def __call__(
        self, tx: SubscribersTransaction, body: Mapping[str, Json], catalogue: Catalogue, /
    ) -> None:
        """Within the transaction that moves the cursor. Raises KeyError, TypeError, ValueError
        where the row means nothing."""
        ...


_NONE: Mapping[str, Taking] = {}


class Reception:
    """`new_id` gives an opaque id; `key` hashes mailboxes that are blocked."""

    def __init__(
        self,
        journal: SubscribersJournal,
        inboxes: Sequence[InboxSource],
        key: bytes,
        clock: Clock,
        new_id: Callable[[], str],
        others: Mapping[str, Taking] = _NONE,
    ) -> None:
        """`others` take up the rows of other kinds, by kind."""
        self._journal = journal
        self._inboxes = inboxes
        self._key = key
        self._clock = clock
        self._new_id = new_id
        self._others = others
        self._log = structlog.get_logger()
        self._cursors: dict[str, int] = {}
        self._expired_at: float | None = None
        self._is_erasing = True
        """At a start too: whoever was before may have died between deleting and cutting."""
        self._is_failing = False

    def follow(self, catalogue: Catalogue) -> Mapping[str, int]:
        """Take up a bounded number of rows of each inbox, and erase what ended. Returns how far
        each inbox is read and in the journal, by lineage. Raises JournalError."""
        for inbox in self._inboxes:
            try:
                self._take(inbox, catalogue)
            except InboxUnavailable as error:
                if not self._is_failing:
                    self._log.error("inbox.unreadable", error=str(error))
                self._is_failing = True
            else:
                self._is_failing = False
        self._expire()
        if self._is_erasing:
            self._is_erasing = not self._journal.is_erased()
        return self._cursors

    def _take(self, inbox: InboxSource, catalogue: Catalogue) -> None:
        lineage = inbox.lineage()
        if not lineage:
            return
        if lineage not in self._cursors:
            with self._journal.transaction() as tx:
                self._cursors[lineage] = tx.subscriptions.inbox_cursors.get(lineage)
        unread = inbox.unread(self._cursors[lineage], AT_ONCE)
        if not unread.rows or unread.lineage != lineage:
            return
        read = unread.rows[-1].seq
        with self._journal.transaction() as tx:
            for row in unread.rows:
                self._apply(tx, row, catalogue)
            tx.subscriptions.inbox_cursors.set(lineage, read)
        self._cursors[lineage] = read

    def _apply(self, tx: SubscribersTransaction, row: InboxRow, catalogue: Catalogue) -> None:
        """A row that means nothing is logged by its number, for it may hold an address."""
        try:
            if row.kind in self._others:
                self._others[row.kind](tx, row.body, catalogue)
                return
            if row.kind == REQUESTED:
                self._request(tx, request_of(row.body, read_any_contact), catalogue)
                return
            if row.kind == LEFT:
                self._leave(tx, leaving_of(row.body, read_any_contact))
                return
            if row.kind == MOVED:
                self._move(tx, *moving_of(row.body, read_any_contact))
                return
            found = tx.subscriptions.get(_subscription_id(row.body))
            if row.kind == CONFIRMED:
                self._confirm(tx, found)
                return
            ending = _ENDINGS[row.kind]
        except (KeyError, TypeError, ValueError) as error:
            self._log.error("inbox.row_refused", seq=row.seq, why=type(error).__name__)
            return
        if found is not None:
            self._end(tx, found, ending)

    def _request(self, tx: SubscribersTransaction, request: Request, catalogue: Catalogue) -> None:
        """A new subscription that waits to be confirmed; nothing where the mailbox got a
        confirmation within a day, or refuses mail, or what is wanted is not public."""
        now, contact = self._clock.now(), request.contact
        if not _is_offered(contact.kind, catalogue):
            return
        scope = _scope(request, catalogue)
        wanted = None if scope is None else _public(tx, request.wanted, scope)
        # Each page asks for itself: nobody learns of one by the mail that another does not send.
        there = tx.subscriptions.of_mailbox(contact.mailbox)
        earlier = [one for one in there if one.page == request.page]
        is_free = request.is_proven or may_ask_to_confirm((s.created_at for s in earlier), now)
        if wanted is None or not is_free:
            return
        if tx.subscriptions.is_blocked(contact.keyed_hash(self._key)):
            return
        asked = Subscription(
            id=SubscriptionId(self._new_id()),
            kind=contact.kind,
            page=request.page,
            wanted=wanted,
            locale=_locale(request.locale, catalogue),
            state=SubscriptionState.PENDING,
            created_at=now,
        )
        tx.subscriptions.add(asked, contact)
        record(tx, asked, "requested", MACHINE, now)
        if request.is_proven:
            self._confirm(tx, asked)

    def _confirm(self, tx: SubscribersTransaction, found: Subscription | None) -> None:
        """A second click finds it confirmed, or ended, and changes nothing."""
        if found is None or found.state is not SubscriptionState.PENDING:
            return
        now = self._clock.now()
        former = _former(tx, found)
        if former is not None:
            tx.subscriptions.save(replace(former, wanted=found.wanted, locale=found.locale))
            record(tx, former, "changed", MACHINE, now)
            self._end(tx, found, Ending.JOINED)
            return
        confirmed = replace(found, state=SubscriptionState.CONFIRMED, confirmed_at=now)
        tx.subscriptions.save(confirmed)
        record(tx, confirmed, "confirmed", MACHINE, now)

    def _leave(self, tx: SubscribersTransaction, contact: Contact) -> None:
        """End everything that goes to that very address."""
        for one in tx.subscriptions.of_mailbox(contact.mailbox):
            if one.kind == contact.kind and tx.subscriptions.contact(one.id) == contact:
                self._end(tx, one, Ending.UNSUBSCRIBED)

    def _move(self, tx: SubscribersTransaction, contact: Contact, to: Contact) -> None:
        """Everything that goes to one address goes to another; what is told there already ends."""
        there = {
            (one.page, one.wanted.incident)
            for one in tx.subscriptions.of_mailbox(to.mailbox)
            if one.state is SubscriptionState.CONFIRMED
        }
        for one in tx.subscriptions.of_mailbox(contact.mailbox):
            if one.kind != contact.kind or tx.subscriptions.contact(one.id) != contact:
                continue
            if (one.page, one.wanted.incident) in there:
                self._end(tx, one, Ending.JOINED)
                continue
            tx.subscriptions.move(one.id, to)
            record(tx, one, "moved", MACHINE, self._clock.now())
            self._is_erasing = True

    def _end(self, tx: SubscribersTransaction, found: Subscription, ending: Ending) -> None:
        """End one and erase its address; of one that bounced the mailbox's hash stays."""
        if found.state is SubscriptionState.ENDED:
            return
        now = self._clock.now()
        contact = tx.subscriptions.contact(found.id)
        # A mailbox that is gone stays gone; a receiver of another kind may be put up again.
        if ending is Ending.BOUNCED and contact is not None and found.kind == EMAIL:
            tx.subscriptions.block(contact.keyed_hash(self._key), now)
        end(tx, found, ending, MACHINE, now)
        self._is_erasing = True

    def _expire(self) -> None:
        """Erase the addresses of who never confirmed."""
        moment = self._clock.monotonic()
        if self._expired_at is not None and moment - self._expired_at < EXPIRE_EVERY_S:
            return
        self._expired_at = moment
        with self._journal.transaction() as tx:
            until = Second(self._clock.now() - CONFIRM_WITHIN_S)
            for one in tx.subscriptions.unconfirmed(until, AT_ONCE):
                self._end(tx, one, Ending.UNCONFIRMED)


def _former(tx: SubscribersTransaction, found: Subscription) -> Subscription | None:
    """The confirmed one of the same mailbox and page about the same incident, or about components.
    Of webhooks, of the very same address: behind one path several people may be, each with a
    key."""
    contact = tx.subscriptions.contact(found.id)
    if contact is None:
        return None
    alike = (
        one
        for one in tx.subscriptions.of_mailbox(contact.mailbox)
        if one.state is SubscriptionState.CONFIRMED
        and (one.kind, one.page, one.wanted.incident)
        == (found.kind, found.page, found.wanted.incident)
        and (one.kind == EMAIL or tx.subscriptions.contact(one.id) == contact)
    )
    return next(alike, None)


def _is_offered(kind: str, catalogue: Catalogue) -> bool:
    """Whether visitors may be told in that way. What was asked for just before subscribers were
    taken out of the configuration waits for them to come back, or for its time to be over."""
    return catalogue.subscribers is None or kind in catalogue.subscribers.kinds


def _subscription_id(body: Mapping[str, Json]) -> SubscriptionId:
    return SubscriptionId(str(body["subscription"]))


def _scope(request: Request, catalogue: Catalogue) -> PageScope | None:
    """The page where it was asked; None where there is none, or where a chat asks about one that
    is shown to holders of a link alone: it has shown none."""
    scope = scope_of(catalogue, request.page)
    is_shut = scope is not None and scope.is_private and request.is_proven
    return None if is_shut else scope


def _public(tx: SubscribersTransaction, wanted: Wanted, scope: PageScope) -> Wanted | None:
    """What of it that page shows and is open now; None where nothing is."""
    if wanted.incident is not None:
        with suppress(RowNotFound):
            found = tx.incidents.get(wanted.incident)
            is_about_none = scope.page is None and not found.concerned
            is_shown = is_about_none or any(map(scope.shows, found.concerned))
            if found.is_unresolved and is_shown:
                return replace(wanted, components=())
        return None
    if not wanted.components:
        return wanted
    left = tuple(dict.fromkeys(filter(scope.shows, wanted.components)))
    return replace(wanted, components=left) if left else None


def _locale(wanted: str, catalogue: Catalogue) -> str:
    return wanted if wanted in catalogue.page.locales else catalogue.page.locales[0]

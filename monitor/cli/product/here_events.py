"""What changes on this host, read from the journal as a door reads it for its clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from monitor.accounts.secrets import PassingSealer
from monitor.api.events.cursors import SealedCursors
from monitor.api.events.document import document_of
from monitor.api.events.event import Event
from monitor.api.events.feed import EventFeed, Place
from monitor.api.operation import encoded
from monitor.client.reading import Fields, parsed
from monitor.client.views import Followed, Notice
from monitor.domain.refusals import Refused
from monitor.incidents.service_bounds import ServiceBounds
from monitor.journal.ports import JournalError
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.console.journal import ReadingJournal
from monitor.roles.tools import Tools

POLL_S = 1.0
"""As often as the role console reads for its streams."""


class LocalEvents:
    """Implements `monitor.client.ports.Events`. The journal is read without a lock: the core waits
    for nobody who watches. The cursors end with the command."""

    def __init__(self, tools: Tools, wait: Callable[[float], None] = time.sleep) -> None:
        self._tools = tools
        self._wait = wait
        self._cursors = SealedCursors(PassingSealer())
        self._feed = EventFeed(
            ReadingJournal(lambda: tools.url), lambda: catalogues_of(tools), tools.clock
        )

    def follow(self) -> Iterator[Followed]:
        """Raises JournalError where it cannot be read at first."""
        self._feed.follow()
        place, is_away = self._feed.end, False
        while True:
            events, place, is_whole = self._behind(place)
            if not is_whole:
                yield Notice(
                    "not all that happened meanwhile is kept: estado state says what is now"
                )
            yield from map(self._document, events)
            self._wait(POLL_S)
            try:
                self._feed.follow()
            except JournalError as error:
                if not is_away:
                    yield Notice(f"the journal: {error}; going on once it can be read")
                is_away = True
                continue
            if is_away:
                yield Notice("the journal is read again")
            is_away = False

    def _behind(self, place: Place) -> tuple[Sequence[Event], Place, bool]:
        try:
            return *self._feed.behind(place), True
        except Refused:
            return (), self._feed.end, False

    def _document(self, event: Event) -> Followed:
        catalogue = self._feed.catalogue
        bounds = ServiceBounds.of(self._tools.actor, catalogue)
        cursor = self._cursors.seal(event.reached)
        return Fields.of(parsed(encoded(document_of(event, cursor, bounds, catalogue.zone)))).found

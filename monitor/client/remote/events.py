"""What changes at a door elsewhere, as it comes: also across a door that starts anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing

from monitor.client.door import Door
from monitor.client.exchange import Exchange, Streamed
from monitor.client.faults import Later, NoEstado, Unreachable
from monitor.client.reading import Fields, parsed
from monitor.client.server_sent import ServerSent
from monitor.client.views import Followed, Notice

_FIRST_S, _MOST_S = 3.0, 30.0
"""Between two tries. A door that starts anew is back within seconds."""
_PASSING = frozenset({"events.closing", "events.slow"})
"""Why a door ends a stream that may be begun again at once."""


class RemoteEvents:
    """Implements `monitor.client.ports.Events`. `stream` and `wait` are what it reaches the world
    by."""

    def __init__(
        self,
        door: Door,
        stream: Callable[..., AbstractContextManager[Streamed]] | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._door = door
        self._stream = stream or Exchange(door.address).stream
        self._wait = wait

    def follow(self) -> Iterator[Followed]:
        """A door that cannot be reached at first is told as by other commands; one that was there
        is waited for, and both are said once."""
        after, pause_s, is_lost = "", _FIRST_S, False
        while True:
            try:
                with closing(self._door.follow("/events", after, self._stream)) as blocks:
                    for block in blocks:
                        after, pause_s = block.id or after, _FIRST_S
                        if is_lost:
                            yield Notice("connected again")
                            is_lost = False
                        yield from self._told(block)
            except (Unreachable, Later) as error:
                if not after:
                    raise
                if not is_lost:
                    yield Notice(f"{error}; going on once it is back")
                is_lost = True
            self._wait(pause_s)
            pause_s = min(2 * pause_s, _MOST_S)

    def _told(self, block: ServerSent) -> Iterator[Followed]:
        if not block.data:
            return
        found = _fields(block.data)
        if block.name == "reset":
            yield Notice("not all that happened meanwhile is kept: estado state says what is now")
        elif block.name != "end":
            yield found.found
        elif found.text("code") in _PASSING:
            raise Unreachable(f"{self._door.address.url} ended the stream: {found.text('detail')}")
        else:
            raise self._door.ended(found.text("code"), found.text("detail"))


def _fields(data: str) -> Fields:
    try:
        return Fields.of(parsed(data.encode()))
    except ValueError as error:
        raise NoEstado("an event of the door is no JSON") from error

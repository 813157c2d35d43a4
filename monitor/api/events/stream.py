"""One client of the stream: from where it goes on, what it sees, and how it is written.

`id` of each event is a cursor, so that a browser which lost its connection goes on behind the last
event that it got. A sign of life has one too: a client that sees few events stays near the end.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from aiohttp import web

from monitor.api.caller import Caller
from monitor.api.events.cursors import SealedCursors
from monitor.api.events.document import document_of
from monitor.api.events.event import NOWHERE, Event, Position
from monitor.api.events.feed import EventFeed, Place
from monitor.api.events.recheck import Again
from monitor.api.operation import encoded
from monitor.domain.refusals import Refused
from monitor.i18n.refusals import sentence
from monitor.incidents.service_bounds import ServiceBounds

RETRY_MS = 3_000
"""How soon a browser comes again."""
_AT_ONCE = 100
"""Events in one write."""
_MOST_FRAMES = 10_000
_SEND_BUFFER = 64 * 1024
_UNREAD_MS = 30_000
"""How long the system waits for a peer to take what was sent before the connection is over."""


class Bell:
    """Wakes all who wait, at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, limit_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._event.wait()


class Frames:
    """Events as they are sent: written once for all clients that see everything."""

    def __init__(self, cursors: SealedCursors) -> None:
        self._cursors = cursors
        self._known: dict[Event, bytes] = {}

    def of(self, event: Event, reached: Position, bounds: ServiceBounds, zone: ZoneInfo) -> bytes:
        """`reached` is how far a client is with it, which may be further than the event itself."""
        if bounds.services is not None or reached != event.reached:
            return self._written(event, reached, bounds, zone)
        if event not in self._known:
            if len(self._known) >= _MOST_FRAMES:
                self._known.clear()
            self._known[event] = self._written(event, reached, bounds, zone)
        return self._known[event]

    def place(self, reached: Position) -> bytes:
        """No event, but a cursor to go on from."""
        return f"id: {self._cursors.seal(reached)}\n\n".encode()

    def _written(
        self, event: Event, reached: Position, bounds: ServiceBounds, zone: ZoneInfo
    ) -> bytes:
        cursor = self._cursors.seal(reached)
        data = encoded(document_of(event, cursor, bounds, zone))
        return f"id: {cursor}\nevent: {event.topic}\ndata: ".encode() + data + b"\n\n"


class Stream:
    """`over` is why it ends, once it has to; whoever sets it rings the bell."""

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        caller: Caller,
        again: Again,
        *,
        feed: EventFeed,
        cursors: SealedCursors,
        frames: Frames,
        bell: Bell,
        heartbeat_s: float,
        write_s: float,
    ) -> None:
        self._request = request
        self._response = response
        self.caller = caller
        self.again = again
        self.over: Refused | None = None
        self._feed = feed
        self._cursors = cursors
        self._frames = frames
        self._bell = bell
        self._heartbeat_s = heartbeat_s
        self._write_s = write_s
        self._reached = NOWHERE
        self._quiet_until = 0.0

    @property
    def is_gone(self) -> bool:
        transport = self._request.transport
        return transport is None or transport.is_closing()

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def run(self, after: str | None) -> None:
        """Until it is over. `after` is the cursor that the client comes with. Raises TimeoutError
        where it does not read, ConnectionError where it is gone."""
        self._bound_buffers()
        events, place = await self._begin(after)
        while self.over is None and not self.is_gone:
            await self._send(events)
            self._reached = self._reached.joined(place.position)
            try:
                events, place = self._feed.behind(place)
            except Refused:
                self.over = Refused("events.slow")
            if not events and self.over is None:
                await self._rest()
        if self.over is not None:
            await self._write([_end(self.over)])

    async def _begin(self, after: str | None) -> tuple[Sequence[Event], Place]:
        """Where it goes on from. One that has missed what is not kept is told to read all anew."""
        events, place, lost = self._opening(after)
        if after is None or lost is not None:
            self._reached = place.position
        opening = [f"retry: {RETRY_MS}\n".encode(), self._frames.place(self._reached)]
        if lost is not None:
            opening.append(_named("reset", lost))
        await self._write(opening)
        return events, place

    def _opening(self, after: str | None) -> tuple[Sequence[Event], Place, Refused | None]:
        if after is None:
            return (), self._feed.end, None
        try:
            self._reached = self._cursors.open(after)
            return *self._feed.since(self._reached), None
        except Refused as error:
            return (), self._feed.end, error

    async def _send(self, events: Sequence[Event]) -> None:
        catalogue = self._feed.catalogue
        bounds = ServiceBounds.of(self.caller.actor, catalogue)
        frames: list[bytes] = []
        for event in events:
            self._reached = self._reached.joined(event.reached)
            if event.is_seen(bounds):
                frames.append(self._frames.of(event, self._reached, bounds, catalogue.zone))
            if len(frames) == _AT_ONCE:
                await self._write(frames)
                frames = []
            if self.over is not None:
                return
        if frames:
            await self._write(frames)

    async def _rest(self) -> None:
        """Until there is something new, or for so long that it is time for a sign of life."""
        left = self._quiet_until - asyncio.get_running_loop().time()
        if left <= 0:
            await self._write([self._frames.place(self._reached)])
        else:
            await self._bell.wait(left)

    async def _write(self, frames: Sequence[bytes]) -> None:
        async with asyncio.timeout(self._write_s):
            await self._response.write(b"".join(frames))
        self._quiet_until = asyncio.get_running_loop().time() + self._heartbeat_s

    def _bound_buffers(self) -> None:
        """What a client does not read lies with the system: not megabytes of it, nor for hours."""
        found = self._request.transport
        peer = found.get_extra_info("socket") if found is not None else None
        if peer is None:
            return
        with suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MS)


def _end(why: Refused) -> bytes:
    return _named("end", why)


def _named(name: str, why: Refused) -> bytes:
    data = json.dumps({"code": why.code, "detail": sentence(why)}, ensure_ascii=False)
    return f"event: {name}\ndata: {data}\n\n".encode("utf-8", "replace")

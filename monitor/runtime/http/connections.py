"""Connections of a server: plain requests are answered at once, and none shuts out another.

The library takes each request through a parser, a task and a response object, which is most of what
a small page costs. A whole GET or HEAD without a body that arrives alone may be answered as soon as
it is read. Whatever is anything else goes to the library, and so does everything that comes after
it on that connection: the two never share one message.
"""

from __future__ import annotations

import asyncio
import resource
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web

from monitor.runtime.http.own_errors import OwnErrorsHandler

AtOnce = Callable[[bytes], bytes | None]
"""The whole answer to the bytes that were read; None where the library is to read them."""
_SPARE_DESCRIPTORS = 128
"""For the role's own files, and for what it connects to."""


def most_connections() -> int:
    """How many connections this process has descriptors for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, soft - _SPARE_DESCRIPTORS)


class ConnectionsServer(web.Server):
    """At most `most` connections are open: one more closes the one that has said nothing for the
    longest time, so that no visitor with many silent ones shuts another out."""

    def __init__(self, *given: Any, at_once: AtOnce | None, most: int, **named: Any) -> None:
        super().__init__(*given, **named)
        self._at_once = at_once
        self._most = most
        self._by_age: OrderedDict[_Connection, None] = OrderedDict()

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, self._at_once, loop=self._loop, **self._kwargs)

    def opened(self, connection: _Connection) -> None:
        self._by_age[connection] = None
        if len(self._by_age) > self._most:
            oldest, _ = self._by_age.popitem(last=False)
            oldest.drop()

    def heard(self, connection: _Connection) -> None:
        if connection in self._by_age:
            self._by_age.move_to_end(connection)

    def closed(self, connection: _Connection) -> None:
        self._by_age.pop(connection, None)


class _Connection(OwnErrorsHandler):
    __slots__ = ("_at_once", "_is_plain", "_opened", "_server")

    def __init__(self, server: ConnectionsServer, at_once: AtOnce | None, **named: Any) -> None:
        super().__init__(server, **named)
        self._server = server
        self._at_once = at_once
        self._is_plain = at_once is not None
        """Whether the library has read nothing of this connection yet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opened = cast("asyncio.Transport", transport)
        self._server.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._server.closed(self)
        super().connection_lost(exc)

    def drop(self) -> None:
        """Without a word: who does not read would never see it, and hold the connection open. The
        library may have closed it long ago, which waits for such a client for ever."""
        self._opened.abort()

    def data_received(self, data: bytes) -> None:
        self._server.heard(self)
        if self._is_plain and not self._answered_at_once(data):
            self._is_plain = False
        if not self._is_plain:
            super().data_received(data)

    def _answered_at_once(self, data: bytes) -> bool:
        transport = self.transport
        # Who has not read the last answer waits for it as the library lets him: what is written
        # stays bounded.
        if self._at_once is None or transport is None or transport.get_write_buffer_size():
            return False
        if self._force_close or self._close:
            return False
        answer = self._at_once(data)
        if answer is None:
            return False
        transport.write(answer)
        # It is idle from now on.
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        return True

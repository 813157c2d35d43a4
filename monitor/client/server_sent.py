"""Server-sent events as a client reads them: https://html.spec.whatwg.org/#server-sent-events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSent:
    """One block. Without a name and data it is a place to go on from, and a sign of life."""

    id: str = ""
    name: str = ""
    data: str = ""


def server_sent(lines: Iterable[bytes]) -> Iterator[ServerSent]:
    """The blocks of a stream. What its end cuts off is left out; it comes again, behind the last
    `id`. Raises ValueError for what is no UTF-8.

    >>> list(server_sent([b"id: 7\\n", b"event: check\\n", b"data: {}\\n", b"\\n", b"id: 8\\n"]))
    [ServerSent(id='7', name='check', data='{}')]
    """
    fields: dict[str, str] = {}
    for line in lines:
        text = line.decode("utf-8").rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields:
            yield ServerSent(
                id=fields.get("id", ""), name=fields.get("event", ""), data=fields.get("data", "")
            )
            fields = {}

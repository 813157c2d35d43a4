"""A client of the event stream, which parses it as a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from monitor.api.operation import ROOT
from tests.support.patience import PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One block of the stream; without a name it is a place and no event."""

    id: str
    name: str
    data: Any

    @property
    def kind(self) -> str:
        return str(self.data["kind"])


class Listener:
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.last_id = ""

    async def block(self) -> Sent | None:
        """The next one; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            while (line := await self.answer.content.readline()) != b"\n":
                if not line:
                    return None
                name, _, value = line.decode().rstrip("\n").partition(": ")
                fields[name] = value
        self.last_id = fields.get("id", self.last_id)
        data = json.loads(fields["data"]) if "data" in fields else None
        return Sent(id=fields.get("id", ""), name=fields.get("event", ""), data=data)

    async def event(self) -> Sent:
        """The next one that is an event."""
        while (found := await self.block()) is not None:
            if found.name:
                return found
        raise EOFError("the stream has ended")

    async def events(self, count: int) -> list[Sent]:
        return [await self.event() for _ in range(count)]


@asynccontextmanager
async def listening(
    client: Any, key: str, *, after: str = "", url: str = "/events"
) -> AsyncIterator[Listener]:
    """A stream that has begun: its first block, the place, is read."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    async with client.get(f"{ROOT}{url}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        listener = Listener(answer)
        first = await listener.block()
        assert first is not None
        assert first.id
        yield listener

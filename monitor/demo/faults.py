"""The faults that the demonstration's servers can show, and how each is put to a connection."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol


class Fault(StrEnum):
    """What `estado demo break NAME --how FAULT` does."""

    REFUSE = "refuse"
    HANG = "hang"
    EXPIRED = "expired"
    WRONG = "wrong"
    STALL = "stall"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class DemoServer(Protocol):
    """A server of the demonstration that can be broken from outside."""

    name: str
    faults: ClassVar[tuple[Fault, ...]]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def break_(self, fault: Fault) -> None: ...
    async def mend(self) -> None: ...


@dataclass(slots=True)
class Diary:
    """The servers' own record of when each was broken and mended: what the monitor must find.

    One JSON object a line: `{"at": 1790000000.123, "server": "mail", "fault": "refuse"}`.
    """

    path: Path
    wall: Callable[[], float] = field(default=lambda: time.clock_gettime(time.CLOCK_REALTIME))

    def note(self, server: str, fault: Fault | None) -> None:
        entry = {"at": round(self.wall(), 3), "server": server, "fault": fault}
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(entry) + "\n")

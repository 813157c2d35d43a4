"""The world of a soak, in a loop of its own: targets that fall and rise by script, a resolver."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from monitor.demo.faults import Diary, Fault
from monitor.demo.tcp_server import TcpServer
from tests.e2e.product import HOST, free_port
from tests.e2e.soak.record import Outage
from tests.support.dns_server import DnsServer, dns_server, silent, zone

GREETING = "ready"
CONTROLS = ("control.test", "other.example")


class Target(TcpServer):
    """Says one word; wrong, another."""

    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE, Fault.HANG, Fault.WRONG)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"overloaded\n" if self.fault is Fault.WRONG else f"{GREETING}\n".encode())
        await writer.drain()


class World:
    """Threads other than its own may call what is public."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_tell_but_of_cancelled_talks)
        self._stop = asyncio.Event()
        self._names = zone(
            {
                f"{CONTROLS[0]} A": ["192.0.2.1"],
                f"{CONTROLS[1]} A": ["192.0.2.2"],
                **{f"{name}.test A": [HOST] for name in names},
            }
        )
        diary = Diary(folder / "diary")
        self.targets = {name: Target(name, HOST, free_port(), diary) for name in names}
        self.resolver: DnsServer | None = None
        self.outages: list[Outage] = []
        self._started = threading.Event()

    @property
    def resolver_address(self) -> str:
        assert self.resolver is not None
        return f"{HOST}:{self.resolver.port}"

    def stop_resolving(self) -> None:
        assert self.resolver is not None
        self.resolver.reply = silent

    def resolve_again(self) -> None:
        assert self.resolver is not None
        self.resolver.reply = self._names

    def play(self, script: Sequence[Outage], origin: float) -> None:
        """Let targets fall and rise, counted from a moment of the monotonic clock; what came of it
        and when is in `outages`."""
        for target in self.targets:
            mine = [outage for outage in script if outage.target == target]
            self._call(partial(self._spawn, mine, origin))

    def _call(self, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(call)

    def _spawn(self, script: Sequence[Outage], origin: float) -> None:
        self._group.create_task(self._fall(script, origin))

    async def _fall(self, script: Sequence[Outage], origin: float) -> None:
        for planned in script:
            target = self.targets[planned.target]
            await asyncio.sleep(max(0.0, origin + planned.fall - time.monotonic()))
            fall = time.monotonic() - origin
            await target.break_(planned.fault)
            await asyncio.sleep(max(0.0, origin + planned.rise - time.monotonic()))
            await target.mend()
            self.outages.append(
                Outage(
                    target=planned.target,
                    fault=planned.fault,
                    fall=fall,
                    rise=time.monotonic() - origin,
                )
            )

    def run(self) -> None:
        """In a thread, until `stop`."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            self.resolver = await stack.enter_async_context(dns_server(self._names))
            for target in self.targets.values():
                await target.start()
                stack.push_async_callback(target.stop)
            async with asyncio.TaskGroup() as self._group:
                self._started.set()
                await self._stop.wait()

    def wait_started(self) -> None:
        assert self._started.wait(20)

    def stop(self) -> None:
        self._call(self._stop.set)


def _tell_but_of_cancelled_talks(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Python 3.11 tells of each conversation that is cut off, as a hanging one is by its end."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


@contextmanager
def world(folder: Path, names: Sequence[str]) -> Iterator[World]:
    made = World(folder, names)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        made.wait_started()
        yield made
    finally:
        made.stop()
        thread.join(60)

"""How long it takes to tell so many subscribers of one incident, over how many connections."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.runtime.system_clock import SystemClock
from tests.alerting.channels.postfix import DOMAIN, running_postfix
from tests.subscribers.smtp_sink import SmtpSink
from tests.subscribers.world import SubscribersWorld


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscribers")
    parser.add_argument("--subscribers", type=int, default=50_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--postfix", action="store_true", help="through a real Postfix")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="estado-subscribers-"))
    try:
        with _postfix() if given.postfix else _sink() as (port, seen):
            _measure(folder, port, given.subscribers, given.connections)
            print(f"server: {seen()}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, port: int, subscribers: int, connections: int) -> None:
    world = SubscribersWorld(folder)
    world.clock = SystemClock()  # type: ignore[assignment]
    _subscribe(world, subscribers)
    began = resource.getrusage(resource.RUSAGE_SELF)
    took = asyncio.run(_told(world, port, connections))
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime
    counts = world.deliveries.counts()
    print(f"{counts['sent']:,} told over {connections} connections in {took:.0f} s; {counts}")
    print(f"CPU {cpu:.0f} s; memory at most {used.ru_maxrss / 1024:.0f} MiB")


async def _told(world: SubscribersWorld, port: int, connections: int) -> float:
    """Seconds from the incident to the last message that was taken."""
    thread = ThreadPoolExecutor(1)

    async def on_thread(work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(thread, work)

    dispatcher = world.dispatcher(port, connections, on_thread=on_thread, sleep=asyncio.sleep)
    await on_thread(dispatcher.look)
    world.fall()
    began = time.monotonic()
    running = asyncio.create_task(dispatcher.run())
    pending = 1
    while pending or time.monotonic() - began < 3:
        await asyncio.sleep(0.5)
        pending = await on_thread(world.deliveries.pending)
    took = time.monotonic() - began
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return took


def _subscribe(world: SubscribersWorld, number: int) -> None:
    now = world.clock.now()
    with world.journal.transaction() as tx:
        for each in range(number):
            one = Subscription(
                id=SubscriptionId(f"s{each:011d}"), wanted=Wanted(), locale="es",
                state=SubscriptionState.CONFIRMED, created_at=now, confirmed_at=now,
            )  # fmt: skip
            tx.subscriptions.add(one, read_contact("email", f"s{each}@{DOMAIN}"))


@contextlib.contextmanager
def _sink() -> Iterator[tuple[int, Any]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()

    def seen() -> Any:
        ours.send("seen")
        return ours.recv()

    try:
        yield ours.recv(), seen
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        sink = SmtpSink()
        server = await asyncio.start_server(sink.speak, "127.0.0.1", 0, limit=1_000_000)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        told = {to for to, _ in sink.taken}
        pipe.send(
            f"{len(sink.taken):,} mails to {len(told):,} addresses, {sink.connections} connections,"
            f" at most {sink.most_at_once} at once"
        )

    asyncio.run(serve())


@contextlib.contextmanager
def _postfix() -> Iterator[tuple[int, Any]]:
    with running_postfix() as server:

        def seen() -> str:
            log = (server.folder / "mail.log").read_text("utf-8", "replace")
            return f"{log.count(' client=')} taken, {log.count(': connect from')} connections"

        yield server.plain, seen


if __name__ == "__main__":
    main()

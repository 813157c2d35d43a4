"""How long the role takes to tell so many subscribers of one update, over how many connections,
with and without a kill in the middle."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from monitor.domain.subscriptions.contact import EMAIL, WEBHOOK, Contact
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.roles.settings import deliveries_file
from monitor.roles.subscribers.role import ALIVE_EVERY_S
from monitor.runtime.system_clock import SystemClock
from monitor.subscribers.deliveries import Deliveries
from tests.alerting.channels.postfix import DOMAIN, running_postfix
from tests.journal.builders import incident, update
from tests.subscribers.role_at_loopback import prepare, save, url_of
from tests.subscribers.smtp_sink import SmtpSink
from tests.support.http_sink import Sink
from tests.support.http_sink import sink as running_hooks

MODULE = "tests.subscribers.role_at_loopback"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscribers")
    parser.add_argument("--kind", choices=(EMAIL, WEBHOOK), default=EMAIL)
    parser.add_argument("--subscribers", type=int, default=50_000)
    parser.add_argument("--connections", type=int, default=8, help="to the mail server")
    parser.add_argument("--postfix", action="store_true", help="through a real Postfix")
    parser.add_argument("--kill", action="store_true", help="when half of them are told")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="estado-subscribers-"))
    try:
        with _postfix() if given.postfix else _sink(given.kind) as (port, seen):
            _prepare(folder, given.kind, port, given.subscribers, given.connections)
            for used in _told(folder, given.kind, given.subscribers, kill=given.kill):
                print(used)
            _print_queue(folder, given.kind)
            print(f"server: {seen()}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one process of the role took, from the update or its own start on."""

    messages: int
    seconds: float
    cpu_s: float
    memory_mib: float

    def __str__(self) -> str:
        each = f"{1000 * self.cpu_s / max(1, self.messages):.2f} ms CPU each"
        return (
            f"{self.messages:,} messages in {self.seconds:.0f} s; {self.cpu_s:.1f} s CPU, {each}; "
            f"at most {self.memory_mib:.0f} MiB"
        )


def _prepare(folder: Path, kind: str, port: int, number: int, connections: int) -> None:
    hook = f"http://127.0.0.1:{port}/s"
    addresses = (
        f"{hook}{each}" if kind == WEBHOOK else f"s{each}@{DOMAIN}" for each in range(number)
    )
    prepare(folder, (Contact(kind, one, one) for one in addresses), port, connections)
    now = SystemClock().now()
    fallen = incident("k3f9a2", start=Second(now - 120))
    with open_journal(url_of(folder)) as journal, journal.transaction() as tx:
        save(tx, replace(fallen, created_at=now, updates=(update(1, now),)), now)


def _told(folder: Path, kind: str, number: int, *, kill: bool) -> Iterator[Used]:
    """One process after the other, until all are told. Webhooks get two messages each: what became
    of the component is one of its own."""
    messages = number * (2 if kind == WEBHOOK else 1)
    if kill:
        yield _until(folder, kind, messages // 2, is_killed=True)
    yield _until(folder, kind, messages)


def _until(folder: Path, kind: str, messages: int, *, is_killed: bool = False) -> Used:
    before, began = _sent(folder, kind), time.monotonic()
    running = subprocess.Popen([sys.executable, "-m", MODULE, "--data-dir", str(folder)])
    while _sent(folder, kind) < messages:
        time.sleep(0.2)
    seconds = time.monotonic() - began
    running.kill() if is_killed else running.terminate()
    # Its own use: the servers are children too.
    _, running.returncode, used = os.wait4(running.pid, 0)
    return Used(
        messages=_sent(folder, kind) - before,
        seconds=seconds,
        cpu_s=used.ru_utime + used.ru_stime,
        memory_mib=used.ru_maxrss / 1024,
    )


def _sent(folder: Path, kind: str) -> int:
    """Without a lock that the role would wait for."""
    file = deliveries_file(folder, kind)
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        asked = "SELECT CAST(value AS INTEGER) FROM note WHERE name = 'sent'"
        found = connection.execute(asked).fetchone()
    return int(found[0]) if found else 0


def _print_queue(folder: Path, kind: str) -> None:
    """What the role's sign of life costs, with everything in the queue that it counts for it."""
    file = deliveries_file(folder, kind)
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        waiting = connection.execute("UPDATE delivery SET state = 0").rowcount
    deliveries, reading = Deliveries(file), read_clock(SystemClock())
    deliveries.note_alive(reading)
    began = time.process_time()
    for _ in range(5):
        deliveries.note_alive(reading)
    took = (time.process_time() - began) / 5
    deliveries.close()
    print(f"every {ALIVE_EVERY_S:.0f} s {1000 * took:.1f} ms CPU to count {waiting:,} that wait")


@contextlib.contextmanager
def _sink(kind: str) -> Iterator[tuple[int, Any]]:
    ours, theirs = multiprocessing.Pipe()
    serve = _serve_hooks if kind == WEBHOOK else _serve_mails
    process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    process.start()

    def seen() -> Any:
        ours.send("seen")
        return ours.recv()

    try:
        yield ours.recv(), seen
    finally:
        process.terminate()
        process.join()


def _serve_mails(pipe: Connection) -> None:
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


def _serve_hooks(pipe: Connection) -> None:
    async def serve() -> None:
        async with running_hooks() as sink:
            pipe.send(int(sink.base.rpartition(":")[2]))
            await asyncio.to_thread(pipe.recv)
            pipe.send(_hooks_told(sink))

    asyncio.run(serve())


def _hooks_told(sink: Sink) -> str:
    ids = {json.loads(body)["meta"]["event_id"] for _, body in sink.got}
    paths = {request.path for request, _ in sink.got}
    return f"{len(sink.got):,} requests with {len(ids):,} events to {len(paths):,} webhooks"


@contextlib.contextmanager
def _postfix() -> Iterator[tuple[int, Any]]:
    with running_postfix() as server:

        def seen() -> str:
            log = (server.folder / "mail.log").read_text("utf-8", "replace")
            return f"{log.count(' client=')} taken, {log.count(': connect from')} connections"

        yield server.plain, seen


if __name__ == "__main__":
    main()

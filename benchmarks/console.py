"""The console beside a core and a prober that are at work, with many clients of its event stream.

Core, prober and console run as `estado run` starts them, over checks of one local server. Windows
without listeners and with all of them take turns; what counts is the CPU that each role uses within
a window, and the difference within each pair. Something changes once a second in both. In the last
window with listeners one more client asks for each screen's data, in turn, and times whole answers;
their CPU is that of the role meanwhile, the streams' included.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.processes import cpu_by_role, memory_by_role, since
from benchmarks.stage import Site, product_config, site, stored
from monitor.accounts.commands import AccountCommands
from monitor.accounts.secrets import Argon2Passwords, SystemRandomness
from monitor.accounts.tokens import TokenCommands
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import Actor, ActorKind, Change, Via
from monitor.journal.access import open_journal
from monitor.journal.ports import JournalError
from monitor.roles.settings import journal_url
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.metrics import quantile
from tests.e2e.product import HOST, Product, free_port, until

ROLES = ("core", "prober", "console")
SCREENS = ("/session", "/events", "/incidents", "/maintenance", "/state")
_EACH = 10
"""Streams of one token, as many as there may be."""
_OF_ACCOUNT = 4
"""Tokens of one account, so that all their streams may be open at once."""
_READY_S = 900.0
_SHELL = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)


@dataclass(slots=True)
class _Window:
    """Seconds of CPU a minute, by role."""

    quiet: list[dict[str, float]] = field(default_factory=list)
    heard: list[dict[str, float]] = field(default_factory=list)


def run(*, checks: int, clients: int, pairs: int, seconds: int, queries: int) -> int:
    """Print the figures; the exit code."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "site").mkdir()
        with site(folder / "site") as target, _product(folder, target, checks) as made:
            tokens = _tokens(made, clients // _EACH + 2)
            asyncio.run(_measure(made, tokens, clients, pairs, seconds, queries))
    return 0


@contextmanager
def _product(folder: Path, target: Site, checks: int) -> Iterator[Product]:
    page, ops, console = free_port(), free_port(), free_port()
    text = product_config(
        target, checks=checks, interval=60, components=max(1, checks // 10), is_tls=False,
        page=page, ops=ops, console=console,
    )  # fmt: skip
    config = folder / "services.yaml"
    config.write_text(text, "utf-8")
    made = Product(
        folder=folder, config=config, page_port=page, ops_port=ops, console_port=console,
        has_forks=False,
    )  # fmt: skip
    try:
        for role in ROLES:
            made.start(role)
        _say(f"{checks} checks: waiting for a result of each")
        until(lambda: _has_looked(made, checks), within=_READY_S, what=made.tail(), every=2)
        yield made
    finally:
        made.stop_all()


def _has_looked(made: Product, checks: int) -> bool:
    with contextlib.suppress(Exception):
        return stored(made.data) >= checks
    return False


def _tokens(made: Product, count: int) -> list[str]:
    clock, randomness = SystemClock(), SystemRandomness()
    with open_journal(journal_url(made.data, None)) as journal:
        accounts = AccountCommands(
            journal=journal, passwords=Argon2Passwords(), randomness=randomness, clock=clock,
            actor=_SHELL, known_services=frozenset(),
        )  # fmt: skip
        tokens = TokenCommands(journal=journal, randomness=randomness, clock=clock, actor=_SHELL)
        owners = [f"bench-{number}" for number in range(-(-count // _OF_ACCOUNT))]
        for owner in owners:
            accounts.add(owner, roles=[AccountRole.ADMIN], services=[], password="correct horse 12")  # noqa: S106 - opens nothing
        return [
            tokens.create("", owner=owners[n // _OF_ACCOUNT], scopes=[Scope.STATE_READ], days=1)[1]
            for n in range(count)
        ]


async def _measure(
    made: Product, tokens: list[str], clients: int, pairs: int, seconds: int, queries: int
) -> None:
    window = _Window()
    async with aiohttp.ClientSession(
        f"http://{HOST}:{made.console_port}",
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        for number in range(pairs):
            window.quiet.append(await _used(made, seconds))
            async with _listeners(session, tokens, clients) as heard:
                window.heard.append(await _used(made, seconds))
                if number == pairs - 1:
                    await asyncio.to_thread(_screens, made, tokens[-1], queries)
                    _say(f"{heard.count} events came to {clients} listeners")
                    memory = memory_by_role(os.getpid())
                    _say("MiB: " + ", ".join(f"{r} {memory.get(r, 0):.0f}" for r in ROLES))
    _report(window)


@dataclass(slots=True)
class _Heard:
    count: int = 0


@asynccontextmanager
async def _listeners(
    session: aiohttp.ClientSession, tokens: list[str], clients: int
) -> AsyncIterator[_Heard]:
    heard, tasks = _Heard(), []
    async with AsyncExitStack() as stack:
        for number in range(clients):
            headers = {
                "Authorization": f"Bearer {tokens[number // _EACH]}",
                "Accept": "text/event-stream",
            }
            answer = await stack.enter_async_context(session.get("/api/v1/events", headers=headers))
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {await answer.text()}")
            tasks.append(asyncio.create_task(_listen(answer, heard)))
        try:
            yield heard
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(answer: aiohttp.ClientResponse, heard: _Heard) -> None:
    async for line in answer.content:
        heard.count += line.startswith(b"event: ")


async def _used(made: Product, seconds: int) -> dict[str, float]:
    """Seconds of CPU a minute, by role, while something changes once a second."""
    before, began = cpu_by_role(os.getpid()), time.monotonic()
    for number in range(seconds):
        await asyncio.to_thread(_change, made, number)
        await asyncio.sleep(max(0.0, began + number + 1 - time.monotonic()))
    spent = since(before, cpu_by_role(os.getpid()))
    share = 60 / (time.monotonic() - began)
    return {role: spent.get(role, 0.0) * share for role in ROLES}


def _change(made: Product, number: int) -> None:
    """Left out where the core holds the journal for too long: the machine is too busy then."""
    change = Change(
        at=SystemClock().now(), actor="estado", kind="incident.updated", subject=f"b{number}",
        before={}, after={},
    )  # fmt: skip
    with (
        contextlib.suppress(JournalError),
        open_journal(journal_url(made.data, None)) as journal,
        journal.transaction() as tx,
    ):
        tx.changes.append([change])


def _screens(made: Product, token: str, queries: int) -> None:
    _say(f"{'milliseconds':20}{'p50':>9}{'p95':>9}{'first':>9}{'CPU':>9}{'KiB':>9}")
    wire = http.client.HTTPConnection(HOST, made.console_port)
    for path in SCREENS:
        took, size, before = [], 0, cpu_by_role(os.getpid())
        for _ in range(queries):
            began = time.monotonic()
            wire.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
            answer = wire.getresponse()
            size += len(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            took.append((time.monotonic() - began) * 1000)
            # Sixty requests in ten seconds are a key's bound.
            time.sleep(0.2)
        cpu = since(before, cpu_by_role(os.getpid()))["console"] / queries * 1000
        shares = "".join(f"{quantile(took, share):9.1f}" for share in (0.5, 0.95))
        _say(f"{path:20}{shares}{took[0]:9.1f}{cpu:9.1f}{size / queries / 1024:9.1f}")
    wire.close()


def _report(window: _Window) -> None:
    _say(f"{'CPU s a minute':20}{'without':>9}{'with':>9}{'more':>9}   of each pair")
    for role in ROLES:
        without = [w[role] for w in window.quiet]
        heard = [w[role] for w in window.heard]
        more = [b - a for a, b in zip(without, heard, strict=True)]
        medians = "".join(f"{statistics.median(v):9.2f}" for v in (without, heard, more))
        _say(f"{role:20}{medians}   " + " ".join(f"{m:+.2f}" for m in more))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

"""The API over a small company's journal, a clock that stands, and a client beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from monitor.accounts.commands import AccountCommands
from monitor.accounts.secrets import (
    Argon2Passwords,
    KeyFileSealer,
    SystemRandomness,
    TotpSecondFactor,
)
from monitor.accounts.session_keys import SESSION_S, hash_of
from monitor.accounts.sign_in.throttle import Throttle
from monitor.accounts.tokens import TokenCommands
from monitor.api.app import AT_ONCE, make_api_app
from monitor.api.events.cursors import SealedCursors
from monitor.api.events.feed import KEPT, EventFeed
from monitor.api.events.streams import STREAM_LIMITS, StreamLimits
from monitor.api.operation import ROOT, Operation
from monitor.api.ports import ApiJournal, Backend, ProbeRunner
from monitor.api.probing import ProbePermits
from monitor.api.shared_reading import SharedReading
from monitor.api.table import OPERATIONS
from monitor.console.app import add_console
from monitor.domain.accounts.account import AccountName, AccountSession
from monitor.domain.accounts.permissions import SCOPES_OF, AccountRole, Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor, ActorKind, Change, Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.results.log.result_log import open_log
from monitor.roles.console.journal import ReadingJournal, WritingJournal
from monitor.roles.console.last_results import LogTail
from monitor.roles.console.posted_checks import PostedChecks
from monitor.roles.console.probe_runner import ProbeProcesses
from monitor.roles.registries import all_failures
from tests.support.patience import PATIENCE_S
from tests.support.worlds import World

PASSWORD = "correct horse battery"
SHELL = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """Of a problem, which it has to be."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.text
        assert self.json["status"] == self.status
        return str(self.json["code"])


@dataclass(slots=True)
class Service:
    world: World
    backend: Backend
    client: TestClient[Any, Any]
    log_file: Path

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        body: object = None,
        data: bytes | None = None,
        **headers: str,
    ) -> Answered:
        """`headers` by their names with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        given: dict[str, Any] = {} if body is None else {"json": body}
        if data is not None:
            given = {"data": data}
        async with self.client.request(method, f"{ROOT}{path}", headers=sent, **given) as found:
            return Answered(found.status, found.headers, await found.text())

    def add(
        self, name: str, *roles: AccountRole, services: tuple[str, ...] = ()
    ) -> AccountCommands:
        commands = AccountCommands(
            journal=self.world.journal, passwords=self.backend.passwords,
            randomness=SystemRandomness(), clock=self.world.clock, actor=SHELL,
            known_services={service.id for service in self.world.core.state.catalogue.services},
        )  # fmt: skip
        commands.add(
            name, roles=roles, services=[ServiceId(s) for s in services], password=PASSWORD
        )
        return commands

    def tokens(self) -> TokenCommands:
        return TokenCommands(
            journal=self.world.journal, randomness=SystemRandomness(), clock=self.world.clock,
            actor=SHELL,
        )  # fmt: skip

    def token(self, owner: str, *scopes: Scope, days: int | None = None) -> str:
        return self.tokens().create("", owner=owner, scopes=scopes, days=days)[1]

    def key_of(self, *roles: AccountRole, services: tuple[str, ...] = ()) -> str:
        """A token of an account with these roles, with all that these may."""
        name = "-".join([*roles, *services])
        self.add(name, *roles, services=services)
        return self.token(name, *frozenset().union(*(SCOPES_OF[role] for role in roles)))

    def session_of(self, *roles: AccountRole, services: tuple[str, ...] = ()) -> str:
        """The key of a session of an account with these roles, which is added."""
        name = "-".join([*roles, *services])
        self.add(name, *roles, services=services)
        return self.begun(name)

    def begun(self, name: str) -> str:
        key, now = SystemRandomness().key(), self.world.clock.now()
        with self.world.journal.transaction() as tx:
            tx.accounts.add_session(
                AccountSession(
                    key_hash=hash_of(key), account=AccountName(name), created_at=now,
                    last_used_at=now, expires_at=Second(now + SESSION_S), address="",
                    user_agent="",
                )
            )  # fmt: skip
        return key

    def note(self, *changes: tuple[str, str]) -> None:
        """Changes of these kinds, about these subjects."""
        with self.world.journal.transaction() as tx:
            tx.changes.append(
                [
                    Change(
                        at=self.world.clock.now(), actor="estado", kind=kind, subject=subject,
                        before={}, after={},
                    )
                    for kind, subject in changes
                ]
            )  # fmt: skip

    def changes(self) -> list[Change]:
        with self.world.journal.transaction() as tx:
            return list(tx.changes.since(0, 1_000))

    async def until_used(self, token: str) -> None:
        """Until the last use of a token is written, which no answer waits for."""
        async with asyncio.timeout(PATIENCE_S):
            while not await asyncio.to_thread(self._is_used, token):
                pass

    def _is_used(self, token: str) -> bool:
        with self.backend.reading.transaction() as tx:
            found = tx.accounts.token(token)
            return found is not None and found.last_used_at is not None

    def fall(self, *names: str) -> str:
        """These components go down; the incident's id."""
        before = {i.id for i in self.incidents()}
        everybody = dict.fromkeys(("web", "dns", "mail"), "+" * 5)
        self.world.live(**{n: "+----" if n in names else up for n, up in everybody.items()})
        (found,) = [i.id for i in self.incidents() if i.id not in before]
        return str(found)

    def incidents(self) -> list[Incident]:
        """The open ones."""
        with self.world.journal.transaction() as tx:
            return list(tx.incidents.unresolved())

    def publish_log(self) -> None:
        """What the core has seen, into the log as the prober writes it."""
        log = open_log(self.log_file)
        log.append([row.result for row in self.world.log.read(0, 10_000)], {})
        log.close()


@asynccontextmanager
async def service(
    folder: Path,
    *,
    catalogue: Catalogue | None = None,
    operations: tuple[Operation, ...] = OPERATIONS,
    trusted_proxies: tuple[str, ...] = (),
    at_once: int = AT_ONCE,
    stream_limits: StreamLimits = STREAM_LIMITS,
    kept_events: int = KEPT,
    probe_runner: ProbeRunner | None = None,
    reading: ApiJournal | None = None,
    with_pages: bool = False,
    two_factor_roles: frozenset[AccountRole] = frozenset(),
    clock: Clock | None = None,
    public_url: str | None = None,
    more: Callable[[web.Application, Backend], None] = lambda app, backend: None,
) -> AsyncIterator[Service]:
    world = World(folder, catalogue)
    url = f"sqlite:///{folder / 'journal.db'}"

    class Known:
        def catalogues(self) -> Any:
            return world.catalogues

    sealer = KeyFileSealer(folder / "console.key")
    shared = SharedReading(reading or ReadingJournal(lambda: url))
    backend = Backend(
        source=Known(),
        reading=shared,
        writing=WritingJournal(lambda: url),
        last_results=LogTail(folder / "results.db"),
        clock=clock or world.clock,
        passwords=Argon2Passwords(64, 1),
        second_factor=TotpSecondFactor("Prueba"),
        sealer=sealer,
        randomness=SystemRandomness(),
        throttle=Throttle(),
        failures=all_failures(),
        posted_checks=PostedChecks(),
        events=EventFeed(shared, Known().catalogues, world.clock, kept=kept_events),
        cursors=SealedCursors(sealer),
        probe_runner=probe_runner or ProbeProcesses(),
        probe_permits=ProbePermits(world.clock),
        trusted_proxies=trusted_proxies,
        two_factor_roles=two_factor_roles,
        public_url=public_url,
    )
    app = make_api_app(backend, operations, at_once=at_once, stream_limits=stream_limits)
    if with_pages:
        add_console(app, backend)
    more(app, backend)
    async with TestClient(TestServer(app)) as client:
        yield Service(world, backend, client, folder / "results.db")
    world.journal.close()

"""A company whose radio falls silent for an evening of October: its core, its door with accounts,
its billing panel and its mail server, over a clock that the story moves."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import TypeVar

import time_machine
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from monitor.cli import build_app
from monitor.config import compile_catalogue
from monitor.domain.accounts.permissions import AccountRole, scopes_of
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import LOCAL, CheckId, FailureId, Outcome
from monitor.domain.checks.observation import Result as Look
from monitor.domain.time.interval import Interval, Second
from monitor.roles.core.configuration import store_revision
from monitor.roles.core.money.billing import CoreBilling
from monitor.roles.registries import registries
from monitor.subscribers.clients.dispatcher import ClientDispatcher
from monitor.subscribers.clients.mails import ClientMailWriter
from monitor.subscribers.deliveries import Deliveries
from tests.api.service import Service, service
from tests.roles.archive_world import local
from tests.subscribers.test_clients import Server
from tests.support.tokens import token_file
from tests.support.whmcs import IDENTIFIER, SECRET, Whmcs, whmcs

T = TypeVar("T")
STEP = 300
FELL, ROSE = local("2026-10-12T20:00"), local("2026-10-12T21:35")
CONTRACTS = (
    "contract_id,client_id,service_id,product,terms,components,active_from,invoice_id,"
    "invoice_line_id,period_start,period_end,net,currency,email,language\n"
    "R-1,78,502,Radio 128 kbps,default,radio-1,2026-02-01,9001,"
    "L1,2026-10-01,2026-11-01,14990.00,ARS,{address},{language}\n"
)
TICKET = "ABC-123456"
ADDRESS = "radio@cliente.example"
_PEOPLE = {
    "ana": (AccountRole.OPERATOR,),
    "eva": (AccountRole.BILLING, AccountRole.APPROVER),
    "luz": (AccountRole.APPROVER,),
}
_CONFIG = """\
page:
  name: {{es: Estado del Servicio, en: Service status}}
  company: Demostración
  url: "https://estado.example"
timezone: America/Argentina/Buenos_Aires
terms: [{{id: default, guarantee: "0.9989"}}]
defaults: {{interval: 5m, timeout: 10s, confirm_down: 3}}
credits:
  billing:
    kind: whmcs
    settings: {{url: "{url}", identifier: {identifier}, secret: {secret}, dry_run: false}}
services:
  - id: radio
    name: {{es: Streaming de radio, en: Radio streaming}}
    components:
      - id: radio-1
        name: {{es: Streaming de radio 1, en: Radio streaming 1}}
        checks: [{{id: radio-1-mp3, probe: icecast, target: "http://127.0.0.1:18800/radio.mp3"}}]
"""


@dataclass(slots=True)
class Company:
    folder: Path
    made: Service
    panel: Whmcs
    catalogue: Catalogue
    keys: Mapping[str, str]
    mails: Server = field(default_factory=Server)
    names: dict[str, str] = field(default_factory=dict)
    """What a later command types."""

    def watch(self, end: Second) -> None:
        """A check run each five minutes, and what the core makes of it."""
        world = self.made.world
        while world.clock.now() < end:
            at = world.clock.now()
            world.log.add(_look(at, is_silent=FELL <= at < ROSE))
            world.clock.advance(STEP)
            if at % 86_400 == 0 or FELL - STEP <= at <= ROSE + 86_400:
                while world.core.tick().backlog:
                    pass
        while world.core.tick().backlog:
            pass

    def incident(self) -> str:
        with self.made.world.journal.transaction() as tx:
            (found,) = tx.incidents.touching(Interval(FELL, ROSE))
            return str(found.id)

    def credit_log(self) -> list[str]:
        """The customer's, as the panel keeps it."""
        return [f"{line['amount']}  {line['description']}" for line in self.panel.log]

    def wait(self, moment: Second) -> None:
        """Nobody looks at anything until then."""
        self.made.world.clock.advance(moment - self.made.world.clock.now())

    async def types(self, who: str, line: str) -> tuple[int, str]:
        """Somebody types at the door, with a token of the own account; `root` at the core's host.
        Returns the exit code and what is printed."""
        words = shlex.split(line.format(**self.names))[1:]
        words = [str(self.folder / word) if word == "contracts.csv" else word for word in words]
        with capture_logs():
            core = asyncio.create_task(self._bill())
            try:
                done = await asyncio.to_thread(self._typed, who, words)
            finally:
                core.cancel()
                with suppress(asyncio.CancelledError):
                    await core
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    def _typed(self, who: str, words: list[str]) -> Result:
        env = {"XDG_CONFIG_HOME": str(self.folder / "settings"), "COLUMNS": "200"}
        if who != "root":
            url = str(self.made.client.make_url("")).rstrip("/")
            env |= {"ESTADO_URL": url, "ESTADO_TOKEN": self.keys[who]}
            return CliRunner(env=env).invoke(build_app(words), words)
        here = ["--config", str(self.folder / "services.yaml"), "--data-dir", str(self.folder)]
        with time_machine.travel(self.made.world.clock.now(), tick=False):
            return CliRunner(env=env).invoke(build_app(words), [*words, *here])

    async def _bill(self) -> None:
        """The core, which takes up what somebody has asked for."""
        core = CoreBilling(self.made.world.journal, self.made.world.clock, lambda: self.catalogue)
        while True:
            await core.follow(asyncio.to_thread)
            await asyncio.sleep(0.05)

    async def told(self) -> list[Message]:
        """What the client is told now."""
        before = len(self.mails.taken)
        with closing(Deliveries(self.folder / "client_deliveries.db")) as deliveries:
            await ClientDispatcher(
                journal=self.made.world.journal, deliveries=deliveries,
                writer=ClientMailWriter(
                    sender="Demostración <estado@demo.test>",
                    name=self.catalogue.page.name, zone=self.catalogue.zone,
                ),
                connection=self.mails, clock=self.made.world.clock, on_thread=_at_once,
            ).round()  # fmt: skip
        return [mail for _, mail in self.mails.taken[before:]]


@asynccontextmanager
async def company(folder: Path, language: str) -> AsyncIterator[Company]:
    """On the first of October, with a contract and three accounts."""
    async with whmcs() as panel:
        panel.add_client("78", currency="ARS")
        panel.tickets[TICKET] = "78"
        panel.add_paid("78", service="502", invoice="9001")
        text = _CONFIG.format(
            url=panel.url,
            identifier=f"{{file: {folder}/identifier}}", secret=f"{{file: {folder}/secret}}",
        )  # fmt: skip
        token_file(folder, IDENTIFIER, "identifier")
        token_file(folder, SECRET, "secret")
        catalogue = compile_catalogue(text, filename="services.yaml", registries=registries())
        (folder / "services.yaml").write_text(text, "utf-8")
        rows = CONTRACTS.format(address=ADDRESS, language=language)
        (folder / "contracts.csv").write_text(rows, "utf-8")
        async with service(folder, catalogue=catalogue) as made:
            began = made.world.clock.now()
            with made.world.journal.transaction() as tx:
                store_revision(tx, text, began, began)
            keys = {}
            for name, roles in _PEOPLE.items():
                made.add(name, *roles)
                keys[name] = made.token(name, *scopes_of(roles), days=90)
            found = Company(folder, made, panel, catalogue, keys)
            found.wait(local("2026-10-01T00:00"))
            yield found


def _look(at: Second, *, is_silent: bool) -> Look:
    return Look(
        check=CheckId("radio-1-mp3"), location=LOCAL, slot=at, revision=1,
        outcome=Outcome.DOWN if is_silent else Outcome.UP,
        failure=FailureId("stalled") if is_silent else None,
        message="no bytes after the burst" if is_silent else "",
    )  # fmt: skip


async def _at_once(work: Callable[[], T]) -> T:
    return work()

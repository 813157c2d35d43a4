"""Commands through a door say what they say here: each is typed at two equal products, at one on
its folder and at the other through its API, and prints the same."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from credits.billing.steps import BY_HAND as CARRIED
from credits.contract import ContractId
from credits.life.credit import CreditRecord, advance, begin
from credits.life.states import CreditState
from monitor.cli import build_app
from monitor.cli.app import COMMANDS
from monitor.cli.product.here import LocalProduct
from monitor.client.credentials import Credentials
from monitor.config.revisions.application import Outcome, answer_request, pending_request
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.catalogue import Catalogue, ConfiguredTerms
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import (
    Evidence,
    EvidenceFile,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import open_journal
from monitor.roles.tools import Tools
from tests.api.service import Service, service
from tests.api.test_configuration import put
from tests.credits.desk import CONFIG
from tests.credits.handling.counter import owed
from tests.credits.life.builders import by, due, walked
from tests.credits.test_contracts import HEADER
from tests.support.waiting_credits import keep_ruling, keep_waiting
from tests.support.worlds import catalogue

pytestmark = pytest.mark.timeout(300)

ANA = Actor(id="ana", kind=ActorKind.PERSON, via=Via.SHELL)
LONG = "x" * 4_001
ELIGIBLE, REQUESTED = CreditState.ELIGIBLE, CreditState.REQUESTED


@dataclass
class Side:
    """One product, and how commands reach it."""

    made: Service
    folder: Path
    key: str
    is_remote: bool
    names: dict[str, str] = field(default_factory=dict)
    """What a later command types."""
    chances: list[str] = field(default_factory=list)
    """What differs by chance: ids and secrets."""

    async def types(self, *words: str, stdin: str | None = None) -> tuple[int, str, str]:
        done = await asyncio.to_thread(self._typed, words, stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        self._learn(done.output)
        return done.exit_code, self._masked(done.stdout), self._masked(done.stderr)

    def _typed(self, words: tuple[str, ...], stdin: str | None) -> Result:
        typed = [word.format(**self.names) for word in words]
        env = {"XDG_CONFIG_HOME": str(self.folder / "settings")}
        if self.is_remote:
            env |= {"ESTADO_URL": self.url, "ESTADO_TOKEN": self.key}
        return CliRunner(env=env).invoke(build_app(typed), typed, input=stdin)

    @property
    def url(self) -> str:
        return str(self.made.client.make_url("")).rstrip("/")

    def _learn(self, said: str) -> None:
        for id_, secret in re.findall(r"estado_(\w{8})_([\w-]{43})", said):
            self.names["token"] = id_
            self.chances += [id_, secret]
        self.chances += re.findall(r"^(?:\w{4}-){3}\w{4}$", said, re.MULTILINE)

    def _masked(self, text: str) -> str:
        for number, value in enumerate(self.chances):
            text = text.replace(value, f"<{number}>")
        return text

    @contextmanager
    def opened(self, *_: object, **__: object) -> Iterator[LocalProduct]:
        """As `monitor.cli.product.here.open_here`, by the product's own clock."""
        world = self.made.world
        with open_journal(f"sqlite:///{self.folder / 'journal.db'}") as journal:
            yield LocalProduct(
                Tools(
                    catalogue=world.core.state.catalogue, journal=journal, accounts=journal,
                    subscribers=journal, customers=journal,
                    clock=world.clock, actor=ANA, url=f"sqlite:///{self.folder / 'journal.db'}",
                    data_dir=self.folder,
                )
            )  # fmt: skip


@asynccontextmanager
async def side(
    folder: Path, *, is_remote: bool, known: Catalogue | None = None
) -> AsyncIterator[Side]:
    await asyncio.to_thread(folder.mkdir)
    terms = (ConfiguredTerms(id="standard", fields={"guarantee": "0.9989"}),)
    async with service(folder, catalogue=replace(known or catalogue(), terms=terms)) as made:
        made.add("ana", AccountRole.ADMIN)
        key = made.begun("ana")
        found = Side(made, folder, key, is_remote)
        found.names["web"] = made.fall("web")
        made.publish_log()
        issue_report(made)
        found.names["exclusion"] = str(classify(made))
        open_credits(made)
        hand_out(made)
        now = made.world.clock.now()
        keep_waiting(made.world.journal, end=Second(now - 20 * 86_400))
        found.names["ruling"] = str(keep_ruling(made.world.journal, at=now))
        put(made, CONFIG)
        for name, text in FILES.items():
            found.names[name] = str(folder.parent / name)
            await asyncio.to_thread((folder.parent / name).write_text, text, "utf-8")
        yield found


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
    async with side(tmp_path / "here", is_remote=False) as made:
        stand_here(made, monkeypatch)
        yield made


def stand_here(made: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed without a door is about this one. The configuration of this company stands in
    no journal."""
    monkeypatch.setattr("monitor.cli.product.here.open_here", made.opened)
    for room in (
        "product.here_reading",
        "report.here",
        "exclusion.here",
        "probe.here",
        "unknown.here",
    ):
        monkeypatch.setattr(
            f"monitor.cli.{room}.catalogues_of", lambda _: made.made.world.catalogues
        )


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Side]:
    async with side(tmp_path / "there", is_remote=True) as made:
        yield made


INCIDENTS: list[Any] = [
    ("incident", "list"),
    ("incident", "list", "--json"),
    ("incident", "show", "{web}"),
    ("incident", "show", "{web}", "--json"),
    ("incident", "update", "{web}", "--phase", "identified", "--es", "Falló un disco: [b]x[/] €."),
    ("incident", "update", "{web}", "--es", "Otra cosa.", "--revision", "1"),
    ("incident", "edit", "{web}", "2", "--en", "A disk failed."),
    ("incident", "edit", "{web}", "2", "--en", "A disk failed."),
    ("incident", "edit", "{web}", "99", "--en", "A disk failed."),
    ("incident", "update", "{web}", "--es", "Va.", "--en", "Go.", "--title-es", "Título"),
    ("incident", "update", "{web}", "--es", LONG),
    ("incident", "update", "{web}", "--es", " "),
    ("incident", "postmortem", "{web}", "--es", "Todavía no."),
    ("incident", "resolve", "{web}", "--es", "Listo."),
    ("incident", "show", "{web}"),
    ("incident", "show", "{web}", "--json"),
    ("incident", "resolve", "{web}", "--es", "Listo.", "--force"),
    ("incident", "resolve", "{web}", "--es", "Listo.", "--force"),
    ("incident", "postmortem", "{web}", "--es", "Falló la fuente.", "--en", "The supply failed."),
    ("incident", "postmortem", "{web}", "--es", "Otra vez."),
    ("incident", "show", "nothing"),
    ("incident", "show", "{web}x"),
    ("incident", "list"),
    ("incident", "list", "--all"),
    ("incident", "list", "--all", "--json"),
]
BY_HAND: list[Any] = [
    ("incident", "open", "--title", "Correo: demoras", "--es", "Los envíos demoran.",
     "--component", "mail=degraded"),
    ("incident", "open", "--title", "Red", "--es", "Fue la red.", "--phase", "resolved",
     "--start", "2026-09-20T02:00", "--end", "2026-09-20T03:00", "--json"),
    ("incident", "open", "--title", "Red", "--es", "x", "--component", "mial=down"),
    ("incident", "list"),
    ("incident", "list", "--json"),
    ("incident", "update", "{first}", "--es", "Sigue.", "--component", "mail=down"),
    ("incident", "link", "{first}", "{web}"),
    ("incident", "link", "{first}", "{web}"),
    ("incident", "show", "{first}"),
    ("incident", "show", "{first}", "--json"),
    ("incident", "unlink", "{first}", "{web}"),
    ("incident", "unlink", "{first}", "{web}"),
    ("incident", "merge", "{first}", "--into", "{web}", "--es", "Es lo mismo."),
    ("incident", "show", "{web}"),
    ("incident", "show", "{first}"),
    ("incident", "reopen", "{first}", "--es", "No terminó."),
    ("incident", "split", "{web}", "--component", "mail", "--title", "Correo", "--es", "Aparte."),
    ("incident", "list", "--all"),
]  # fmt: skip
WINDOW = ("--title", "Disco", "--impact", "Minutos sin servicio", "--title-en", "Disk")
MAINTENANCE: list[Any] = [
    ("maintenance", "list"),
    ("maintenance", "add", "--component", "web", "--start", "now", "--end", "2026-09-21T13:00",
     *WINDOW),
    ("maintenance", "add", "--component", "web", "--component", "dns", "--start",
     "2026-09-23T02:00", "--end", "2026-09-23T04:00-03:00", *WINDOW, "--json"),
    ("maintenance", "add", "--component", "wbe", "--start", "now", "--end", "2026-09-21T13:00",
     *WINDOW),
    ("maintenance", "add", "--component", "web", "--start", "2020-01-01", "--end", "2020-01-02",
     *WINDOW),
    ("maintenance", "add", "--component", "web", "--start", "soon", "--end", "2020-01-02", *WINDOW),
    ("maintenance", "list"),
    ("maintenance", "list", "--json"),
    ("maintenance", "extend", "nothing", "--end", "2026-09-21T14:00"),
    ("maintenance", "extend", "{window}", "--end", "2020-01-01"),
    ("maintenance", "extend", "{window}", "--end", "2026-09-23T05:00", "--reason", "Falta."),
    ("maintenance", "extend", "{window}", "--end", "2026-09-23T05:30", "--reason", "Más.",
     "--json"),
    ("maintenance", "cancel", "nothing"),
    ("maintenance", "cancel", "{window}", "--revision", "9"),
    ("maintenance", "cancel", "{window}", "--reason", "Se aplaza."),
    ("maintenance", "cancel", "{window}"),
    ("maintenance", "list"),
    ("maintenance", "list", "--all"),
]  # fmt: skip
EXCLUSIONS: list[Any] = [
    ("exclusion", "list"),
    ("exclusion", "list", "--json"),
    ("exclusion", "list", "--status", "refused"),
    ("exclusion", "show", "{exclusion}"),
    ("exclusion", "show", "{exclusion}", "--json"),
    ("exclusion", "show", "nothing"),
    ("exclusion", "effect", "{exclusion}"),
    ("exclusion", "effect", "{exclusion}", "--json"),
    ("exclusion", "effect", "nothing"),
]
CREDITS: list[Any] = [
    ("credits", "list"),
    ("credits", "list", "--json"),
    ("credits", "list", "--ids", "--limit", "2"),
    ("credits", "list", "--state", "eligible", "--client", "78"),
    ("credits", "list", "--month", "2026-10", "--contract", "C-1"),
    ("credits", "list", "--state", "applied"),
    ("credits", "list", "--month", "octubre"),
    ("credits", "show", "BON-2026-10-1"),
    ("credits", "show", "BON-2026-10-1", "--json"),
    ("credits", "show", "nothing"),
]
RULINGS: list[Any] = [
    ("unknown", "waiting"),
    ("unknown", "waiting", "--json"),
    ("unknown", "waiting", "--month", "2026-13"),
    ("unknown", "waiting", "--month", "2020-01"),
    ("unknown", "list"),
    ("unknown", "list", "--json"),
    ("unknown", "list", "--status", "refused"),
    ("unknown", "show", "{ruling}"),
    ("unknown", "show", "{ruling}", "--json"),
    ("unknown", "show", "nothing"),
]
USERS: list[Any] = [
    ("user", "list"),
    ("user", "add", "eva", "--role", "viewer", "--service", "mail", "--full-name", "Eva [b] Paz",
     "--generate"),
    ("user", "add", "eva", "--role", "viewer", "--generate"),
    ("user", "add", "Eva", "--role", "viewer", "--generate"),
    ("user", "add", "leo", "--role", "viewer", "--service", "mial", "--generate"),
    ("user", "add", "leo", "--role", "viewer", "--email", "leo@example.com", "--no-password"),
    ("user", "add", "ida", "--role", "viewer", "--no-password"),
    ("user", "change", "leo", "--email", "leo"),
    ("user", "change", "leo", "--unbind"),
    ("user", "change", "eva", "--role", "operator", "--all-services"),
    ("user", "change", "eva", "--role", "operator"),
    ("user", "change", "eva", "--service", "hosting", "--revision", "1"),
    ("user", "list"),
    ("user", "list", "--json"),
    ("user", "disable", "ana"),
    ("user", "disable", "eva"),
    ("user", "disable", "eva"),
    ("user", "enable", "eva"),
    ("user", "enable", "nobody"),
    ("user", "reset", "eva", "--generate"),
    ("user", "reset", "evita", "--generate"),
    ("user", "list"),
]  # fmt: skip
TOKENS: list[Any] = [
    ("token", "list"),
    ("token", "create", "--owner", "ana", "--scope", "state:read", "--label", "gra[b]fana"),
    ("token", "list"),
    ("token", "create", "--owner", "ana", "--all-scopes", "--forever"),
    ("token", "create", "--owner", "anna", "--all-scopes"),
    ("token", "create", "--owner", "ana", "--all-scopes", "--label", "x" * 101),
    ("token", "revoke", "{token}"),
    ("token", "revoke", "{token}"),
    ("token", "revoke", "nothing"),
    ("token", "list", "--owner", "ana"),
    ("token", "list", "--owner", "anna"),
]
STATE: list[Any] = [
    ("state",),
    ("state", "--json"),
    ("maintenance", "add", "--component", "dns", "--start", "now", "--end", "2026-09-21T13:00",
     *WINDOW),
    ("state",),
]  # fmt: skip
AUDIT: list[Any] = [
    ("audit",),
    ("audit", "--json"),
    ("audit", "--csv"),
    ("audit", "--csv", "--json"),
    ("audit", "--limit", "2"),
    ("audit", "--after", "1", "--limit", "2", "--json"),
    ("audit", "--kind", "incident"),
    ("audit", "--kind", "account", "--actor", "root", "--subject", "ana"),
    ("audit", "--kind", "nothing"),
]
CONTRACTS: list[Any] = [
    ("contracts", "list"),
    ("contracts", "import", "{rented}", "--dry-run"),
    ("contracts", "import", "{rented}"),
    ("contracts", "import", "{rented}"),
    ("contracts", "list"),
    ("contracts", "list", "--json"),
    ("contracts", "import", "{dearer}"),
    ("contracts", "import", "{wrong}"),
    ("contracts", "import", "{no_table}"),
    ("contracts", "import", "{rented}x"),
]
RENTED = (
    "C-1,77,501,Hosting básico,standard,web,2026-01-10,,,F-1,L1,2026-10-01,2026-11-01,"
    "1234.56,USD,,\n"
    "C-2,78,502,[b]Radio[/] ñandú,standard,,2026-10-05,2026-12-01,2026-10-07/2026-10-09,,,,,,,,\n"
)
FORECAST: list[Any] = [
    ("forecast",),
    ("contracts", "import", "{rented}"),
    ("forecast",),
    ("forecast", "--json"),
]
REPORTS: list[Any] = [
    ("report", "--list"),
    ("report", "--list", "--format", "json"),
    ("report", "2026-06", "--revision", "1"),
    ("report", "2026-06", "--revision", "1", "--format", "json"),
    ("report", "2026-06", "--revision", "1", "--format", "csv"),
    ("report", "2026-06", "--revision", "1", "--format", "csv", "--delimiter", ";"),
    ("report", "2026-06", "--revision", "9"),
    ("report", "2026-07", "--revision", "1"),
    ("report", "2026-13", "--revision", "1"),
    ("report", "2026-06", "--list"),
]
CONFIGURATION: list[Any] = [
    ("config", "show"),
    ("config", "show", "--json"),
    ("config", "show", "services[0]"),
    ("config", "show", "nothing"),
    ("config", "show", "--revision", "9"),
    ("config", "revisions"),
    ("config", "revisions", "--json"),
    ("config", "reload", "--no-wait"),
    ("config", "reload", "--no-wait"),
]
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
APPLYING: list[Any] = [
    ("credits", "export"),
    ("credits", "export", "--json"),
    ("credits", "confirm", "{confirmed}x"),
    ("credits", "confirm", "{wrong}"),
    ("credits", "apply", "--month", "2026-13", "--dry-run"),
    ("credits", "apply", "--month", "2026-10", "--dry-run", "--no-wait"),
    ("credits", "reconcile", "--no-wait"),
]
_HEAD = (
    "report_id", "revision", "content_hash", "generated_at", "is_provisional", "payable", "program",
)  # fmt: skip


def issue_report(made: Service) -> None:
    """One as an earlier version issued it, with components, outages and credits."""
    document = json.loads((FIXTURES / "report_r0006.json").read_text("utf-8"))
    body = {name: value for name, value in document.items() if name not in _HEAD}
    with made.world.journal.transaction() as tx:
        tx.reports.keep("2026-06", hash="ab" * 32, body=json.dumps(body), at=made.world.clock.now())


def classify(made: Service) -> ExclusionReference:
    """An hour of the web server, with a proposal that waits to leave less of it out."""
    now = made.world.clock.now()
    span = Interval(Second(now - 3_600), now)
    step = ExclusionRevision(
        reference=ExclusionReference("k3f9a2"), revision=1, component=ComponentId("web"),
        interval=span, cause="external_provider", proposed_by="eva", at=now,
        evidence=Evidence(
            text="Aviso 4711: [b]x[/] €\x1b[2J", links=("https://proveedor.example/4711",),
            files=(EvidenceFile(name="aviso.pdf", sha256="ab" * 32, bytes=12),),
        ),
    )  # fmt: skip
    shorter = replace(step, revision=3, interval=Interval(Second(now - 60), now))
    with made.world.journal.transaction() as tx:
        tx.exclusions.append(step)
        tx.exclusions.append(step.decided(RevisionState.APPROVED, by="luz", reason="Sí", at=now))
        tx.exclusions.append(shorter)
    return step.reference


def open_credits(made: Service) -> None:
    """Three that are owed; one was asked for by a person of billing, and one adjusts it."""
    lines = (due("6.86"), due("62", line="L2", currency="CLP"))
    asked = begin(replace(owed(), lines=lines, product="[b]Radio[/] ñandú\x1b[2J"), ELIGIBLE, by())
    step = replace(advance(asked, REQUESTED, by("eva"), ticket="ABC-1"), via=Via.API)
    with made.world.journal.transaction() as tx:
        tx.credits.begin(
            [
                asked,
                begin(owed("BON-2026-10-2", client="78", contract="C-2"), ELIGIBLE, by()),
                begin(owed("BON-2026-11-1", ordinal=1, period="2026-11"), ELIGIBLE, by()),
            ]
        )
        tx.credits.append([asked.with_step(step)])


def hand_out(made: Service) -> None:
    """A credit that people carry."""
    way = (ELIGIBLE, REQUESTED, CreditState.UNDER_REVIEW, CreditState.APPROVED)
    record = walked((*way, CreditState.APPLYING))
    key = record.credit.key._replace(contract=ContractId("C-9"))
    credit, carried = replace(record.credit, key=key), replace(record.steps[-1], reason=CARRIED)
    steps = [replace(step, actor="luz") if step.seq == 4 else step for step in record.steps[:-1]]
    with made.world.journal.transaction() as tx:
        for taken in range(1, 6):
            known = CreditRecord(credit, tuple([*steps, carried][:taken]))
            (tx.credits.begin if taken == 1 else tx.credits.append)([known])


FILES = {
    "confirmed": "credit_id;reference\n",
    "rented": HEADER + RENTED,
    "dearer": HEADER + RENTED.replace("1234.56", "1500.00"),
    "wrong": HEADER + RENTED.replace("USD", "USX").replace("2026-01-10", "[b]\x1b[2J"),
    "no_table": "nombre,apellido\nAna,Paz\n",
}


SCRIPTS = (
    INCIDENTS, BY_HAND, MAINTENANCE, EXCLUSIONS, CREDITS, RULINGS, USERS, TOKENS, STATE, AUDIT,
    CONTRACTS, FORECAST, APPLYING, REPORTS, CONFIGURATION,
)  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: "-".join(s[0][:2]))
async def test_each_command_says_here_and_there_the_same(
    here: Side, there: Side, script: list[Any]
) -> None:
    for number, words in enumerate(script):
        said = [await one.types(*words) for one in (here, there)]
        assert said[0] == said[1], words
        assert any(said[0][1:]), words
        # What was made in one second stands in no order; a door keeps an effect for a minute, and a
        # forecast for some.
        later = 301 if {"effect", "forecast"} & set(words) else 1
        for one in (here, there):
            one.made.world.clock.advance(later)
        made = {id(MAINTENANCE): (1, "window"), id(BY_HAND): (0, "first")}.get(id(script))
        if made is not None and number == made[0]:
            for one in (here, there):
                one.names[made[1]] = said[0][1].split(":")[0]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(revision=2, effective_from=Second(1_790_000_100), difference="+ check x"), 0),
        (Outcome(errors=["services.yaml:3: [b] is wrong"]), 1),
    ],
    ids=["applied", "refused"],
)
async def test_a_reload_waits_here_and_there_for_what_the_core_says(
    here: Side, there: Side, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, code: int
) -> None:
    said = []
    for one in (here, there):

        def answer(_: float, one: Side = one) -> None:
            with one.made.world.journal.transaction() as tx:
                asked = pending_request(tx)
                assert asked is not None
                answer_request(tx, asked, outcome, one.made.world.clock.now())

        monkeypatch.setattr("monitor.cli.config.in_force.sleep", answer)
        said.append(await one.types("config", "reload"))
    assert said[0] == said[1]
    assert said[0][0] == code
    assert any(text in "".join(said[0][1:]) for text in ("+ check x", "[b] is wrong"))


async def test_passwords_from_standard_input_reach_the_door(there: Side) -> None:
    added = await there.types(
        "user", "add", "eva", "--role", "viewer", "--password-stdin", stdin="caballo bateria\n"
    )
    assert added == (0, "eva: added; viewer; services: all\n", "")
    (short,) = [await there.types("user", "reset", "eva", "--password-stdin", stdin="corta\n")]
    assert short[0] == 1
    assert "(--generate makes one)" in short[2]


@pytest.mark.parametrize("named", ["by the login", "by --url", "by ESTADO_URL"])
async def test_a_change_says_where_it_is_done_where_nobody_said_it(there: Side, named: str) -> None:
    """The login may be of days ago."""
    settings = there.folder / "settings"
    Credentials(settings / "estado", lambda: None, print).save(
        there.url, "ana", there.key, is_session=True
    )
    env = {"XDG_CONFIG_HOME": str(settings)}
    if named == "by ESTADO_URL":
        env["ESTADO_URL"] = there.url
    url = ["--url", there.url] if named == "by --url" else []

    async def said(*words: str) -> str:
        typed = [word.format(**there.names) for word in words] + url
        done = await asyncio.to_thread(CliRunner(env=env).invoke, build_app(typed), typed)
        assert done.exit_code == 0, done.output
        return str(done.stderr)

    told = f"at {there.url}\n" if named == "by the login" else ""
    assert await said("incident", "list") == ""
    assert await said("incident", "update", "{web}", "--es", "Es el disco.") == told
    assert await said("incident", "resolve", "{web}", "--es", "Listo.", "--force") == told


async def test_a_conflict_shows_what_somebody_else_wrote(there: Side) -> None:
    await there.types("incident", "update", "{web}", "--es", "Es el disco.")
    code, out, err = await there.types(
        "incident", "update", "{web}", "--es", "Es la fuente.", "--revision", "1"
    )
    assert (code, out) == (1, "")
    assert ", ana: Es el disco.\n" in err
    assert "you saw revision 1, it is at 2" in err


async def test_a_token_does_no_more_than_it_may(there: Side) -> None:
    there.key = there.made.token("ana", Scope.STATE_READ)
    assert (await there.types("incident", "list"))[0] == 0
    refused = await there.types("incident", "update", "{web}", "--es", "No.")
    assert refused == (1, "", "the scope incidents:write is missing\n")
    assert (await there.types("user", "list"))[0] == 1


@pytest.mark.parametrize("kind", ["expired", "revoked", "unknown", "no token"])
async def test_a_token_that_opens_nothing_is_said_to_come_from_the_environment(
    there: Side, kind: str
) -> None:
    there.key = there.made.token("ana", Scope.STATE_READ, days=1)
    if kind == "expired":
        there.made.world.clock.advance(86_400)
    elif kind == "revoked":
        there.made.tokens().revoke(there.key.split("_")[1])
    else:
        there.key = f"{there.key[:-1]}#" if kind == "unknown" else "nothing"
    code, out, err = await there.types("incident", "list")
    assert (code, out) == (77, "")
    assert err.endswith(
        "it came from ESTADO_TOKEN, which wins over estado login as long as it is set\n"
    )


async def test_a_login_that_opens_nothing_any_more_is_to_be_made_anew(there: Side) -> None:
    settings = there.folder / "settings"
    Credentials(settings / "estado", lambda: None, print).save(
        there.url, "ana", "x" * 43, is_session=True
    )
    env, words = {"XDG_CONFIG_HOME": str(settings)}, ["incident", "list"]
    done = await asyncio.to_thread(CliRunner(env=env).invoke, build_app(words), words)
    assert (done.exit_code, done.stdout) == (77, "")
    assert done.stderr.endswith(f"sign in again: estado login --url {there.url}\n")


@pytest.mark.parametrize(
    "words", [("--url", "http://127.0.0.1:1"), ("--url=http://127.0.0.1:1",)], ids=" ".join
)
def test_a_door_may_be_named_before_the_command_or_after_it(words: tuple[str, ...]) -> None:
    for typed in ((*words, "incident", "list"), ("incident", "list", *words)):
        env = {"ESTADO_TOKEN": "estado_x"}
        done = CliRunner(env=env).invoke(build_app(typed), typed)
        assert (done.exit_code, done.stdout) == (69, "")
        assert "nobody answers at http://127.0.0.1:1: Connection refused" in done.stderr


def test_what_is_typed_wins_over_the_environment(tmp_path: Path) -> None:
    env = {"ESTADO_URL": "http://127.0.0.1:1", "ESTADO_TOKEN": "estado_x"}
    here = ["incident", "list", "-d", str(tmp_path)]
    assert "There is no journal" in CliRunner(env=env).invoke(build_app(here), here).stderr
    both = [*here, "--url", "http://127.0.0.1:1"]
    refused = CliRunner(env=env).invoke(build_app(both), both)
    assert refused.exit_code == 2
    assert "either --url, or a folder of this host" in " ".join(refused.stderr.split())


BAD = "page: {nombre: Prueba}\nservices: 7\n\u001b[2J: [/b]\n"


@pytest.mark.parametrize("text", [CONFIG, BAD, "", "a: [", CONFIG + "colours: {a: 1}\n"])
async def test_a_configuration_is_checked_at_a_door_as_it_is_here(
    there: Side, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "mine.yaml"
    await asyncio.to_thread(file.write_text, text, "utf-8")
    typed = ["config", "check", str(file)]
    # A door that is not typed gets no file: this is checked here.
    nobody = CliRunner(env={"ESTADO_URL": "http://127.0.0.1:1", "ESTADO_TOKEN": "estado_x"})
    here = await asyncio.to_thread(nobody.invoke, build_app(typed), typed)
    assert here.exit_code == (0 if text == CONFIG else 2)
    for words in ((*typed, "--url", there.url), ("--url", there.url, *typed)):
        assert await there.types(*words) == (here.exit_code, here.stdout, here.stderr)


def test_a_configuration_is_checked_where_the_address_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CONFIG, "utf-8")
    env = {"ESTADO_TOKEN": "estado_x", "XDG_CONFIG_HOME": str(tmp_path)}
    typed = ["config", "check", str(file), "--url", "http://127.0.0.1:1"]
    assert CliRunner(env=env).invoke(build_app(typed), typed).exit_code == 69


async def test_a_file_that_cannot_be_read_is_told_before_a_door_is_asked(
    there: Side, tmp_path: Path
) -> None:
    missing = str(tmp_path / "nowhere.yaml")
    here = await there.types("config", "check", missing)
    assert await there.types("config", "check", missing, "--url", there.url) == here


@pytest.mark.parametrize("name", COMMANDS["config"].here_alone)
def test_a_command_of_this_host_in_a_group_takes_no_door(name: str) -> None:
    words = ["--url", "https://estado.example", "config", name, "x.yaml"]
    done = CliRunner().invoke(build_app(words), words)
    assert done.exit_code == 2
    assert f"estado config {name} works on this host alone" in " ".join(done.stderr.split())


def test_a_command_of_this_host_takes_no_door() -> None:
    for name in ("run", "demo", "journal", "store"):
        words = ["--url", "https://estado.example", name]
        done = CliRunner().invoke(build_app(words), words)
        assert done.exit_code == 2
        assert f"estado {name} works on this host alone" in " ".join(done.stderr.split())


async def test_a_door_shows_the_newest_report_of_a_month_and_computes_none(there: Side) -> None:
    shown = await there.types("report", "2026-06")
    assert shown == await there.types("report", "2026-06", "--revision", "1")
    assert shown[0] == 0
    assert await there.types("report") == (2, "", "no report of 2026-08 has been issued\n")
    for option in ("--provisional", "--all"):
        code, out, err = await there.types("report", option)
        assert (code, out) == (2, "")
        assert "computed on the core's host" in err
    assert (await there.types("audit", "--kind", "report"))[1] == (
        "Nothing of that is in the audit log.\n"
    )

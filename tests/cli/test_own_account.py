"""One's own account at a door: sessions, password and second factor, by who is there to type."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.accounts.secrets import TotpSecondFactor
from monitor.cli import build_app
from monitor.client.credentials import Credentials
from monitor.domain.accounts.permissions import AccountRole, Scope
from tests.accounts.accounts import code_of
from tests.api.service import PASSWORD, Service, service
from tests.support.terminal import typed_at_terminal

pytestmark = pytest.mark.timeout(300)

NEW = "otra caballo bateria"
SEED = bytes(range(20))


@dataclass(frozen=True)
class Said:
    stdout: str
    stderr: str


@dataclass
class Person:
    """Somebody who signed in at a door with `estado login`."""

    made: Service
    folder: Path

    @property
    def url(self) -> str:
        return str(self.made.client.make_url("")).rstrip("/")

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.folder / "estado", lambda: None, print)

    @property
    def key(self) -> str | None:
        return self.credentials.key(self.url)

    def signs_in(self) -> str:
        key = self.made.begun("ana")
        self.credentials.save(self.url, "ana", key, is_session=True)
        return key

    async def types(self, *words: str, typed: tuple[str, ...] = (), **env: str) -> tuple[int, Said]:
        given = "".join(f"{line}\n" for line in typed)
        environment = {"XDG_CONFIG_HOME": str(self.folder), **env}
        runner = CliRunner(env=environment)
        done = await asyncio.to_thread(runner.invoke, build_app(words), list(words), input=given)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        for secret in (PASSWORD, NEW):
            assert secret not in done.output
        # The runner shows what is typed, behind the space of its prompt.
        echoes = {" \n", *(f" {line}\n" for line in typed)}
        lines = done.stdout.splitlines(keepends=True)
        out = "".join(line for line in lines if line not in echoes)
        return done.exit_code, Said(out, done.stderr)

    async def opens(self, key: str | None) -> bool:
        return (await self.made.ask("GET", "/session", key=key)).status == 200

    @property
    def code(self) -> str:
        """What the authenticator shows now."""
        return code_of(SEED, self.made.world.clock.now())


@pytest.fixture
async def ana(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    monkeypatch.setattr("monitor.cli.own_account.in_person.has_terminal", lambda: True)
    monkeypatch.setattr("monitor.cli.product.elsewhere.system_keyring", lambda: None)
    monkeypatch.setattr(TotpSecondFactor, "new_seed", lambda _: SEED)
    async with service(tmp_path) as made:
        made.add("ana", AccountRole.OPERATOR)
        person = Person(made, tmp_path / "settings")
        person.signs_in()
        yield person


async def test_sessions_are_listed_and_one_is_ended(ana: Person) -> None:
    other = ana.made.begun("ana")
    code, done = await ana.types("session", "list", "--json")
    found = json.loads(done.stdout)
    assert (code, sorted(one["is_current"] for one in found)) == (0, [False, True])
    (lost,) = [one["id"] for one in found if not one["is_current"]]
    _, table = await ana.types("session", "list")
    assert table.stdout.startswith("session")
    assert lost in table.stdout
    _, done = await ana.types("session", "end", lost)
    assert done.stdout == f"{lost}: ended.\n"
    assert not await ana.opens(other)
    assert await ana.opens(ana.key)
    code, done = await ana.types("session", "end", lost)
    assert (code, done.stdout) == (2, "")


async def test_the_session_that_asks_is_forgotten_with_its_end(ana: Person) -> None:
    _, done = await ana.types("session", "list", "--json")
    (own,) = json.loads(done.stdout)
    _, done = await ana.types("session", "end", own["id"])
    assert done.stdout == f"{own['id']}: ended. It was this one.\n"
    assert ana.key is None


async def test_after_another_password_this_session_goes_on_and_no_other(ana: Person) -> None:
    before, other = ana.key, ana.made.begun("ana")
    token = ana.made.token("ana", Scope.STATE_READ)
    code, done = await ana.types("password", typed=(PASSWORD, NEW, NEW))
    assert (code, done.stdout) == (0, "The password is changed; other sessions that ended: 1.\n")
    assert f"It opens as before: token {token.split('_')[1]}" in done.stderr
    assert not await ana.opens(before)
    assert not await ana.opens(other)
    assert await ana.opens(ana.key)
    body = {"name": "ana", "password": NEW}
    assert (await ana.made.ask("POST", "/session", body=body)).status == 201


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("wrong", NEW, NEW), "the present password is wrong"),
        ((PASSWORD, "corta", "corta"), "password"),
        ((PASSWORD, PASSWORD, PASSWORD), "password"),
    ],
)
async def test_a_password_that_is_refused_changes_nothing(
    ana: Person, typed: tuple[str, ...], said: str
) -> None:
    before = ana.key
    code, done = await ana.types("password", typed=typed)
    assert (code, done.stdout) == (1, "")
    assert said in done.stderr
    assert ana.key == before
    assert await ana.opens(before)


async def test_a_second_factor_is_set_replaced_and_removed(ana: Person) -> None:
    async def sets(*proof: str) -> Said:
        code, done = await ana.types("second-factor", "set", typed=(*proof, ana.code))
        assert code == 0, done.stderr
        return done

    before = ana.key
    first = await sets(PASSWORD)
    recovery = first.stdout.splitlines()
    assert len(recovery) == len(set(recovery)) == 10
    assert base64.b32encode(SEED).decode() in first.stderr
    assert "█" in first.stderr
    assert not await ana.opens(before)
    assert await ana.opens(ana.key)
    again = await sets(PASSWORD, recovery[0])
    assert set(again.stdout.splitlines()).isdisjoint(recovery)
    renewed = again.stdout.splitlines()
    code, done = await ana.types("second-factor", "codes", typed=(PASSWORD, renewed[0]))
    assert (code, len(done.stdout.splitlines())) == (0, 10)
    newest = done.stdout.splitlines()
    code, done = await ana.types("second-factor", "remove", typed=(PASSWORD, renewed[1]))
    assert (code, done.stdout) == (1, "")
    code, done = await ana.types("second-factor", "remove", typed=(PASSWORD, newest[0]))
    assert (code, "There is no second factor any more" in done.stdout) == (0, True)
    assert await ana.opens(ana.key)
    assert (await ana.types("second-factor", "codes", typed=(PASSWORD,)))[0] == 1


async def test_recovery_codes_are_printed_although_the_key_cannot_be_kept(
    ana: Person,
) -> None:
    typed = (PASSWORD, ana.code)
    code, done = await ana.types("second-factor", "set", typed=typed, ESTADO_TOKEN=str(ana.key))
    assert (code, len(done.stdout.splitlines())) == (0, 10)
    assert f"sign in again with estado login --url {ana.url}" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("session", "list"), ("password",), ("second-factor", "set"), ("second-factor", "remove")],
    ids=" ".join,
)
async def test_no_token_does_what_is_done_in_person(ana: Person, words: tuple[str, ...]) -> None:
    token = ana.made.token("ana", Scope.STATE_READ)
    typed = (PASSWORD, NEW, NEW)
    code, done = await ana.types(*words, typed=typed, ESTADO_TOKEN=token)
    assert (code, done.stdout) == (1, "")
    assert "a token may not: sign in (estado login, without ESTADO_TOKEN)" in done.stderr


@pytest.mark.parametrize("words", [("password",), ("second-factor", "set")], ids=" ".join)
async def test_nobody_is_asked_for_a_password_where_nobody_is(
    ana: Person, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("monitor.cli.own_account.in_person.has_terminal", lambda: False)
    code, done = await ana.types(*words, typed=(PASSWORD, NEW, NEW))
    assert code == 2
    assert "there is no terminal to ask on" in " ".join(done.stderr.split())


async def test_a_door_that_is_named_stays_beside_the_present_one(ana: Person) -> None:
    ana.credentials.save("https://other.example", "ana", "x" * 43, is_session=True)
    code, _ = await ana.types("password", "--url", ana.url, typed=(PASSWORD, NEW, NEW))
    assert code == 0
    assert ana.credentials.present() == "https://other.example"
    assert await ana.opens(ana.key)


async def test_a_terminal_shows_no_password_that_is_typed(ana: Person) -> None:
    argv = [sys.executable, "-m", "monitor.cli", "password"]
    env = {**os.environ, "XDG_CONFIG_HOME": str(ana.folder), "ESTADO_TOKEN": "", "ESTADO_URL": ""}
    typed = (PASSWORD, NEW, NEW)
    code, shown = await asyncio.to_thread(typed_at_terminal, argv, typed, env)
    assert code == 0, shown
    assert PASSWORD not in shown
    assert NEW not in shown
    assert re.search(r"Present password of ana at http://127\.0\.0\.1:\d+", shown)

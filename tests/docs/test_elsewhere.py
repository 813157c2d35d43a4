"""An operator without a shell on the host handles an incident: what both manuals type is typed, at
a terminal of its own, against core, prober and console as processes."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.cli.app import COMMANDS, Reach
from monitor.domain.time.clock import read_clock
from monitor.roles.health import troubles
from monitor.runtime.system_clock import SystemClock
from tests.e2e.product import HOST, Product, free_port, product, until
from tests.support.terminal import typed_at_terminal

pytestmark = pytest.mark.timeout(400)

DOCS = Path(__file__).resolve().parents[2] / "docs"
MANUALS = {
    "operating.md": "### An incident without a shell on the host",
    "es/operacion.md": "### Un incidente sin terminal en la máquina",
}
URL, ID = "https://estado.example", "k3f9a2"
PASSWORD = "caballo bateria grapa"


def section(manual: str, heading: str) -> str:
    text = (DOCS / manual).read_text("utf-8")
    return text.partition(f"\n{heading}\n")[2].partition("\n## ")[0]


def shown_commands(manual: str) -> list[list[str]]:
    block = re.search(r"```sh\n(.*?)```", section(manual, MANUALS[manual]), re.DOTALL)
    assert block is not None
    lines = block[1].replace("\\\n", " ").splitlines()
    return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


@dataclass
class Elsewhere:
    """Somebody on another machine: no folder of the product, settings of their own."""

    made: Product
    home: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.made.console_port}"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "ESTADO_TOKEN"}
        return {**kept, "XDG_CONFIG_HOME": str(self.home), "ESTADO_URL": ""}

    def types(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor.cli", *words], cwd=self.home, input=stdin,
            env={**self.env, **env, "PYTHONPATH": str(DOCS.parent)}, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    def reads(self, *words: str) -> str:
        done = self.types(*words)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def signs_in(self, *words: str, typed: tuple[str, ...] = ("ana", PASSWORD, "")) -> str:
        argv = [sys.executable, "-m", "monitor.cli", *words]
        code, shown = typed_at_terminal(argv, typed, self.env)
        assert PASSWORD not in shown
        return shown if code == 0 else f"{code}: {shown}"


@dataclass
class Target:
    """What is watched: up while it listens."""

    port: int
    listener: socket.socket | None = None

    def rises(self) -> None:
        self.listener = socket.create_server((HOST, self.port))

    def falls(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    made = Target(free_port())
    made.rises()
    yield made
    made.falls()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, target: Target) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("door")
    with product(folder, {"web": f"{HOST}:{target.port}"}) as made:
        for role in ("core", "prober", "console"):
            made.start(role)
        clock = read_clock(SystemClock())
        until(lambda: not troubles(["console"], made.data, clock), within=60, what=made.tail())
        words = ["user", "add", "ana", "--role", "operator", "--password-stdin"]
        done = subprocess.run(
            [sys.executable, "-m", "monitor.cli", *words, "-c", made.config, "-d", made.data],
            input=PASSWORD, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield made


@pytest.fixture
def elsewhere(running: Product, tmp_path: Path) -> Elsewhere:
    return Elsewhere(running, tmp_path)


def open_incident(elsewhere: Elsewhere) -> str:
    rows = elsewhere.reads("incident", "list").splitlines()[1:]
    return rows[0].split()[0] if rows else ""


def succeeded(
    done: subprocess.CompletedProcess[str],
) -> subprocess.CompletedProcess[str] | None:
    return done if done.returncode == 0 else None


@pytest.mark.parametrize("manual", MANUALS)
def test_an_operator_without_a_shell_on_the_host_handles_an_incident(
    elsewhere: Elsewhere, target: Target, manual: str
) -> None:
    login, listed, *rest, resolve, logout = shown_commands(manual)
    assert (login[:2], logout) == (["estado", "login"], ["estado", "logout"])
    assert "Signed in at" in elsewhere.signs_in(*[w.replace(URL, elsewhere.url) for w in login[1:]])
    target.falls()
    found = until(lambda: open_incident(elsewhere), within=60, what=elsewhere.made.tail())
    assert found in elsewhere.reads(*listed[1:])
    for words in rest:
        elsewhere.reads(*[word.replace(ID, found) for word in words[1:]])
    shown = elsewhere.reads("incident", "show", found)
    assert "identified" in shown
    assert "es: Falló un disco. Lo cambiamos ahora." in shown
    target.rises()
    typed = [word.replace(ID, found) for word in resolve[1:]]
    done = until(
        lambda: succeeded(elsewhere.types(*typed)),
        within=60, what=elsewhere.made.tail(),
    )  # fmt: skip
    assert f"{found}: resolved" in done.stdout
    assert open_incident(elsewhere) == ""
    assert elsewhere.reads(*logout[1:]) == f"Signed out at {elsewhere.url}.\n"
    assert elsewhere.types("whoami").returncode == 2


def test_who_one_is_is_said_and_what_is_kept_is_ones_own(elsewhere: Elsewhere) -> None:
    said = elsewhere.signs_in("login", "--url", elsewhere.url)
    kept = elsewhere.home / "estado" / "credentials.json"
    assert f"Signed in at {elsewhere.url} as ana; kept in {kept}." in " ".join(said.split())
    assert kept.stat().st_mode & 0o777 == 0o600
    key = re.search(r'"key": "([\w-]{43})"', kept.read_text())
    assert key is not None
    assert key[1] not in said
    lines = dict(line.split(maxsplit=1) for line in elsewhere.reads("whoami").splitlines())
    assert (lines["door"], lines["account"], lines["by"]) == (elsewhere.url, "ana", "session")
    assert "incidents:write" in lines["scopes"]
    assert key[1] not in elsewhere.reads("whoami", "--json")


def test_a_password_that_is_wrong_is_one_sentence_and_nothing_is_kept(
    elsewhere: Elsewhere,
) -> None:
    typed = ("ana", "not the password", "")
    said = elsewhere.signs_in("login", "--url", elsewhere.url, typed=typed)
    assert said.startswith("1: ")
    assert "name, password or code is wrong" in said
    assert list(elsewhere.home.iterdir()) == []


def test_no_password_is_asked_for_by_what_is_no_door(elsewhere: Elsewhere) -> None:
    with closing(socket.create_server((HOST, 0))) as mute:
        url = f"http://{HOST}:{mute.getsockname()[1]}"
        mute.close()
        said = elsewhere.signs_in("login", "--url", url, typed=())
    assert said.startswith("69: ")
    assert "Password" not in said


def test_a_program_signs_in_by_a_token_on_standard_input(elsewhere: Elsewhere) -> None:
    words = ["token", "create", "--owner", "ana", "--all-scopes"]
    made = elsewhere.made
    token = made.command(*words, "-c", str(made.config), "-d", str(made.data)).stdout
    done = elsewhere.types("login", "--url", elsewhere.url, "--token-stdin", stdin=token)
    assert done.returncode == 0, done.stderr
    assert token.strip() not in done.stdout + done.stderr
    assert elsewhere.reads("incident", "list").startswith(("No open incident.", "id"))
    assert elsewhere.reads("logout") == f"{elsewhere.url}: forgotten.\n"
    wrong = elsewhere.types("login", "--url", elsewhere.url, "--token-stdin", stdin="estado_x\n")
    assert (wrong.returncode, wrong.stdout) == (77, "")


def test_nobody_is_asked_where_there_is_no_terminal(elsewhere: Elsewhere) -> None:
    done = elsewhere.types("login", "--url", elsewhere.url, stdin="ana\n")
    assert done.returncode == 2
    assert "there is no terminal to ask on: --token-stdin" in " ".join(done.stderr.split())


@pytest.mark.parametrize(("manual", "heading"), MANUALS.items())
def test_a_manual_says_of_each_command_where_it_works(manual: str, heading: str) -> None:
    rows = re.findall(
        r"^\| (`[A-Za-z`, -]+) \| ([^|]+) \|$", section(manual, heading), re.MULTILINE
    )
    told = {tuple(re.findall(r"`([\w-]+)`", commands)): where for commands, where in rows}
    anywhere, here = told
    assert set(anywhere) == {name for name, one in COMMANDS.items() if one.reach is Reach.ANYWHERE}
    assert set(here) == {name for name, one in COMMANDS.items() if one.reach is Reach.HERE}
    in_groups = {f"{name} {leaf}" for name, one in COMMANDS.items() for leaf in one.here_alone}
    told_here = next(words for words, _ in rows if tuple(re.findall(r"`([\w-]+)`", words)) == here)
    assert set(re.findall(r"`(\w+ \w+)`", told_here)) == in_groups

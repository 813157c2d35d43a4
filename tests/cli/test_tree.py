"""The tree of commands: its outline, what each command is about, and what a shell completes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.cli.app import COMMANDS, Reach
from monitor.cli.completing.line import completed_words
from tests.client.servers import says, serving

LIGHT = (
    "sqlalchemy", "aiohttp", "structlog", "yaml", "monitor.journal", "monitor.config",
    "monitor.roles.tools",
)  # fmt: skip
"""What a command through a door does without."""
OWN_ACCOUNT = (
    ("session", "list"), ("session", "end"), ("password", "password"),
    ("second-factor", "set"), ("second-factor", "remove"), ("second-factor", "codes"),
)  # fmt: skip
"""The account that is signed in at a door: the shell of a host has none."""
WHOLE: Any = typer.main.get_command(build_app())
OUTLINE: Any = typer.main.get_command(build_app(["--help"]))


def leaves(command: Any) -> Iterator[Any]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield command
    else:
        for one in inside.values():
            yield from leaves(one)


def test_the_outline_says_of_each_command_what_it_says_itself() -> None:
    assert list(OUTLINE.commands) == list(COMMANDS)
    assert set(WHOLE.commands) == set(COMMANDS)
    for name, command in WHOLE.commands.items():
        said = command.short_help or command.help.partition("\n\n")[0]
        assert OUTLINE.commands[name].help == " ".join(said.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_door_serves_takes_its_address_and_nothing_else_does(name: str) -> None:
    for command in leaves(WHOLE.commands[name]):
        options = {
            option
            for parameter in command.params
            for option in parameter.opts
            # `estado journal migrate --url` is a database's.
            if option != "--url" or "door" in parameter.help
        }
        needs_a_product = options & {"--data-dir", "--config"} or (name, command.name) in (
            ("login", "login"), ("logout", "logout"), ("whoami", "whoami"),
            *OWN_ACCOUNT,
            # It is about a file; a product is asked for its opinion.
            ("config", "check"),
        )  # fmt: skip
        goes = COMMANDS[name].reach is Reach.ANYWHERE
        is_remote = goes and command.name not in COMMANDS[name].here_alone and bool(needs_a_product)
        assert ("--url" in options) is is_remote, (name, command.name)


def test_what_stays_here_of_a_group_is_a_command_of_it() -> None:
    for name, command in COMMANDS.items():
        names = {leaf.name for leaf in leaves(WHOLE.commands[name])}
        assert {word for word in command.here_alone if word != "KIND"} <= names
        assert not command.here_alone or command.reach is Reach.ANYWHERE


def test_the_help_has_a_heading_for_each_reach() -> None:
    said = CliRunner().invoke(build_app(["--help"]), ["--help"], env={"COLUMNS": "120"}).stdout
    for reach in Reach:
        assert reach in said


def test_a_mistyped_command_is_told_what_comes_closest() -> None:
    done = CliRunner().invoke(build_app(["incidnet", "list"]), ["incidnet", "list"])
    assert done.exit_code == 2
    assert "Did you mean 'incident'?" in done.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"COMP_WORDS": "estado incident l"}, ["incident", "l"]),
        ({"COMP_WORDS": "estado incident 'l"}, ["incident", "'l"]),
        ({"_TYPER_COMPLETE_ARGS": "estado --url https://x inc"}, ["--url", "https://x", "inc"]),
        ({"COMP_WORDS": "estado "}, [""]),
        ({}, [""]),
    ],
)
def test_what_stands_on_the_line_decides_what_is_loaded(
    environment: dict[str, str], words: list[str]
) -> None:
    assert list(completed_words(environment)) == words


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("estado in", {"incident"}),
        ("estado maintenance ", {"add", "list", "extend", "cancel"}),
        ("estado incident update x --ph", {"--phase"}),
        ("estado incident update x --phase i", {"investigating", "identified"}),
        ("estado token create --scope state", {"state:read"}),
        ("estado --url https://x us", {"user"}),
    ],
)
def test_bash_completes_commands_options_and_choices(typed: str, offered: set[str]) -> None:
    """Through the script that `--install-completion` writes, as bash calls it."""
    script = bash("estado --show-completion")
    assert "complete -o default -F" in script
    words = typed.split(" ")
    line = " ".join(f"'{word}'" for word in words)
    said = bash(
        f"{script}\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words) - 1}\n"
        "_estado_completion estado\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert set(said.split()) == offered


def bash(script: str) -> str:
    """`; true`: otherwise bash becomes the command, and nobody can see that it was one."""
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "--norc", "-c", f"PATH={folder}:$PATH\n{script}\ntrue"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("words", [("--help",), ("incident", "list")], ids=" ".join)
def test_help_and_a_command_through_a_door_start_light(
    words: tuple[str, ...],
) -> None:
    """0.4 s of CPU on a machine at rest. One that is busy with others counts more: here it is twice
    what the libraries take for a command of one line, at the same moment."""
    program = (
        "import atexit, sys, time\n"
        f"sys.argv = {['estado', *words]!r}\n"
        "def tell():\n"
        f"    heavy = [name for name in {LIGHT!r} if name in sys.modules]\n"
        "    print(heavy, time.process_time(), file=sys.stderr)\n"
        "atexit.register(tell)\n"
        "from monitor.cli import main\n"
        "main()\n"
    )
    least = (
        "import http.client, rich.console, rich.table, ssl, time, typer\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        "def least(number: int = 1) -> None:\n"
        "    print(time.process_time())\n"
        "app()\n"
    )
    told, bare = [], []
    with serving(says(b'{"incidents": []}')) as server:
        env = {**os.environ, "ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        # In turns, so that what else the machine does meets both.
        for _ in range(5):
            told.append(run_python(program, env).stderr.splitlines()[-1].rsplit(" ", 1))
            bare.append(float(run_python(least, os.environ).stdout))
    assert {heavy for heavy, _ in told} == {"[]"}
    assert min(float(seconds) for _, seconds in told) <= 2 * min(bare)


def run_python(program: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip

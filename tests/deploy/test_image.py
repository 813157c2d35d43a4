"""The Dockerfile as far as it can be tested without an engine: every path that it copies is there,
what it runs is what the locks and the command line have. The image itself is not built here."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec

import pytest

from tests.architecture.tree import PACKAGES, ROOT, pyproject
from tests.deploy.cli import parse

TEXT = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
INSTRUCTIONS = [
    (name, rest)
    for name, rest in re.findall(r"^([A-Z]+) (.+)$", TEXT, re.MULTILINE)
]  # fmt: skip
SENT = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
COPIED = [
    source
    for name, rest in INSTRUCTIONS
    if name == "COPY" and not rest.startswith("--from")
    for source in rest.split()[:-1]
]


def values(wanted: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == wanted]


@pytest.mark.parametrize("source", COPIED)
def test_it_copies_what_is_there_and_is_sent_to_the_engine(source: str) -> None:
    assert (ROOT / source).exists()
    assert any(source == sent or source.startswith(f"{sent}/") for sent in SENT)


def test_it_sends_the_engine_nothing_that_it_does_not_copy() -> None:
    assert set(SENT) == set(COPIED)


def test_it_copies_everything_that_the_wheel_is_built_of() -> None:
    built_of = {*PACKAGES, "templates", "config", "hatch_build.py", "pyproject.toml"}
    named = {pyproject()["project"]["readme"], *pyproject()["project"]["license-files"]}
    assert (built_of | named) - set(COPIED) == set()


def test_it_starts_from_one_image_pinned_to_its_last_digit() -> None:
    bases = {base.split()[0] for base in values("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())


def test_it_installs_by_hash_and_nothing_else_from_outside() -> None:
    installs = re.findall(r"pip install ([^&]+)", " ".join(values("RUN")))
    assert [("--require-hashes" in i) or ("--no-index" in i) for i in installs] == [True, True]
    assert "apt-get" not in TEXT
    assert "--no-build-isolation" in TEXT


def test_it_runs_as_nobody_who_owns_the_machine() -> None:
    assert values("USER") == ["10001:10001"]
    assert "--uid 10001 --gid 10001" in " ".join(values("RUN"))


def test_it_starts_a_command_that_there_is() -> None:
    (entry,), (command,) = values("ENTRYPOINT"), values("CMD")
    assert json.loads(entry) == list(pyproject()["project"]["scripts"])
    assert parse(json.loads(command))[0] == "run"


def test_it_asks_for_its_health_by_a_module_that_there_is() -> None:
    (health,) = values("HEALTHCHECK")
    command = json.loads(health.partition("CMD ")[2])
    assert command[:2] == ["python", "-m"]
    assert find_spec(command[2]) is not None


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))


def test_it_installs_the_versions_that_the_tests_ran_with() -> None:
    image, tests = pins("prod"), pins("dev")
    assert {name: (v, tests.get(name)) for name, v in image.items() if tests.get(name) != v} == {}
    assert {"psycopg", "psycopg-binary", "aiocsv", "uvloop", "hatchling"} <= image.keys()
    assert pins("base").keys() <= image.keys()
    assert {"pytest", "mypy", "ruff"} & image.keys() == set()

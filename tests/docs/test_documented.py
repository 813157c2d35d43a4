"""What people can type is written down, and what is written down exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.cli import build_app

ROOT = Path(__file__).resolve().parents[2]
MANUALS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(p for p in (ROOT / "docs").rglob("*.md")),
)
TEXTS = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in MANUALS}
ESTADO: Any = typer.main.get_command(build_app())
"""Typer brings its own copy of click, whose types have no public name."""
_CODE = re.compile(r"```sh\n(.*?)```|`((?:\.venv/bin/)?estado [^`]+)`", re.DOTALL)
_ANY = re.compile(r"<[a-z]+>|[A-Z]+")
"""A place for a command: `estado probe KIND TARGET`."""
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
_ALTERNATIVES = re.compile(r"\b[a-z]+(?:\\?\|[a-z]+)+\b")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Each leaf of the command tree, as its words."""
    inside = getattr(command, "commands", None)
    if inside is None:
        yield path
        return
    for name, one in inside.items():
        yield from commands(one, (*path, name))


def typed(text: str) -> Iterator[str]:
    """Each `estado ...` line that a manual shows, an alternative at a time."""
    for block, inline in _CODE.findall(text):
        for line in (block or inline).replace("\\\n", " ").splitlines():
            words = line.removeprefix(".venv/bin/").split("  #")[0].strip()
            if words.startswith("estado "):
                yield from spelled_out(words)


def spelled_out(words: str) -> Iterator[str]:
    found = _ALTERNATIVES.search(words)
    if found is None:
        yield words
        return
    for choice in re.split(r"\\?\|", found.group()):
        yield from spelled_out(words[: found.start()] + choice + words[found.end() :])


TYPED = sorted({(name, line) for name, text in TEXTS.items() for line in typed(text)})


@pytest.mark.parametrize("words", sorted(commands(ESTADO)), ids=" ".join)
def test_it_names_each_command_in_a_manual(words: tuple[str, ...]) -> None:
    wanted = " ".join(("estado", *words))
    assert any(f"{line} ".startswith(f"{wanted} ") for _, line in TYPED), f"{wanted} is nowhere"


@pytest.mark.parametrize(("name", "line"), TYPED)
def test_it_shows_only_commands_and_options_that_exist(name: str, line: str) -> None:
    command = ESTADO
    words = shlex.split(line, comments=True)[1:]
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        word = words.pop(0)
        known = command.commands
        if _ANY.fullmatch(word):
            command = next(iter(known.values()))
            continue
        assert word in known, f"{name}: no command {word!r} in {line!r}"
        command = known[word]
    options = {opt for param in command.params for opt in param.opts} | {"--help", "--version"}
    shown = {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1}
    assert shown - options == set(), f"{name}: {line}"


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


LINKS = sorted({(name, *link) for name, text in TEXTS.items() for link in _LINK.findall(text)})


@pytest.mark.parametrize(("name", "path", "anchor"), LINKS)
def test_it_links_to_what_is_there(name: str, path: str, anchor: str) -> None:
    target = (ROOT / name).parent / path if path else ROOT / name
    assert target.exists(), f"{name} links to {path}"
    if anchor:
        assert anchor in anchors(target.read_text("utf-8"))


def test_it_names_models_for_newcomers_that_are_there() -> None:
    named = re.findall(r"`([\w/]+/[\w/.]*\w\.py)`", TEXTS["CONTRIBUTING.md"])
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_it_keeps_the_readme_short() -> None:
    assert TEXTS["README.md"].count("\n") <= 150


def test_it_numbers_each_decision_once_and_in_its_title() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    titles = [path.read_text("utf-8").partition("\n")[0] for path in decisions]
    assert [title.split(".")[0] for title in titles] == [f"# {number}" for number in numbers]


def test_the_glossary_leads_to_files_that_are_there_and_has_each_word_once() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| `([\w/.]+)` \|$", TEXTS["docs/glossary.md"], re.MULTILINE
    )
    assert len(rows) > 40
    assert [path for _, path in rows if not (ROOT / path).is_file()] == []
    words = [word for named, _ in rows for word in named.split(", ")]
    assert len(words) == len(set(words))

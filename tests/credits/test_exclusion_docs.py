"""The night that the billing pages leave out, command by command, says what they print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.cli.product.here import LocalProduct
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor
from monitor.roles.tools import Tools, load_catalogue_or_exit
from tests.credits.test_classification import Court, person
from tests.credits.test_classification import court as court

DOCS = Path(__file__).parents[2] / "docs"
PEOPLE = {"ana": person("ana"), "luz": person("luz", AccountRole.APPROVER)}


def sessions(page: str) -> list[tuple[str, list[str], str]]:
    """Who types, what, and what is printed, of the page's `console` blocks in order."""
    text = (DOCS / page).read_text("utf-8")
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for typed in re.split(r"^(?=\w+\$ )", block, flags=re.MULTILINE)[1:]:
            line, _, printed = typed.replace("\\\n", " ").partition("\n")
            name, _, command = line.partition("$ ")
            found.append((name, shlex.split(command)[1:], printed))
    return found


@pytest.mark.parametrize("page", ["billing.md", "es/facturacion.md"])
def test_the_night_is_left_out_as_the_page_shows(
    court: Court, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting: list[Actor] = []

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[LocalProduct]:
        yield LocalProduct(
            Tools(
                catalogue=load_catalogue_or_exit(court.desk.config), journal=court.journal,
                accounts=court.journal, subscribers=court.journal, clock=court.clock,
                actor=acting[-1], url=court.desk.url,
                data_dir=court.desk.folder,
            )
        )  # fmt: skip

    monkeypatch.setattr("monitor.cli.product.here.open_here", opened)
    steps = sessions(page)
    assert [words[1] for _, words, _ in steps] == ["propose", "effect", "approve", "show"]
    for name, words, printed in steps:
        acting.append(PEOPLE[name])
        done = CliRunner().invoke(build_app(words), words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert done.stdout == printed, (page, words)

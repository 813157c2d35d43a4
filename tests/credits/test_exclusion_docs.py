"""What people type on the billing pages, command by command, says what the pages print."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.cli.product.here import LocalProduct
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor
from monitor.roles.core.money.billing import CoreBilling
from monitor.roles.tools import Tools, load_catalogue_or_exit
from tests.credits.test_classification import Court, person
from tests.credits.test_classification import court as court

DOCS = Path(__file__).parents[2] / "docs"
PEOPLE = {
    "ana": person("ana"),
    "eva": person("eva", AccountRole.BILLING),
    "luz": person("luz", AccountRole.APPROVER),
}
NIGHT = {"billing.md": "Leaving out a night", "es/facturacion.md": "Excluir una noche"}
CREDIT = {"billing.md": "Asking for a credit", "es/facturacion.md": "Pedir una bonificación"}


CARRIED = {"billing.md": "Into the customer's balance", "es/facturacion.md": "Al saldo del cliente"}


def sessions(page: str, heading: str) -> list[tuple[str, list[str], str]]:
    """Who types, what, and what is printed, of the `console` blocks under a heading, in order."""
    _, _, below = (DOCS / page).read_text("utf-8").partition(f"\n## {heading}\n")
    text = below.partition("\n## ")[0]
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for typed in re.split(r"^(?=\w+\$ )", block, flags=re.MULTILINE)[1:]:
            line, _, printed = typed.replace("\\\n", " ").partition("\n")
            name, _, command = line.partition("$ ")
            found.append((name, shlex.split(command)[1:], printed))
    return found


def shown(printed: str) -> str:
    """Without what no page shows: spaces that end a line, and the digits of a hash."""
    return re.sub(r"[0-9a-f]{64}", "…", re.sub(r" +\n", "\n", printed))


def type_all(court: Court, page: str, heading: str, patch: pytest.MonkeyPatch) -> list[str]:
    """Every command of them, each by its person; the verbs in order."""
    acting: list[Actor] = []

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[LocalProduct]:
        yield LocalProduct(
            Tools(
                catalogue=load_catalogue_or_exit(court.desk.config), journal=court.journal,
                accounts=court.journal, subscribers=court.journal,
                customers=court.journal, clock=court.clock,
                actor=acting[-1], url=court.desk.url,
                data_dir=court.desk.folder,
            )
        )  # fmt: skip

    patch.setattr("monitor.cli.product.here.open_here", opened)
    steps = sessions(page, heading)
    for name, words, printed in steps:
        acting.append(PEOPLE[name])
        done = CliRunner().invoke(build_app(words), words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert shown(done.stdout) == printed, (page, words)
    return [words[1] for _, words, _ in steps]


@pytest.mark.parametrize(("page", "heading"), NIGHT.items())
def test_the_night_is_left_out_as_the_page_shows(
    court: Court, page: str, heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = type_all(court, page, heading, monkeypatch)
    assert typed == ["propose", "effect", "approve", "show"]


@pytest.mark.parametrize(("page", "heading"), CREDIT.items())
def test_a_credit_is_asked_for_and_approved_as_the_page_shows(
    court: Court, page: str, heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    court.desk.type("report", "2026-10")
    typed = type_all(court, page, heading, monkeypatch)
    assert typed == ["list", "request", "review", "approve", "show"]


@pytest.mark.parametrize("page", CARRIED)
def test_a_credit_is_carried_and_confirmed_as_the_page_shows(
    court: Court, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    court.desk.type("report", "2026-10")
    type_all(court, page, CREDIT[page], monkeypatch)
    catalogue = load_catalogue_or_exit(court.desk.config)
    core = CoreBilling(court.journal, court.clock, lambda: catalogue)

    def wait(_: float) -> None:
        """The core takes a request up while the command waits for it."""
        with capture_logs():
            asyncio.run(core.follow(asyncio.to_thread))

    monkeypatch.setattr("monitor.cli.credits.applying.sleep", wait)
    typed = type_all(court, page, CARRIED[page], monkeypatch)
    assert typed == ["apply", "apply", "export", "confirm"]

"""`estado problem` shows what customers say, as text and never as commands to a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build_app
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import Problem, ProblemKind, ProblemRef, Said
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from tests.e2e.product import config_text, free_port
from tests.support.journals import new_journal

REF = ProblemRef("AAAA2222")


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "services.yaml"
        text = config_text({"web": "127.0.0.1:1"}, page_port=free_port(), ops_port=free_port())
        self.config.write_text(text, "utf-8")
        url = new_journal(folder / "journal.db")
        said = Said(
            ref=REF, kind=ProblemKind.FAILS, component=ComponentId("web"), locale="es",
            text="No abre\x1b[2J\ndesde ayer", sender="s", at=Second(1_790_812_800),
        )  # fmt: skip
        with open_journal(url) as journal, journal.transaction() as tx:
            tx.problems.save(Problem(said=said, level="sla-1", seen="web: up"))

    def run(self, *words: str) -> Result:
        named = ("-c", str(self.config), "-d", str(self.folder))
        return CliRunner().invoke(build_app(), ["problem", *words, *named])


@pytest.fixture
def made(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_lists_what_is_open_and_shows_one_whole(made: Folder) -> None:
    listed = made.run("list").output
    assert REF in listed
    assert "web" in listed
    shown = made.run("show", REF.lower()).output
    assert "seen then: web: up" in shown
    assert "desde ayer" in shown
    assert "\x1b" not in listed + shown


def test_programs_get_all_of_it(made: Folder) -> None:
    (found,) = json.loads(made.run("list", "--json").stdout)
    assert (found["ref"], found["level"], found["closed_at"]) == (REF, "sla-1", None)


def test_what_is_closed_leaves_the_list(made: Folder) -> None:
    assert made.run("close", REF, "--note", "llamado").exit_code == 0
    assert "Nobody says that anything fails." in made.run("list").output
    assert REF in made.run("list", "--all").output
    again = made.run("close", REF)
    assert again.exit_code == 1
    assert "has closed it already" in again.output


def test_a_reference_that_is_none_says_so(made: Folder) -> None:
    ran = made.run("show", "NADA2222")
    assert ran.exit_code == 2
    assert "no problem 'NADA2222'" in ran.output

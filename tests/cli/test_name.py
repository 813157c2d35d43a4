"""`estado name`: a list of domains becomes what the page answers from, or nothing of it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build_app
from tests.e2e.product import config_text, free_port
from tests.support.journals import new_journal


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "services.yaml"
        text = config_text({"web": "127.0.0.1:1"}, page_port=free_port(), ops_port=free_port())
        self.config.write_text(text, "utf-8")
        new_journal(folder / "journal.db")

    def run(self, *words: str) -> Result:
        named = ("-c", str(self.config), "-d", str(self.folder))
        return CliRunner().invoke(build_app(), ["name", *words, *named])

    def file(self, text: str | bytes) -> str:
        written = self.folder / "names.csv"
        written.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(written)


@pytest.fixture
def made(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_list_is_taken_and_a_name_of_it_is_shown_as_customers_type_it(made: Folder) -> None:
    file = made.file("name,components\nwww.Ejemplo.com,web\n")
    ran = made.run("import", file)
    assert (ran.exit_code, ran.output) == (0, "1 domains: 1 new, 0 changed, 0 removed\n")
    assert made.run("show", "https://tienda.ejemplo.com/x").output == "ejemplo.com: web\n"


def test_a_rehearsal_keeps_nothing(made: Folder) -> None:
    ran = made.run("import", made.file("name,components\nejemplo.com,web\n"), "--dry-run")
    assert "1 new" in ran.output
    assert "nothing was kept" in ran.output
    assert made.run("show", "ejemplo.com").exit_code == 1


def test_a_file_with_a_mistake_keeps_nothing_and_says_where(made: Folder) -> None:
    file = made.file("name,components\nejemplo.com,web\notro.com,wep\n")
    ran = made.run("import", file)
    assert ran.exit_code == 2
    assert f"{file}:3: wanted a component (web?), got 'wep'" in ran.output
    assert "Nothing was kept." in ran.output
    assert made.run("show", "ejemplo.com").exit_code == 1


def test_a_file_that_is_not_utf8_says_what_to_do(made: Folder) -> None:
    ran = made.run("import", made.file(b"name,components\nejempl\xf3.com,web\n"))
    assert ran.exit_code == 2
    assert "wanted UTF-8" in ran.output


def test_what_is_no_domain_is_not_looked_for(made: Folder) -> None:
    ran = made.run("show", "ejemplo")
    assert ran.exit_code == 2
    assert "want a domain" in ran.output

"""`estado journal migrate` says what it did, and refuses by name what it must not do."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner, Result

from monitor.cli.journal import command
from monitor.cli.journal import copy as journal_copy
from monitor.journal import migrate as migrating
from monitor.journal.access import SchemaState, copy_journal, schema_state
from monitor.journal.database import parse_url
from monitor.journal.schema import HEAD
from tests.journal import copies
from tests.journal.processes import HOLD_LEASE, HOLD_LOCK, kill, running, said


def estado(*arguments: str) -> Result:
    app = typer.Typer()
    command.register(app)
    # Another command, so that `journal` is a group as it is in the product.
    app.command(name="other")(lambda: None)
    return CliRunner().invoke(app, ["journal", *arguments])


def test_it_makes_an_empty_journal(empty_url: str) -> None:
    done = estado("migrate", "--url", empty_url)
    assert (done.exit_code, done.output) == (0, f"The schema went from nothing to {HEAD}.\n")
    assert schema_state(empty_url) is SchemaState.CURRENT


def test_it_names_the_copy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    migrating.upgrade(parse_url(url), "r0001")
    done = estado("migrate", "--url", url)
    (copy,) = tmp_path.glob("journal-r0001-*.db")
    assert done.output.splitlines() == [
        f"The schema went from r0001 to {HEAD}.",
        f"The journal as it was: {copy}",
    ]


def test_it_takes_the_address_from_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESTADO_JOURNAL_URL", url)
    done = estado("migrate")
    assert done.output == f"The schema is up to date ({HEAD}): nothing to do.\n"


def test_it_works_while_a_core_runs_where_nothing_is_to_do(url: str) -> None:
    with running(HOLD_LEASE, url) as core:
        assert said(core) == "1"
        assert estado("migrate", "--url", url).exit_code == 0


def test_it_refuses_naming_the_core_that_holds_the_journal(empty_url: str) -> None:
    with running(HOLD_LOCK, empty_url) as core:
        assert said(core) == "held"
        refused = estado("migrate", "--url", empty_url)
        kill(core)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert f"(pid {core.pid})" in refused.stderr
    assert estado("migrate", "--url", empty_url).exit_code == 0


def test_it_says_in_one_line_what_is_wrong_with_an_address() -> None:
    refused = estado("migrate", "--url", "mysql://localhost/x")
    assert refused.exit_code == 1
    assert refused.stderr == "a journal lives in SQLite or PostgreSQL, got mysql\n"


@pytest.fixture
def filled(sqlite_url: str) -> str:
    copies.fill(sqlite_url)
    return sqlite_url


def test_copy_says_what_it_did_a_line_a_stage(filled: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/copy.db"
    done = estado("copy", "--from", filled, "--to", target)
    rows = sum(map(len, copies.content(filled).values()))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"Copied {rows} rows; counts and checksums are the same on both sides.",
        "Next: set operations.journal to the new address, then start the product.",
    ]
    assert done.stderr.splitlines() == [
        f"{doing} {rows} rows" for doing in ("Reading", "Copying", "Verifying")
    ]
    assert copies.content(target) == copies.content(filled)


def test_copy_takes_the_journal_of_the_configuration_and_a_secret_address(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEW_JOURNAL", f"sqlite:///{tmp_path}/copy.db")
    config = Path(__file__).parents[2] / "config" / "services.yaml"
    done = estado("copy", "--to", "${NEW_JOURNAL}", "-c", str(config), "-d", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert copies.content(f"sqlite:///{tmp_path}/copy.db") == copies.content(filled)


def test_copy_refuses_in_a_line_what_it_must_not_do(filled: str, tmp_path: Path) -> None:
    for to, words in (
        (filled, "source and target are the same database\n"),
        ("${ABSENT_JOURNAL}", "the environment has no ABSENT_JOURNAL\n"),
    ):
        refused = estado("copy", "--from", filled, "--to", to)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", words)


def test_copy_shows_bars_on_a_terminal(filled: str, tmp_path: Path) -> None:
    watch = journal_copy.Bars(progress := Progress(console=Console(file=StringIO())))
    copy_journal(filled, f"sqlite:///{tmp_path}/copy.db", watch, batch=2)
    assert [(t.description, t.finished) for t in progress.tasks] == [
        ("Reading", True), ("Copying", True), ("Verifying", True),
    ]  # fmt: skip

"""`estado subscriber` shows ids, addresses where asked, and removes without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build_app
from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from tests.e2e.product import config_text, free_port
from tests.support.journals import new_journal

ANA = SubscriptionId("a2b3c4d5e6f7g8h9")


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "services.yaml"
        text = config_text({"web": "127.0.0.1:1"}, page_port=free_port(), ops_port=free_port())
        self.config.write_text(text, "utf-8")
        self.url = new_journal(folder / "journal.db")
        with open_journal(self.url) as journal, journal.transaction() as tx:
            ana = Subscription(
                id=ANA, wanted=Wanted(severity=Severity.SERIOUS), locale="es",
                state=SubscriptionState.CONFIRMED, created_at=Second(100), confirmed_at=Second(200),
            )  # fmt: skip
            tx.subscriptions.add(ana, read_contact("email", "canary7@secret.example"))

    def run(self, *words: str) -> Result:
        named = ("-c", str(self.config), "-d", str(self.folder))
        return CliRunner().invoke(build_app(), ["subscriber", *words, *named])


@pytest.fixture
def made(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_shows_ids_and_no_address_unless_it_is_asked_for(made: Folder) -> None:
    shown = made.run("list").output
    assert ANA in shown
    assert "everything (serious)" in shown
    assert "1 confirmed" in shown
    assert "canary7" not in shown
    assert "canary7@secret.example" in made.run("list", "--addresses").output


def test_programs_get_it_as_json(made: Folder) -> None:
    (one,) = json.loads(made.run("list", "--json").output)
    assert one["id"] == ANA
    assert "address" not in one
    (one,) = json.loads(made.run("list", "--json", "--addresses").output)
    assert one["address"] == "canary7@secret.example"


def test_a_chat_is_removed_by_the_number_that_is_listed(made: Folder) -> None:
    with open_journal(made.url) as journal, journal.transaction() as tx:
        chat = Subscription(
            id=SubscriptionId("c" * 16), kind="telegram", wanted=Wanted(), locale="es",
            state=SubscriptionState.CONFIRMED, created_at=Second(100), confirmed_at=Second(100),
        )  # fmt: skip
        tx.subscriptions.add(chat, read_contact("telegram", "777000111"))
    assert "777000111" in made.run("list", "--addresses").output
    assert made.run("remove", "777000111").output == f"Removed: {chat.id}\n"


@pytest.mark.parametrize("wanted", [ANA, "Canary7+x@secret.example"])
def test_who_is_removed_leaves_no_byte_of_the_address(made: Folder, wanted: str) -> None:
    done = made.run("remove", wanted)
    assert (done.exit_code, done.output) == (0, f"Removed: {ANA}\n")
    left = b"".join(file.read_bytes() for file in made.folder.glob("journal.db*"))
    assert b"canary7" not in left
    with open_journal(made.url) as journal, journal.transaction() as tx:
        found = tx.subscriptions.get(ANA)
        (change,) = tx.changes.since(0, 10)
    assert found is not None
    assert found.ending is Ending.REMOVED
    assert (change.kind, change.subject) == ("subscription.ended", ANA)
    assert change.actor != "estado"


@pytest.mark.parametrize("wanted", ["nobody12", "eva@secret.example"])
def test_nobody_is_removed_who_is_not_there(made: Folder, wanted: str) -> None:
    assert made.run("remove", wanted).exit_code == 1
    assert "1 confirmed" in made.run("list").output

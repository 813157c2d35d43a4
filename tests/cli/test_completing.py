"""Ids that a shell completes: each shell asks the command itself, as its script does."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest
import typer

from monitor.cli.completing import ids
from monitor.cli.completing.ids import Ids, Offer, within
from monitor.cli.completing.there import known_there
from monitor.client.address import door_address
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.text import plain
from tests.api.service import Service, service
from tests.cli.account_typist import CONFIG
from tests.cli.test_elsewhere import classify, open_credits
from tests.client.servers import says, serving
from tests.support.patience import PATIENCE_S
from tests.support.waiting_credits import WAITS, keep_ruling, keep_waiting
from tests.support.warm_start import start_role

SHELLS = {
    "bash": lambda line: {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))},
    "zsh": lambda line: {"_TYPER_COMPLETE_ARGS": line},
    "fish": lambda line: {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


def completed(shell: str, line: str, home: Path, **env: str) -> str:
    """What the shell would be offered; nothing may be said beside it."""
    variables = {
        **os.environ, "XDG_CONFIG_HOME": str(home), "_ESTADO_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", **SHELLS[shell](line), **env,
    }  # fmt: skip
    with TemporaryFile() as output, TemporaryFile() as errors:
        asked = start_role(
            "tests.cli.completing_shell", [], folder=home, environment=variables, output=output,
            errors=errors,
        )  # fmt: skip
        asked.wait(PATIENCE_S)
        said, complained = (_whole(file) for file in (output, errors))
    assert "Traceback" not in said
    assert complained == ""
    return said


def _whole(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as opened:
        opened.add("ana", AccountRole.OPERATOR)
        yield opened


@pytest.mark.parametrize("shell", SHELLS)
async def test_each_shell_completes_incidents_of_this_hosts_journal(
    made: Service, tmp_path: Path, shell: str
) -> None:
    incident = made.fall("web")
    line = f"estado incident show -d {tmp_path} "
    assert incident in completed(shell, line, tmp_path)
    assert incident in completed(shell, line + incident[:2], tmp_path)
    assert incident not in completed(shell, f"{line}no", tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "title",
    [
        "Mail \\$(touch run)", "Mail \\`touch run`", "Mail [/b] is down", "Mail 'down' \"now\"",
        "Mail \\[$(touch run)",
    ],
)  # fmt: skip
async def test_no_title_is_run_by_a_shell_or_taken_for_markup(
    made: Service, tmp_path: Path, shell: str, title: str
) -> None:
    """zsh evaluates each line: there a backslash would undo the quotation of what follows it."""
    incident = made.fall("web")
    with made.world.journal.transaction() as tx:
        (open_one,) = tx.incidents.unresolved()
        tx.incidents.save(replace(open_one, person_title=plain(title)))
    said = completed(shell, f"estado incident show -d {tmp_path} ", tmp_path)
    assert incident in said
    assert not set("\\$`[]") & set(said)


@pytest.mark.parametrize("name", ["x; reboot", "$(reboot)", "-rf", "a b", "", "*"])
def test_an_id_that_a_shell_would_run_is_not_offered(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(*_: object) -> list[Offer]:
        return [(name, "bad"), ("k3f9a2", "good")]

    monkeypatch.setattr(ids, "_known", known)
    monkeypatch.setattr(ids, "LIMIT_S", 30.0)
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    assert ids.ids(Ids.INCIDENT)(context, "") == [("k3f9a2", "good")]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("user reset -d {home} ", {"ana"}),
        ("token create -d {home} --owner ", {"ana"}),
        ("maintenance add -c {home}/services.yaml --component r", {"radio2"}),
        ("user add x -c {home}/services.yaml --service ", {"radio", "hosting"}),
        ("maintenance cancel -d {home} ", set()),
    ],
)
async def test_accounts_components_and_services_of_this_host_are_completed(
    made: Service, tmp_path: Path, line: str, offered: set[str]
) -> None:
    (tmp_path / "services.yaml").write_text(CONFIG, "utf-8")
    said = completed("bash", f"estado {line.format(home=tmp_path)}", tmp_path)
    assert set(said.split()) == offered


async def test_ids_of_a_product_elsewhere_are_asked_for_through_its_door(made: Service) -> None:
    made.add("leo", AccountRole.BILLING)
    incident, now = made.fall("web"), made.world.clock.now()
    token = made.token("leo", Scope.STATE_READ, Scope.BILLING_READ)
    exclusion = classify(made)
    open_credits(made)
    made.add("eva", AccountRole.BILLING)
    of_billing = made.token("eva", Scope.CREDITS_READ)
    keep_waiting(made.world.journal, end=now)
    ruling = keep_ruling(made.world.journal, at=now)
    address = door_address(str(made.client.make_url("")).rstrip("/"))

    def asked(kind: Ids) -> list[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ESTADO_TOKEN", of_billing if kind is Ids.CREDIT else token)
            return [offer for offer, _ in known_there(kind, address, 30)]

    found = {kind: await asyncio.to_thread(asked, kind) for kind in Ids if kind is not Ids.ACCOUNT}
    assert found == {
        Ids.INCIDENT: [incident], Ids.WINDOW: [], Ids.COMPONENT: ["web", "dns", "mail"],
        Ids.CHECK: ["web-check", "dns-check", "mail-check"],
        Ids.SERVICE: ["hosting", "mail"], Ids.EXCLUSION: [exclusion],
        Ids.CREDIT: ["BON-2026-11-1", "BON-2026-10-2", "BON-2026-10-1", WAITS],
        Ids.RULING: [ruling],
        Ids.TOKEN: [token.split("_")[1]], Ids.PRIVATE_PAGE: [], Ids.PAGE_LINK: [],
    }  # fmt: skip


@pytest.mark.parametrize("answer", [b"", b"{}", b"[1]", b"\xff"], ids=repr)
def test_a_door_that_answers_nonsense_offers_nothing(tmp_path: Path, answer: bytes) -> None:
    with serving(says(answer)) as server:
        env = {"ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        assert completed("bash", "estado incident show ", tmp_path, **env).strip() == ""
        assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["nobody", "not signed in", "no address"])
def test_a_door_that_cannot_be_asked_offers_nothing(tmp_path: Path, kind: str) -> None:
    env = {"ESTADO_URL": "http://127.0.0.1:1" if kind != "no address" else "x:y:z"}
    if kind != "not signed in":
        env["ESTADO_TOKEN"] = "estado_x"
    assert completed("bash", "estado incident show ", tmp_path, **env).strip() == ""


@pytest.mark.parametrize("content", [None, b"", b"no database at all", b"SQLite format 3\x00"])
def test_a_journal_that_is_none_offers_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "journal.db").write_bytes(content)
    line = f"estado incident show -d {tmp_path} "
    assert completed("bash", line, tmp_path).strip() == ""
    assert [path.name for path in tmp_path.iterdir()] == ([] if content is None else ["journal.db"])


def test_what_takes_longer_is_not_waited_for() -> None:
    never = threading.Event()

    def waits() -> Iterable[Offer]:
        never.wait(30)
        return [("late", "")]

    assert within(0.05, waits) == []
    never.set()


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(2), RecursionError()])
def test_what_fails_is_nothing(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> Iterable[Offer]:
        print("something")  # noqa: T201
        raise error

    assert within(30, fails) == []
    assert capsys.readouterr() == ("", "")

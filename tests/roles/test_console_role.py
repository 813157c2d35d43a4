"""The console role as a process of its own, on a data folder that a core has written."""

from __future__ import annotations

import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.domain.time.clock import read_clock
from monitor.roles.health import troubles
from monitor.runtime.system_clock import SystemClock
from tests.e2e.product import HOST, Product, product, until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Core, prober and console over a listener that accepts."""
    with socket.create_server((HOST, 0)) as target:
        checks = {"listener": f"{HOST}:{target.getsockname()[1]}"}
        with product(tmp_path_factory.mktemp("console"), checks) as made:
            for role in ("core", "prober", "console"):
                made.start(role)
            until(lambda: not console_troubles(made), within=60, what=made.tail())
            yield made


def console_troubles(made: Product) -> list[str]:
    return troubles(["console"], made.data, read_clock(SystemClock()))


def ask(
    made: Product, method: str, path: str, key: str = "", body: object = None
) -> tuple[int, Any]:
    """(status, JSON)."""
    asked = urllib.request.Request(
        f"http://{HOST}:{made.console_port}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    if not key:
        asked.remove_header("Authorization")
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def command(made: Product, *words: str) -> str:
    done = made.command(*words, "-c", str(made.config), "-d", str(made.data))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_answers_who_was_added_at_a_terminal(running: Product) -> None:
    password = command(running, "user", "add", "ana", "--role", "admin", "--generate")
    refused, problem = ask(running, "POST", "/session", body={"name": "ana", "password": "no"})
    assert (refused, problem["code"]) == (401, "signin.refused")
    status, session = ask(
        running, "POST", "/session", body={"name": "ana", "password": password.splitlines()[-1]}
    )
    assert status == 201, session
    key = session["key"]

    def is_up() -> bool:
        status, state = ask(running, "GET", "/state", key)
        assert status == 200, state
        (component,), (check,) = state["components"], state["checks"]
        (last,) = check["last"]
        return (component["status"], last["outcome"]) == ("up", "up")

    until(is_up, within=30, what=running.tail(), every=0.5)
    status, planned = ask(
        running, "POST", "/maintenance", key,
        {
            "title": {"es": "Prueba"}, "impact": {"es": "Nada."}, "components": ["listener"],
            "start": "2099-01-01T00:00:00Z", "end": "2099-01-01T01:00:00Z",
        },
    )  # fmt: skip
    assert (status, planned["code"]) == (422, "maintenance.too_far_ahead")
    status, log = ask(running, "GET", "/audit?kind=account.added", key)
    assert [(c["via"], c["subject"]) for c in log["changes"]] == [("shell", "ana")]
    assert (running.data / "console.key").stat().st_mode & 0o777 == 0o600


def test_its_health_is_what_its_journal_lets_it_do(running: Product) -> None:
    journal = running.data / "journal.db"
    assert console_troubles(running) == []
    aside = journal.rename(journal.with_name("aside.db"))
    try:
        (words,) = until(lambda: console_troubles(running), within=20, what=running.tail())
        assert "answers 503" in words
        status, problem = ask(running, "GET", "/state", "x" * 43)
        assert (status, problem["code"]) == (503, "journal.away")
    finally:
        aside.rename(journal)
    until(lambda: not console_troubles(running), within=20, what=running.tail())


def test_it_ends_quietly_when_it_is_told_to(running: Product) -> None:
    ended = running.roles.pop("console")
    ended.send_signal(signal.SIGTERM)
    try:
        assert ended.wait(20) == 0
        assert "Traceback" not in (running.folder / "console.log").read_text()
    finally:
        running.start("console")
    until(lambda: not console_troubles(running), within=30, what=running.tail())


def test_a_key_that_cannot_be_used_locks_out_nobody_without_a_second_factor(
    running: Product,
) -> None:
    password = command(running, "user", "add", "eva", "--role", "viewer", "--generate")
    running.kill("console")
    key = running.data / "console.key"
    kept = key.read_bytes()
    key.write_bytes(b"short")
    try:
        running.start("console")
        (words,) = until(lambda: console_troubles(running), within=30, what=running.tail())
        until(
            lambda: "holds 5 bytes" in " ".join(console_troubles(running)),
            within=30, what=running.tail(),
        )  # fmt: skip
        assert "answers 503" in words or "console" in words
        status, session = ask(
            running, "POST", "/session", body={"name": "eva", "password": password.splitlines()[-1]}
        )
        assert status == 201, session
        said = (running.folder / "console.log").read_text()
        assert f"operations.console.key_file: {key}: it holds 5 bytes, and a key has 32" in said
    finally:
        running.kill("console")
        key.write_bytes(kept)
        running.start("console")
    until(lambda: not console_troubles(running), within=30, what=running.tail())

"""T8 for the whole product: a full disk is told once, calls nothing down, and passes by itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.e2e.product import HOST, ROOT, Product, config_text, free_port, helper, until
from tests.support.patience import PATIENCE_S
from tests.support.require import require, require_server

pytestmark = pytest.mark.timeout(240)
SIZE = 24 << 20


def alerts(port: int) -> str:
    return f"""alerts:
  routes:
    - id: ops
      via: [{{id: hook, kind: webhook, settings: {{url: "http://{HOST}:{port}/"}}}}]
"""


@contextmanager
def product_on_a_small_disk(folder: Path, sink: int, target: int) -> Iterator[Product]:
    """`estado run` in a mount namespace of its own, its data on a file system of 24 MB."""
    unshare = require_server("unshare", "the product on a full disk")
    can = subprocess.run([unshare, "-m", "true"], capture_output=True, check=False)
    require(can.returncode == 0, "mount namespaces", "the product on a full disk")
    page, ops = free_port(), free_port()
    made = Product(folder=folder, config=folder / "services.yaml", page_port=page, ops_port=ops)
    checks = {"steady": f"{HOST}:{target}"}
    made.config.write_text(config_text(checks, extra=alerts(sink), page_port=page, ops_port=ops))
    made.data.mkdir()
    mounting = f'mount -t tmpfs -o size={SIZE} none {made.data} && exec "$@"'
    run = [sys.executable, "-m", "monitor.cli", "run", "-c", str(made.config), "-d", str(made.data)]
    with (folder / "run.log").open("wb") as log:
        running = subprocess.Popen(
            [str(unshare), "-m", "sh", "-c", mounting, "sh", *run],
            cwd=ROOT, env=os.environ, stdout=log, stderr=log,
        )  # fmt: skip
    made.roles["run"] = running
    try:
        yield made
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(40)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(PATIENCE_S)


def fill(path: Path) -> None:
    """Until not a byte more fits: what the product frees in between too."""
    with path.open("ab", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue


def notices(inbox: Path) -> list[str]:
    hooks = [json.loads(p.read_text()) for p in sorted(inbox.glob("*.json"))]
    bodies = [h["body"] if isinstance(h["body"], dict) else json.loads(h["body"]) for h in hooks]
    return [str(body.get("notice", body.get("kind"))) for body in bodies]


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """Every role stopped, so that what is copied is whole."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) >= 4
    for child in map(int, children):
        os.kill(child, signal.SIGSTOP)
    try:
        yield
    finally:
        for child in map(int, children):
            os.kill(child, signal.SIGCONT)


def copied(disk: Path, folder: Path) -> Path:
    """The log where SQLite can open it: it follows no link into another process's mounts."""
    outside = folder / "copy"
    outside.mkdir()
    for name in ("results.db", "journal.db", "store.db"):
        for file in (name, f"{name}-wal"):
            if (disk / file).exists():
                shutil.copy(disk / file, outside / file)
    return outside


def test_a_full_disk_is_told_once_and_calls_nothing_down(tmp_path: Path) -> None:
    sink, inbox = free_port(), tmp_path / "inbox"
    with (
        socket.create_server((HOST, 0), backlog=200) as target,
        helper(
            "monitor.demo.mailbox", "--folder", str(inbox),
            "--http-port", str(sink), "--smtp-port", str(free_port()),
        ),
        product_on_a_small_disk(tmp_path, sink, target.getsockname()[1]) as made,
    ):  # fmt: skip
        made.wait_ready(60)
        disk = Path(f"/proc/{made.roles['run'].pid}/root{made.data}")

        def told(what: str) -> bool:
            if what == "monitor.full":
                fill(disk / "ballast")
            return what in notices(inbox)

        until(lambda: told("monitor.full"), within=90, what=f"the alert {made.tail()}", every=1)
        assert made.page("/")[0] == 200
        (disk / "ballast").unlink()
        until(lambda: told("monitor.writes"), within=60, what=f"the end {made.tail()}", every=1)
        made.wait_ready(60)
        assert notices(inbox) == ["monitor.full", "monitor.writes"]
        assert made.api("incidents")["incidents"] == []
        with standing_still(made.roles["run"].pid):
            outside = copied(disk, tmp_path)
    assert "role.died" not in (tmp_path / "run.log").read_text()
    for name in ("results.db", "journal.db", "store.db"):
        with closing(sqlite3.connect(outside / name)) as kept:
            assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",), name
    with closing(sqlite3.connect(outside / "results.db")) as log:
        outcomes = {o for (o,) in log.execute("SELECT DISTINCT outcome FROM result")}
    assert outcomes == {"up"}

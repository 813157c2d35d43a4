"""A journal that is damaged, missing or replaced: no role writes to what it should not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.journal.access import migrate
from tests.e2e.product import ROOT, Product, product, until

pytestmark = pytest.mark.timeout(180)


def spoil(made: Product) -> bytes:
    journal = made.data / "journal.db"
    journal.write_bytes(os.urandom(max(8192, journal.stat().st_size)))
    for ending in ("-wal", "-shm"):
        journal.with_name(journal.name + ending).unlink(missing_ok=True)
    return journal.read_bytes()


def said(made: Product, role: str) -> str:
    return (made.folder / f"{role}.log").read_text()


def ended(made: Product, role: str) -> int:
    """The exit code, once it has ended by itself."""
    until(lambda: made.roles[role].poll() is not None, within=40, what=f"{role} ends")
    return made.roles.pop(role).wait(0)


def test_a_core_whose_journal_is_damaged_ends_with_the_command_and_touches_nothing(
    tmp_path: Path,
) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        made.kill("core")
        damaged = spoil(made)
        made.start("core")
        assert ended(made, "core") == 65
        assert (made.data / "journal.db").read_bytes() == damaged
        last = said(made, "core").splitlines()[-1]
        assert "file is not a database; recover it into a new file: estado journal recover" in last
        for role in ("page", "prober", "store"):
            assert made.roles[role].poll() is None, made.tail()
        assert made.page("/")[0] == 200


def test_the_supervisor_leaves_a_halted_core_until_it_is_called(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        made.stop_all()
        shutil.copy(made.data / "journal.db", tmp_path / "good.db")
        spoil(made)
        with (tmp_path / "run.log").open("wb") as log:
            running = subprocess.Popen(
                [
                    sys.executable, "-m", "monitor.roles.supervisor",
                    "--config", str(made.config), "--data-dir", str(made.data),
                ],
                cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            until(lambda: "role.halted" in said(made, "run"), within=40, what="the core is halted")
            until(lambda: made.page("/")[0] == 200, within=30, what="the page goes on")
            lines = said(made, "run").splitlines()
            of_core = [w for w in lines if "is not a database" in w and "console." not in w]
            assert len(of_core) == 1
            (tmp_path / "good.db").replace(made.data / "journal.db")
            running.send_signal(signal.SIGHUP)
            until(lambda: made.ops("/readyz")[0] == 200, within=40, what=said(made, "run"))
        finally:
            running.terminate()
            running.wait(40)


def test_a_missing_journal_beside_data_of_one_is_refused_unless_told(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        made.kill("core")
        (made.data / "journal.db").rename(tmp_path / "elsewhere.db")
        made.start("core")
        assert ended(made, "core") == 78
        assert not (made.data / "journal.db").exists()
        assert f"{made.data}/journal.db is missing or empty" in said(made, "core").splitlines()[-1]
        (made.data / "journal.db").write_bytes(b"")
        made.start("core")
        assert ended(made, "core") == 78
        told = subprocess.Popen(
            [
                sys.executable, "-m", "monitor.roles.core.role", "--config", str(made.config),
                "--data-dir", str(made.data), "--new",
            ],
            cwd=ROOT,
        )  # fmt: skip
        made.roles["core"] = told
        until(lambda: made.ops("/readyz")[0] == 200, within=40, what="a new journal")


def test_a_journal_that_is_moved_under_its_core_is_named_within_seconds(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        (made.data / "journal.db").rename(tmp_path / "elsewhere.db")
        assert ended(made, "core") == 1
        assert f"the journal {made.data}/journal.db was moved away" in said(made, "core")


def test_a_journal_that_is_overwritten_in_place_is_named_and_not_mixed(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    migrate(f"sqlite:///{other}", backup=False)
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        journal = made.data / "journal.db"
        shutil.copyfile(other, journal)
        assert ended(made, "core") == 1
        assert f"the journal {journal} was overwritten by another file" in said(made, "core")
        assert journal.read_bytes() == other.read_bytes()


def test_a_store_that_is_moved_under_its_role_is_named_within_seconds(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        book = made.data / "store.db"
        asked = ("health", "--role", "store", "-d", str(made.data))
        until(lambda: made.command(*asked).returncode == 0, within=30, what="the store works")
        book.rename(tmp_path / "elsewhere.db")
        assert ended(made, "store") == 1
        assert f"{book} was moved away while it was in use" in said(made, "store")

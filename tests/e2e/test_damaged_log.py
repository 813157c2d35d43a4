"""A result log that is damaged: the page never ends with it, and operators hear what was lost."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

from tests.e2e.product import Product, product, until

NOTICES = "SELECT kind, after FROM change WHERE kind = 'monitor.log_lost'"


def notices(made: Product) -> list[tuple[str, str]]:
    with sqlite3.connect(f"file:{made.data}/journal.db?mode=ro", uri=True) as journal:
        found = journal.execute(NOTICES).fetchall()
    journal.close()
    return found


def rows(made: Product) -> int:
    """How many looks the log in place has; 0 while it cannot be read."""
    try:
        with sqlite3.connect(f"file:{made.data}/results.db?mode=ro", uri=True) as log:
            (count,) = log.execute("SELECT count(*) FROM result").fetchone()
        log.close()
    except sqlite3.Error:
        return 0
    return int(count)


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(max(8192, path.stat().st_size)))
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)


def test_the_product_goes_on_in_a_new_log(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        until(lambda: rows(made) > 3, within=30, what="looks are logged")
        made.kill("prober")
        spoil(made.data / "results.db")
        made.start("prober")
        until(lambda: notices(made), within=30, what=f"the loss is told; {made.tail()}")
        until(lambda: rows(made) > 3, within=30, what="looks are logged in the new log")
        assert list(made.data.glob("results-damaged-*.db"))
        for role in ("page", "core", "prober", "store"):
            assert made.roles[role].poll() is None, made.tail()
        assert made.page("/api/v2/status.json")[0] == 200
        until(lambda: made.ops("/readyz")[0] == 200, within=30, what="ready again")


def test_what_the_core_cannot_read_is_set_aside_by_a_prober_that_noticed_nothing(
    tmp_path: Path,
) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.start_all()
        made.wait_ready()
        made.signal("core", signal.SIGSTOP)
        (made.data / "core.log-damaged").write_text(
            str([*identity(made.data / "results.db")]), "utf-8"
        )
        until(
            lambda: list(made.data.glob("results-damaged-*.db")),
            within=30,
            what="the prober sets aside what it was told of",
        )
        made.signal("core", signal.SIGCONT)
        until(lambda: notices(made), within=30, what="the loss is told")


def identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino

"""`estado run` of an installation, from a folder far from the checkout, serves the page."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.e2e.product import HOST, config_text, fetch, free_port, until
from tests.packaging.installation import Installation, build_wheel, clean_environment, install
from tests.support.patience import PATIENCE_S

READY_S = 40


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("elsewhere")
    return install(build_wheel(folder / "dist"), folder)


@contextmanager
def started(installed: Installation, config: Path) -> Iterator[None]:
    """The product as a user starts it; interrupted, as by Ctrl-C, at the end."""
    command = installed.command("run", "--config", str(config), "--data-dir", "data")
    with (installed.folder / "run.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=installed.folder, env=clean_environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(PATIENCE_S)


def test_it_finds_its_default_configuration(installed: Installation) -> None:
    program = "from monitor.roles.settings import default_config as d; print(d())"
    default = Path(installed.python(program).strip())
    assert default.is_relative_to(installed.environment)
    assert "components" in installed.estado("config", "check", str(default))


def test_it_migrates_probes_and_serves_the_page_with_its_style(installed: Installation) -> None:
    page_port, ops_port = free_port(), free_port()
    config = installed.folder / "mine.yaml"
    with socket.create_server((HOST, 0)) as target:
        checks = {"listener": f"{HOST}:{target.getsockname()[1]}"}
        config.write_text(config_text(checks, page_port=page_port, ops_port=ops_port), "utf-8")
        with started(installed, config):
            home = until(
                lambda: served(f"http://{HOST}:{page_port}/es/"),
                within=READY_S,
                what=(installed.folder / "run.log").read_text("utf-8"),
            )
            style = re.search(r'href="(/static/page\.[0-9a-f]+\.css)"', home)
            assert style
            assert served(f"http://{HOST}:{page_port}{style[1]}")
    assert "Estado del Servicio" in home
    assert revision(installed.folder / "data" / "journal.db")


def served(url: str) -> str:
    status, body = fetch(url, {})
    return body if status == 200 else ""


def revision(journal: Path) -> str:
    """What alembic stamped, that is, which of the installed migrations ran."""
    with closing(sqlite3.connect(journal)) as database:
        (found,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)

"""`estado health`, asked of the running product and of what is left of it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.roles.health import QUIET_S, ROLES, troubles
from monitor.runtime.system_clock import SystemClock
from tests.e2e.product import HOST, Product, product, until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """All five roles over a listener; ready."""
    with socket.create_server((HOST, 0)) as target:
        checks = {"listener": f"{HOST}:{target.getsockname()[1]}"}
        with product(tmp_path_factory.mktemp("health"), checks) as made:
            made.start_all()
            made.wait_ready()
            until(lambda: not found(made, "store", "console"), within=20, what=made.tail())
            yield made


def found(made: Product, *roles: str, later: int = 0) -> list[str]:
    now = read_clock(SystemClock())
    return troubles(roles, made.data, replace(now, at=Second(now.at + later)))


def test_it_finds_nothing_wrong_with_what_works(running: Product) -> None:
    assert found(running, *ROLES) == []


def test_it_notices_roles_that_write_nothing_any_more(running: Product) -> None:
    later = found(running, *ROLES, later=QUIET_S + 10)
    assert [words.partition(":")[0] for words in later] == ["prober", "store"]


def test_a_clock_set_back_hides_no_role_that_writes_nothing_any_more(running: Product) -> None:
    now = read_clock(SystemClock())
    back = replace(now, at=Second(now.at - 3_600))
    assert troubles(ROLES, running.data, back) == []
    later = troubles(ROLES, running.data, replace(back, boottime=back.boottime + QUIET_S + 10))
    assert [words.partition(":")[0] for words in later] == ["prober", "store"]
    of_no_known_age = troubles(("prober",), running.data, replace(back, boot_id="another"))
    assert of_no_known_age == [
        "prober: the clock says that its last figures are still to come: it was set back"
    ]


def test_it_calls_a_page_well_that_has_lost_its_core(running: Product) -> None:
    running.kill("core")
    try:
        (words,) = found(running, "core", "page")
        assert words.startswith("core: ")
        assert "does not answer" in words
    finally:
        running.start("core")
        running.wait_ready()


def test_it_notices_a_page_that_is_gone(running: Product) -> None:
    running.kill("page")
    try:
        (words,) = found(running, *ROLES)
        assert words.startswith("page: ")
    finally:
        running.start("page")
        running.wait_ready()


def test_it_notices_a_console_that_is_gone(running: Product) -> None:
    running.kill("console")
    try:
        (words,) = found(running, *ROLES)
        assert words.startswith("console: ")
    finally:
        running.start("console")
        until(lambda: not found(running, "console"), within=20, what=running.tail())


def test_it_says_so_to_an_engine_by_its_exit(running: Product) -> None:
    command = [sys.executable, "-m", "monitor.roles.health", "--data-dir", str(running.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "well\n")


def test_it_finds_all_roles_wanting_where_nothing_ever_ran(tmp_path: Path) -> None:
    done = CliRunner().invoke(build_app(), ["health", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    *found, advice = done.output.splitlines()
    # Where nobody may subscribe there is nothing to do for the role that tells subscribers.
    wanted = [role for role in ROLES if role != "subscribers"]
    assert [line.partition(":")[0] for line in found] == wanted
    assert advice == f"nothing has run in {tmp_path}: name the product's folder with -d"
    assert list(tmp_path.iterdir()) == []


def test_it_loads_little_for_it_is_asked_again_and_again() -> None:
    program = "import sys, monitor.roles.health; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlalchemy", "aiohttp", "pydantic", "typer", "jinja2"} & set(loaded) == set()

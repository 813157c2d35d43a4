"""The last lines of a run name each missing server and what it leaves untested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
import pytest
from tests.support.require import require_server

@pytest.fixture(params=["SMTP", "SMTP over TLS"])
def server(request):
    return require_server("no-such-postfix", request.param)

def test_first(server): ...
def test_second(server): ...
def test_third(): pytest.skip("too slow")
"""


def run_suite(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_suite.py").write_text(SUITE, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra\n", "utf-8")
    command = [sys.executable, "-m", "pytest"]
    command += ["-p", "xdist.plugin", "-p", "tests.conftest", "-n", "2", "."]
    # The other plugins would cost each of three processes two seconds of CPU.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "ESTADO_REQ"))}
    return subprocess.run(
        command,
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_so_once_a_server_across_workers(tmp_path: Path) -> None:
    done = run_suite(tmp_path)
    assert done.returncode == 0
    named, closing = done.stdout.splitlines()[-2:]
    assert named == "no-such-postfix: leaves untested SMTP, SMTP over TLS"
    assert "5 skipped" in closing
    assert "1 × too slow" in done.stdout


def test_it_fails_where_all_servers_are_required(tmp_path: Path) -> None:
    done = run_suite(tmp_path, ESTADO_REQUIRE="all")
    assert done.returncode == 1
    assert "missing: no-such-postfix; untested: SMTP (ESTADO_REQUIRE=all)" in done.stdout

"""A start that cannot be: one sentence and an exit code, as whoever types the command sees it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.roles.supervisor import role_module
from tests.e2e.product import ROOT, Product, product

NOBODY = 65_534
# Sends SIGINT to itself at a moment of the start that a person may well hit.
AT_IMPORT = """
import os, signal, sys
class Finger:
    def find_spec(self, name, *_):
        if name == "monitor.roles.supervisor":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finger())
from monitor.cli import main
main()
"""
AT_EXEC = """
import os, signal
real = os.execv
def pressed(*argv):
    os.kill(os.getpid(), signal.SIGINT)
    real(*argv)
os.execv = pressed
from monitor.cli import main
main()
"""
# Drops to a user who may not even read the interpreter: what is needed is imported before.
AS_NOBODY = f"""
import os
from monitor.cli import build_app
app = build_app()
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
app()
"""


def start(
    made: Product, *, code: str = "", config: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`estado run`, which must end by itself."""
    run = ["-c", code] if code else ["-m", "monitor.cli"]
    return subprocess.run(
        [
            sys.executable, *run, "run", "--config", str(config or made.config),
            "--data-dir", str(made.data),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=45, check=False,
    )  # fmt: skip


def words(ended: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.stdout == ""
    return ended.stderr.splitlines()


def test_a_port_of_somebody_else_ends_the_start_before_its_address_is_told(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        for port in (made.page_port, made.ops_port):
            with socket.create_server(("127.0.0.1", port)):
                ended = start(made)
            assert ended.returncode == 1
            (said,) = words(ended)
            assert f"127.0.0.1:{port}: Address already in use" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's folder is made by root alone")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    for above in (tmp_path, *tmp_path.parents[:3]):
        above.chmod(0o755)
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        made.data.mkdir(mode=0o555)
        ended = start(made, code=AS_NOBODY)
    assert ended.returncode == 78
    (said,) = words(ended)
    assert said == (
        f"the data folder {made.data} cannot be written: it belongs to user 0, and this is user "
        f"{NOBODY}"
    )


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_is_no_configuration(tmp_path: Path, kind: str) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.mkdir() if kind == "folder" else os.mkfifo(wrong)
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        ended = start(made, config=wrong)
    assert ended.returncode == 2
    (said,) = words(ended)
    assert said.startswith(f"{wrong}: ")


def test_ctrl_c_while_commands_are_imported_ends_quietly(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        ended = start(made, code=AT_IMPORT)
    assert ended.returncode == -signal.SIGINT
    assert words(ended) == []


def test_ctrl_c_while_the_supervisor_is_being_started_is_heeded(tmp_path: Path) -> None:
    with product(tmp_path, {"web": "127.0.0.1:9"}) as made:
        ended = start(made, code=AT_EXEC)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("role", ["core", "prober", "page", "store", "console"])
def test_a_role_that_is_interrupted_while_it_is_born_says_nothing(
    tmp_path: Path, role: str
) -> None:
    """As the supervisor starts it: a terminal's Ctrl-C comes to all of them at once."""
    holding = (signal.SIGINT, signal.SIGTERM)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, holding)
    try:
        born = subprocess.Popen(
            [
                sys.executable, "-m", role_module(role), "--config", "none.yaml",
                "--data-dir", str(tmp_path),
            ],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
            # A shell that runs the tests in the background ignores it, and so would the role.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    born.send_signal(signal.SIGINT)
    _, said = born.communicate(timeout=45)
    assert (born.returncode, said) == (-signal.SIGINT, "")

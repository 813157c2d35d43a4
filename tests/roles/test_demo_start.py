"""`estado demo start` where it cannot be: one sentence, and nothing touched."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.demo.remote import ServersError
from monitor.demo.run import run_demo
from monitor.demo.scenario import HOST, PORTS
from monitor.demo.servers_process import SOCKET
from tests.support.patience import PATIENCE_S


@contextmanager
def stage_in(folder: Path) -> Iterator[None]:
    """What a running demonstration answers on its socket, once."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / SOCKET))
        listener.listen()
        thread = threading.Thread(target=_answer, args=(listener,), daemon=True)
        thread.start()
        yield
        thread.join(PATIENCE_S)


def _answer(listener: socket.socket) -> None:
    wire, _ = listener.accept()
    with wire:
        wire.makefile("rb").readline()
        wire.sendall(json.dumps({"ok": True, "servers": {}}).encode() + b"\n")


def test_it_leaves_one_that_runs_already_as_it_is() -> None:
    with TemporaryDirectory(prefix="demo") as name, stage_in(folder := Path(name)):
        with pytest.raises(ServersError, match=r"is running in .* already; stop it"):
            run_demo(folder, 0)
        assert [path.name for path in folder.iterdir()] == [SOCKET]


def test_it_names_the_ports_that_others_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setitem(PORTS, "web", port)
        with pytest.raises(ServersError, match=rf"hold ports of the demonstration .*web {port}"):
            run_demo(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []

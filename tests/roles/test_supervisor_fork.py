"""A machine without room for one more process costs one role for a while, never the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog

from monitor.roles.supervisor import Supervisor

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_a_role_that_finds_no_process_is_tried_again_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def starting(argv: list[str], **_: Any) -> subprocess.Popen[bytes]:
        if "monitor.roles.prober.role" in argv:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        started.append(real(SLEEPER))
        return started[-1]

    monkeypatch.setattr("monitor.roles.supervisor.subprocess.Popen", starting)
    supervisor = Supervisor(tmp_path / "estado.yaml", tmp_path, roles=("core", "prober", "page"))
    supervisor._log = structlog.get_logger()
    try:
        assert supervisor._round() == 0
        assert len(started) == 2
    finally:
        supervisor._end()
    assert all(process.poll() is not None for process in started)

"""Checks a configuration that somebody sends in, in a process of its own that is always ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import structlog

from monitor.domain.refusals import Refused
from monitor.runtime.processes.process import ends_with_parent

MODULE = "monitor.roles.console.posted_process"
LIMIT_S = 120.0
"""What it may cost is bounded in itself (`CPU_S`), below everything else: on a busy machine seconds
of the clock say nothing of the text."""
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ")
"""Of the environment: what it takes to start, and no secret."""


class PostedChecks:
    """Implements `monitor.api.ports.PostedChecks`."""

    def __init__(self, argv: Sequence[str] = (), *, limit_s: float = LIMIT_S) -> None:
        """`argv` is the process; by default the product's own."""
        self._argv = argv or (sys.executable, "-m", MODULE)
        self._limit_s = limit_s

    def check(self, file: BinaryIO) -> Mapping[str, Any]:
        """Raises Refused where the process does not come to an end within its time and memory."""
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [*self._argv], input=file.read(), capture_output=True, timeout=self._limit_s,
                env=environment, check=True, start_new_session=True,
                preexec_fn=ends_with_parent(),
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise _unchecked(f"no end within {self._limit_s:g} s") from error
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise _unchecked(f"status {error.returncode}: {last[:200]}") from error
        found: Mapping[str, Any] = json.loads(done.stdout)
        return found


def _unchecked(why: str) -> Refused:
    structlog.get_logger().warning("api.configuration_unchecked", why=why)
    return Refused("configuration.unchecked")

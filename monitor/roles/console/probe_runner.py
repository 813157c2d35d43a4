"""Runs a check once in a process of its own, which is ended and reaped whatever it does."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.domain.refusals import Refused
from monitor.runtime.frozen_json import to_json
from monitor.runtime.processes.process import ends_with_parent

MODULE = "monitor.roles.prober.probe_process"
START_S = 15.0
"""How long it may take to begin and to say what it saw, besides the run itself."""
_LONGEST = 1_000_000


class ProbeProcesses:
    """Implements `monitor.api.ports.ProbeRunner`."""

    def __init__(self, argv: Sequence[str] = (), *, start_s: float = START_S) -> None:
        """`argv` is the process; by default the product's own."""
        self._argv = argv or (sys.executable, "-m", MODULE)
        self._start_s = start_s

    async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
        given = {
            "check": to_json(check),
            "timeout_s": timeout_s,
            "allow_private": list(catalogue.operations.allow_private),
            "resolver": to_json(catalogue.operations.resolver),
        }
        process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True,
            preexec_fn=ends_with_parent(),
        )  # fmt: skip
        limit_s = timeout_s + self._start_s
        try:
            async with asyncio.timeout(limit_s):
                said = await _talk(process, json.dumps(given).encode())
                status = await process.wait()
        except TimeoutError as error:
            raise Refused("probe.failed", why=f"it did not end within {limit_s:g} s") from error
        finally:
            await _reap(process)
        if status != 0:
            raise Refused("probe.failed", why=f"its process ended with {status}")
        return _read(said)


async def _talk(process: Process, given: bytes) -> bytes:
    """What it says; of endless talk no more than there may be."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process was started without pipes")
    process.stdin.write(given)
    process.stdin.close()
    said = bytearray()
    while len(said) <= _LONGEST and (found := await process.stdout.read(65_536)):
        said += found
    if len(said) > _LONGEST:
        raise Refused("probe.failed", why=f"it said more than {_LONGEST} bytes")
    return bytes(said)


async def _reap(process: Process) -> None:
    """Also where whoever waits for it is cancelled meanwhile: it is never left behind."""
    if process.returncode is None:
        process.kill()
        await asyncio.shield(process.wait())


def _read(said: bytes) -> Observation:
    try:
        found = json.loads(said)
        return Observation(
            outcome=Outcome(found["outcome"]),
            failure=None if found["failure"] is None else FailureId(found["failure"]),
            message=found["message"],
            phases_ms=found["phases_ms"],
            evidence=found["evidence"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("probe.failed", why="what it said is no observation") from error

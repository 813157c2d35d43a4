"""TCP targets that fall and rise by a script, in a process of their own.

`python -m tests.e2e.flapping SCRIPT.json` with `{"t0": wall, "targets": {port: [[fall, rise]]}}`,
seconds after `t0`; while that is null they all stand. A target that is down refuses: its listening
socket is closed. `SCRIPT.json.falls` says when each has fallen and risen so far, as `{port: [[fell,
rose]]}` by the wall clock. After SIGUSR1 none falls any more; once all are up, `SCRIPT.json.told`
says it for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
Fallen = dict[str, list[tuple[float, float]]]


def wall() -> float:
    return time.clock_gettime(time.CLOCK_REALTIME)


@dataclass(frozen=True, slots=True)
class Outage:
    fall: float
    rise: float


def seeded_outages(
    rng: random.Random, *, until: float, shortest: float, longest: float, rest: float
) -> list[Outage]:
    """Outages with quiet between them, the last one over before `until`."""
    out: list[Outage] = []
    at = rng.uniform(rest / 2, rest)
    while True:
        length = rng.uniform(shortest, longest)
        if at + length + rest / 2 > until:
            return out
        out.append(Outage(round(at, 2), round(at + length, 2)))
        at += length + rng.uniform(rest, 2 * rest)


def write_script(path: Path, t0: float | None, targets: dict[int, list[Outage]]) -> None:
    plan = {str(p): [[o.fall, o.rise] for o in outages] for p, outages in targets.items()}
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps({"t0": t0, "targets": plan}))
    aside.replace(path)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


async def _begun(path: Path) -> float:
    """The moment from which the script counts, once it is written."""
    while True:
        t0 = _read(path)["t0"]
        if t0 is not None:
            return float(t0)
        await asyncio.sleep(0.05)


async def _hold(
    port: int, path: Path, outages: list[list[float]], ending: asyncio.Event, fallen: Fallen
) -> None:
    """Until the script is over or `ending`, noting in `fallen`. It listens on afterwards."""
    listener = await _listen(port)
    t0 = await _begun(path)
    for fall, rise in outages:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), max(0.0, t0 + fall - wall()))
            break
        listener.close()
        fell = wall()
        await asyncio.sleep(max(0.0, t0 + rise - fell))
        listener = await _listen(port)
        fallen[str(port)].append((fell, wall()))
        _tell(falls_file(path), fallen)
    _kept.append(listener)


_kept: list[asyncio.Server] = []


async def _listen(port: int) -> asyncio.Server:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return await asyncio.start_server(greet, HOST, port, reuse_address=True)


async def _main(path: Path) -> None:
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, ending.set)
    targets = _read(path)["targets"]
    fallen: Fallen = {port: [] for port in targets}
    _tell(falls_file(path), fallen)
    await asyncio.gather(
        *(_hold(int(port), path, outages, ending, fallen) for port, outages in targets.items())
    )
    _tell(told_file(path), fallen)
    await asyncio.Event().wait()


def _tell(file: Path, fallen: Fallen) -> None:
    aside = file.with_name(f"{file.name}.aside")
    aside.write_text(json.dumps(fallen))
    aside.replace(file)


def falls_file(script: Path) -> Path:
    """Where it is said when each target has fallen so far."""
    return script.with_name(f"{script.name}.falls")


def told_file(script: Path) -> Path:
    """Where it is said when each target has fallen, once none falls any more."""
    return script.with_name(f"{script.name}.told")


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))

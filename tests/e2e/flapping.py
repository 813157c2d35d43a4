"""TCP targets that fall and rise by a script, in a process of their own.

`python -m tests.e2e.flapping SCRIPT.json` with `{"t0": wall, "targets": {port: [[fall, rise]]}}`,
seconds after `t0`. A target that is down refuses: its listening socket is closed.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


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


def write_script(path: Path, t0: float, targets: dict[int, list[Outage]]) -> None:
    plan = {str(p): [[o.fall, o.rise] for o in outages] for p, outages in targets.items()}
    path.write_text(json.dumps({"t0": t0, "targets": plan}))


async def _hold(port: int, t0: float, outages: list[list[float]]) -> None:
    listener = await _listen(port)
    for fall, rise in outages:
        await asyncio.sleep(max(0.0, t0 + fall - wall()))
        listener.close()
        await asyncio.sleep(max(0.0, t0 + rise - wall()))
        listener = await _listen(port)
    await asyncio.Event().wait()


async def _listen(port: int) -> asyncio.Server:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return await asyncio.start_server(greet, HOST, port, reuse_address=True)


async def _main(plan: dict[str, Any]) -> None:
    async with asyncio.TaskGroup() as group:
        for port, outages in plan["targets"].items():
            group.create_task(_hold(int(port), plan["t0"], outages))


if __name__ == "__main__":
    asyncio.run(_main(json.loads(Path(sys.argv[1]).read_text())))

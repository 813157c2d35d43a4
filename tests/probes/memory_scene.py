"""One look in a fresh process: prints its class and how far the peak of its memory rose.

`python -m tests.probes.memory_scene URL {} | '{"expect_body": "x"}'`, run by `test_memory.py`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys

from monitor.domain.checks.observation import Observation
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes.http import HttpProbe, HttpSpec
from tests.support.looks import run_check


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def see(url: str, settings: dict[str, object]) -> Observation:
    probe = HttpProbe(Transport(wall=SystemClock().wall))
    return await run_check(probe, HttpSpec(url=url, **settings), timeout_s=10)  # type: ignore[arg-type]


def main() -> None:
    url, settings = sys.argv[1], json.loads(sys.argv[2])
    asyncio.run(see("http://127.0.0.1:1/", {}))
    before = peak_kib()
    seen = asyncio.run(see(url, settings))
    json.dump([seen.failure, (peak_kib() - before) // 1024], sys.stdout)


if __name__ == "__main__":
    main()

"""One run of one check in a process of its own: for whoever asks for it over the network.

Standard input has the check and what the prober would use beside it, standard output gets what was
seen, both as JSON. Secrets are resolved here and nowhere before. The process bounds itself in
memory and processor time; whoever started it bounds how long it may take.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from monitor.catalogues.form import check_of
from monitor.domain.catalogue import Check, OwnResolver
from monitor.domain.checks.observation import Observation
from monitor.net.address_guard import Guard
from monitor.net.resolve.resolver import Resolver
from monitor.net.transport import Transport
from monitor.registry import Lazy
from monitor.runtime.frozen_json import from_json
from monitor.runtime.plain_logs import configure_plain_logs
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import UnusableProbe, run_check
from probes.registry import PROBES

_BOUNDS = {
    resource.RLIMIT_AS: 512 * 1_024 * 1_024,
    resource.RLIMIT_CPU: 60,
    resource.RLIMIT_CORE: 0,
}
"""Bytes of address space, of which a probe takes a tenth; seconds of processor time."""
_SPECS: Mapping[str, type[Any]] = Lazy(PROBES, lambda kind: kind.spec)


def main() -> int:
    _bound()
    configure_plain_logs("probe")
    given = json.load(sys.stdin)
    observation = asyncio.run(_seen(given))
    json.dump(_written(observation), sys.stdout, ensure_ascii=False)
    return 0


def _bound() -> None:
    """Where the system does not let it (a filter of calls), the unit's own limits remain, and the
    time that whoever started it allows."""
    for what, most in _BOUNDS.items():
        _, hard = resource.getrlimit(what)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError):
            resource.setrlimit(what, (wanted, wanted))


async def _seen(given: dict[str, Any]) -> Observation:
    check: Check = check_of(given["check"], _SPECS)
    transport = transport_of(given)
    probes = Lazy(PROBES, lambda kind: kind.build(transport), UnusableProbe)
    return await run_check(
        probes[check.kind], check.spec, timeout_s=given["timeout_s"], thresholds=check.thresholds
    )


def transport_of(given: dict[str, Any]) -> Transport:
    """As the prober's: its resolver, and the guard on."""
    resolver: OwnResolver = from_json(OwnResolver, given["resolver"])
    return Transport(
        wall=SystemClock().wall,
        resolver=Resolver(servers=resolver.servers),
        guard=Guard(given["allow_private"]),
    )


def _written(observation: Observation) -> dict[str, Any]:
    return {
        "outcome": str(observation.outcome),
        "failure": observation.failure,
        "message": observation.message,
        "phases_ms": dict(observation.phases_ms),
        "evidence": dict(observation.evidence),
    }


if __name__ == "__main__":
    raise SystemExit(main())

"""One check run on demand: a short process of its own, not the prober's work, not in the log."""

from __future__ import annotations

import asyncio
from typing import Any

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Transcript
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import run_check
from probes._kind import ProbeKind


def run_check_once(
    kind: ProbeKind, spec: Any, *, timeout_s: float, transcript: Transcript | None = None
) -> Observation:
    """What a probe of that kind sees now; `spec` is the kind's specification."""
    transport = Transport(wall=SystemClock().wall)
    probe = kind.build(transport)
    return asyncio.run(run_check(probe, spec, timeout_s=timeout_s, transcript=transcript))

"""A row of the table that a run prints, for each thing that real servers were seen to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.observation import Observation
from probes.registry import PROBES
from tests.probes.bench import Measured, measure

Record = Callable[[str, object], None]
TIMEOUT_S = 5.0


async def look_at(
    kind: str, port: int, settings: Mapping[str, Any], *, timeout_s: float = TIMEOUT_S
) -> Measured:
    """One look of the kind at a port of this machine; a `target` is given with `{port}` in it."""
    fields = dict(settings)
    target = str(fields.pop("target", "127.0.0.1:{port}")).format(port=port)
    fields = {**PROBES[kind].from_target(target), **fields}
    return await measure(kind, PROBES[kind].spec(**fields), timeout_s)


def judged(
    record: Record, kind: str, line: str, expected: str | None, measured: Measured
) -> Observation:
    """What was seen, once it has its row and is what was expected; `expected` is a class, None
    for up."""
    seen = measured.observation
    late = f"{measured.overrun_s * 1000:.0f}"
    row = [kind, line, expected or "up", str(seen.failure or seen.outcome), late]
    record("contract", row)
    assert seen.failure == expected, seen
    assert seen.failure is None or seen.failure in {one.id for one in PROBES[kind].failures}
    return seen

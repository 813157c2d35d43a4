"""Lines of the contract table for what real servers send: the input, what is right, what was seen.

A look judges as the software of the customer's visitor does: what that takes is up, what it cannot
use is not, whatever one sentence of a standard would allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.checks.observation import Observation
from probes.registry import PROBES
from tests.probes.bench import Measured, measure
from tests.support.contract_table import PROPERTY

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


def tell(
    record: Record,
    kind: str,
    line: str,
    expected: str | None,
    seen: Observation,
    *,
    late: str = "-",
) -> None:
    """Put the row in the table and hold the look to it; `expected` is a class, `None` is up."""
    record(PROPERTY, [kind, line, expected or "up", str(seen.failure or seen.outcome), late])
    assert seen.failure == expected, seen
    assert seen.failure is None or seen.failure in {one.id for one in PROBES[kind].failures}


def judged(
    record: Record, kind: str, line: str, expected: str | None, measured: Measured
) -> Observation:
    """What was seen, once it has its row, with how late it was in ms, and is what was expected."""
    seen = measured.observation
    tell(record, kind, line, expected, seen, late=f"{measured.overrun_s * 1000:.0f}")
    return seen

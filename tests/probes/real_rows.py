"""Lines of the contract table for what real servers send: the input, what is right, what was seen.

A look judges as the software of the customer's visitor does: what that takes is up, what it cannot
use is not, whatever one sentence of a standard would allow.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.domain.observation import Observation
from tests.support.contract_table import PROPERTY

Record = Callable[[str, object], None]


def tell(record: Record, kind: str, line: str, expected: str | None, seen: Observation) -> None:
    """Put the row in the table and hold the look to it; `None` is up."""
    record(PROPERTY, [kind, line, expected or "up", str(seen.failure or seen.outcome), "-"])
    assert seen.failure == expected, seen

"""What the first visitor after a start would else wait for."""

from __future__ import annotations

from monitor.api.ports import Backend
from monitor.api.present.moment import Present
from monitor.console.rendering import compile_templates

_WAIT_S = 30.0


def prepare(backend: Backend) -> None:
    """Compile the pages, and of a large company read the core's state and count the month's
    budgets, which are kept. Raises JournalError."""
    compile_templates()
    present = Present.read(backend)
    backend.budgets.read(backend, present.core, present.now, _WAIT_S)

"""Shows how a copy of the journal goes on: bars on a terminal, a line for each stage in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from monitor.journal.access import Copied, CopyStage, Watch

_DOING = {CopyStage.READ: "Reading", CopyStage.COPY: "Copying", CopyStage.VERIFY: "Verifying"}


class Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[CopyStage, TaskID] = {}

    def begins(self, stage: CopyStage, rows: int) -> None:
        self._tasks[stage] = self._progress.add_task(_DOING[stage], total=rows)

    def passes(self, stage: CopyStage, rows: int) -> None:
        self._progress.advance(self._tasks[stage], rows)


class Lines:
    def begins(self, stage: CopyStage, rows: int) -> None:
        sys.stderr.write(f"{_DOING[stage]} {rows} rows\n")

    def passes(self, stage: CopyStage, rows: int) -> None:
        """Only the beginning of a stage is written: a log needs no more."""


@contextmanager
def watching() -> Iterator[Watch]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)


def copy_report(done: Copied) -> str:
    """What was copied, and what a person does next."""
    lines = [f"Copied {done.rows} rows; counts and checksums are the same on both sides."]
    if done.before:
        lines.append(f"{done.before} of them were there from a run that was cut short.")
    if done.replaced:
        lines.append(f"{done.replaced} texts had a NUL, in whose place stands ␀ now.")
    lines.append("Next: set operations.journal to the new address, then start the product.")
    return "\n".join(lines)

"""What a core does whose journal is damaged: it says so, wakes the operators, and ends.

It never writes to such a journal and puts no other into its place: a person decides. Prober and
page go on. It wakes nobody twice for the same file, however often it is started.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

from monitor.adapters.clock import SystemClock
from monitor.bootstrap.dispatching import make_last_words
from monitor.bootstrap.settings import journal_told_file, typed_options
from monitor.domain.catalogue import Catalogue
from monitor.engine.distress import Distress, Trouble
from monitor.ports.journal import JournalDamaged

EXIT_DAMAGED = 65
"""EX_DATAERR: starting it again cannot help; the other roles go on."""
_PATIENCE_S = 120.0
_EVERY_S = 2.0


def end_for_damage(
    error: JournalDamaged, config: Path, data_dir: Path, catalogue: Catalogue
) -> int:
    """The exit code, after every route was told or did not take it for two minutes."""
    options = typed_options(config, data_dir)
    sys.stderr.write(f"{error}; recover it into a new file: estado journal recover{options}\n")
    file = _file_of(data_dir / "journal.db")
    if file != _told(data_dir):
        asyncio.run(_tell(make_last_words(catalogue, SystemClock(), options)))
        with suppress(OSError):
            journal_told_file(data_dir).write_text(json.dumps(file), "utf-8")
    return EXIT_DAMAGED


async def _tell(words: Distress) -> None:
    words.tell(Trouble.DAMAGED)
    until = words.clock.monotonic() + _PATIENCE_S
    while words.is_owing and words.clock.monotonic() < until:
        await words.deliver()
        if words.is_owing:
            await asyncio.sleep(_EVERY_S)


def _told(data_dir: Path) -> list[int] | None:
    with suppress(OSError, ValueError):
        found: list[int] = json.loads(journal_told_file(data_dir).read_text("utf-8"))
        return found
    return None


def _file_of(journal: Path) -> list[int]:
    """Which file it is: one that was put into its place is told of anew."""
    with suppress(OSError):
        found = journal.stat()
        return [found.st_dev, found.st_ino]
    return []

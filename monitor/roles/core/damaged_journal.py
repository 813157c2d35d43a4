"""What a core does whose journal is damaged: it says so, wakes the operators, and ends.

It never writes to such a journal and puts no other into its place: a person decides. Prober and
page go on. No route hears twice of the same file, however often the core is started; and it does
not end before each has heard, for then nobody would start it again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.alerting.direct_alerts import DirectAlerts
from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.journal.ports import JournalDamaged
from monitor.roles.core.dispatching import make_last_words
from monitor.roles.settings import journal_reported_file, typed_options
from monitor.runtime.system_clock import SystemClock

EXIT_DAMAGED = 65
"""EX_DATAERR: starting it again cannot help; the other roles go on."""
_SOON_S = 120.0
_EVERY_S = 2.0
_LATER_EVERY_S = 60.0
"""A network that is not up yet comes within minutes; a password that is wrong waits for a person,
and a server that is asked too often bans us."""


@dataclass(frozen=True, slots=True)
class _Reported:
    """Which file, and which routes have heard of it."""

    file: list[int]
    routes: frozenset[str]


def end_for_damage(
    error: JournalDamaged, config: Path, data_dir: Path, catalogue: Catalogue
) -> int:
    """The exit code, once every route was told, or another file is in the journal's place."""
    options = typed_options(config, data_dir)
    sys.stderr.write(f"{error}; recover it into a new file: estado journal recover{options}\n")
    file, told = _file_of(data_dir), _told(data_dir)
    known = told.routes if told is not None and told.file == file else frozenset()
    words = make_last_words(catalogue, SystemClock(), options)
    words.report(SystemAlert.JOURNAL_DAMAGED, but=known)
    asyncio.run(_deliver(words, data_dir, file))
    return EXIT_DAMAGED


def forget_damage(data_dir: Path) -> None:
    """The journal is whole. Should the same file be damaged again, that is told again."""
    with suppress(OSError):
        journal_reported_file(data_dir).unlink(missing_ok=True)


async def _deliver(words: DirectAlerts, data_dir: Path, file: list[int]) -> None:
    began = words.clock.monotonic()
    while words.is_owing and _file_of(data_dir) == file:
        before = words.reported_routes
        await words.deliver()
        if words.reported_routes != before:
            _keep_told(data_dir, _Reported(file, words.reported_routes))
        if words.is_owing:
            is_late = words.clock.monotonic() - began >= _SOON_S
            await asyncio.sleep(_LATER_EVERY_S if is_late else _EVERY_S)


def _keep_told(data_dir: Path, told: _Reported) -> None:
    path = journal_reported_file(data_dir)
    aside = path.with_name(f"{path.name}.new")
    # A disk that is full as well: whoever starts it again is told again.
    with suppress(OSError):
        aside.write_text(json.dumps({"file": told.file, "routes": sorted(told.routes)}), "utf-8")
        aside.replace(path)


def _told(data_dir: Path) -> _Reported | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(journal_reported_file(data_dir).read_text("utf-8"))
        # The version before wrote a list, whatever had come of the telling: that says nothing.
        return _Reported(kept["file"], frozenset(kept["routes"]))
    return None


def _file_of(data_dir: Path) -> list[int]:
    """Which file it is: one that was put into its place is told of anew."""
    with suppress(OSError):
        found = (data_dir / "journal.db").stat()
        return [found.st_dev, found.st_ino]
    return []

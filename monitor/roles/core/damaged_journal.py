"""What a core does whose journal is damaged: it says so, alerts the operators, and ends.

It never writes to such a journal and puts no other into its place: a person decides. Prober and
page go on. No route is alerted twice of the same file, however often the core is started. The core
does not end before every route has been alerted, for once it has ended nobody starts it again.
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
from monitor.roles.core.dispatching import make_damage_alerts
from monitor.roles.exit_codes import EXIT_DAMAGED
from monitor.roles.settings import journal_reported_file, typed_options
from monitor.runtime.system_clock import SystemClock

_OFTEN_FOR_S = 120.0
_OFTEN_EVERY_S = 2.0
_LATER_EVERY_S = 60.0
"""A network that is not up yet comes within minutes. A wrong password waits for a person, and a
server that is tried too often bans us."""


@dataclass(frozen=True, slots=True)
class _Reported:
    """Which file, and which routes were alerted of it."""

    file: list[int]
    routes: frozenset[str]


def end_for_damage(
    error: JournalDamaged, config: Path, data_dir: Path, catalogue: Catalogue
) -> int:
    """The exit code, once every route was alerted, or another file is in the journal's place."""
    options = typed_options(config, data_dir)
    sys.stderr.write(f"{error}; recover it into a new file: estado journal recover{options}\n")
    file, reported = _file_of(data_dir), _read_reported(data_dir)
    known = reported.routes if reported is not None and reported.file == file else frozenset()
    alerts = make_damage_alerts(catalogue, SystemClock(), options)
    alerts.report(SystemAlert.JOURNAL_DAMAGED, but=known)
    asyncio.run(_deliver(alerts, data_dir, file))
    return EXIT_DAMAGED


def forget_damage(data_dir: Path) -> None:
    """The journal is whole. If the same file is damaged again, that is reported again."""
    with suppress(OSError):
        journal_reported_file(data_dir).unlink(missing_ok=True)


async def _deliver(alerts: DirectAlerts, data_dir: Path, file: list[int]) -> None:
    began = alerts.clock.monotonic()
    while alerts.has_pending and _file_of(data_dir) == file:
        before = alerts.reported_routes
        await alerts.deliver()
        if alerts.reported_routes != before:
            _write_reported(data_dir, _Reported(file, alerts.reported_routes))
        if alerts.has_pending:
            is_late = alerts.clock.monotonic() - began >= _OFTEN_FOR_S
            await asyncio.sleep(_LATER_EVERY_S if is_late else _OFTEN_EVERY_S)


def _write_reported(data_dir: Path, reported: _Reported) -> None:
    path = journal_reported_file(data_dir)
    aside = path.with_name(f"{path.name}.new")
    # Where the disk is full as well, the next start reports it again.
    with suppress(OSError):
        aside.write_text(
            json.dumps({"file": reported.file, "routes": sorted(reported.routes)}), "utf-8"
        )
        aside.replace(path)


def _read_reported(data_dir: Path) -> _Reported | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        written = json.loads(journal_reported_file(data_dir).read_text("utf-8"))
        # The version before wrote a list, whether or not an alert was delivered: it proves nothing.
        return _Reported(written["file"], frozenset(written["routes"]))
    return None


def _file_of(data_dir: Path) -> list[int]:
    """Which file it is: one that was put into its place is reported anew."""
    with suppress(OSError):
        found = (data_dir / "journal.db").stat()
        return [found.st_dev, found.st_ino]
    return []

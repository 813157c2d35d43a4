"""The process of the core role: the journal is opened and held, then one core runs on it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

import structlog

from credits.journal import BillingJournal
from monitor.config import ConfigErrors
from monitor.domain.secret import SecretMissing
from monitor.journal.access import SqlJournal, open_journal, open_lease
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import Deposed, JournalBusy, JournalDamaged, JournalError
from monitor.roles.core.configuration import Configuration
from monitor.roles.core.core_role import CoreRole, error_text
from monitor.roles.core.damaged_journal import end_for_damage
from monitor.roles.core.dispatching import make_damage_alerts
from monitor.roles.core.held_journal import HeldJournal
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.journal import has_journal, prepare_journal, revealed_url
from monitor.roles.log_damage import report_damage
from monitor.roles.preflight import Unusable
from monitor.roles.settings import (
    catalogue_file,
    core_pid_file,
    journal_held_file,
    journal_url,
    started_config_file,
    typed_options,
)
from monitor.roles.starting import begin_role, role_parser
from monitor.runtime.logs import configure_logs
from monitor.runtime.processes.process import block_interrupts
from monitor.runtime.system_clock import SystemClock

DEAD_AFTER_S = 40.0
"""After so long a database gives up a core whose machine vanished."""


def run_core(config: Path, data_dir: Path, *, is_new: bool = False) -> int:
    """Run one core in this process; the exit code. With `is_new` a journal may begin beside the
    data of another."""
    log = structlog.get_logger()
    try:
        configuration = Configuration.read(config, data_dir)
    except (ConfigErrors, OSError) as error:
        sys.stderr.write(f"{error_text(error)}\n")
        return EXIT_CANNOT_RUN
    try:
        _run_on_journal(configuration, data_dir, is_new=is_new)
    except JournalDamaged as error:
        return end_for_damage(error, config, data_dir, configuration.first)
    except JournalBusy as error:
        log.error("core.journal_busy", error=str(error))
        _wait_for_journal(configuration, config, data_dir)
        _restart_process()
    except (LeaseTaken, SecretMissing, ConfigErrors, Unusable) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT_RUN
    except sqlite3.Error as error:
        # The core is started again in a moment: by then the prober has set the log aside.
        report_damage(data_dir, error)
        log.error("core.log_unreadable", error=str(error))
        return 1
    except Deposed as error:
        log.error("core.deposed", error=str(error))
        return 1
    except JournalError as error:
        log.error("core.no_journal", error=str(error))
        return 1
    except OSError as error:
        log.error("core.cannot_write", error=error_text(error))
        return 1
    return 0


def _is_empty(journal: BillingJournal) -> bool:
    with journal.transaction() as tx:
        return tx.revisions.newest() == 0


def _no_journal(url: str, data_dir: Path) -> str:
    where = url.removeprefix("sqlite:///") if url.startswith("sqlite") else "the journal's database"
    return (
        f"{where} is missing or empty, and {data_dir} holds the data of one: put it back, or begin "
        "another from nothing: estado run --new"
    )


def _run_on_journal(configuration: Configuration, data_dir: Path, *, is_new: bool) -> None:
    """Until SIGTERM. Raises Unusable, or what opening and holding the journal does."""
    url = revealed_url(journal_url(data_dir, configuration.first.operations.journal_url))
    had_data = catalogue_file(data_dir).exists() and not is_new
    if had_data and not has_journal(url):
        raise Unusable(_no_journal(url, data_dir))
    if prepare_journal(url):
        _restart_process()
    lease = open_lease(url, patience_s=DEAD_AFTER_S)
    with lease as epoch, open_journal(url, epoch=epoch, lease=lease) as journal:
        if had_data and _is_empty(journal):
            raise Unusable(_no_journal(url, data_dir))
        configuration.begin(journal, SystemClock().now())
        core_pid_file(data_dir).write_text(f"{os.getpid()}\n")
        started_config_file(data_dir).write_text(f"{configuration.path.resolve()}\n", "utf-8")
        asyncio.run(_run(journal, configuration, data_dir, url))


def _wait_for_journal(configuration: Configuration, config: Path, data_dir: Path) -> None:
    """Another process holds the journal before this core has begun: tell who it is, and wait."""
    clock, catalogue = SystemClock(), configuration.first
    url = revealed_url(journal_url(data_dir, catalogue.operations.journal_url))
    held = HeldJournal(clock, url, journal_held_file(data_dir))
    alerts = make_damage_alerts(catalogue, clock, typed_options(config, data_dir))
    asyncio.run(held.wait(alerts))


def _restart_process() -> None:
    """Go on as the same process, without the 10 MiB that a migration of one second leaves in
    memory."""
    block_interrupts()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - as we were started


async def _run(journal: SqlJournal, configuration: Configuration, data_dir: Path, url: str) -> None:
    await CoreRole(journal, configuration, data_dir, url, journal, journal).run()


def main(argv: list[str] | None = None) -> int:
    parser = role_parser("core", needs_config=True)
    parser.add_argument("--new", action="store_true", help="begin a journal beside older data")
    given = begin_role(parser, argv, lambda: configure_logs("core"))
    return run_core(given.config, given.data_dir, is_new=given.new)


if __name__ == "__main__":
    raise SystemExit(main())

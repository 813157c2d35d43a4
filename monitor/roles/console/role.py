"""The console role: it answers people with accounts and programs with tokens.

It decides nothing by itself: each request is a use case on the journal, beside the core. It may be
killed or left out; the other roles do not notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from functools import partial
from pathlib import Path

import structlog

from monitor.accounts.ports import Sealer
from monitor.accounts.secrets import (
    Argon2Passwords,
    KeyFileSealer,
    LockedSealer,
    PassingSealer,
    SystemRandomness,
    TotpSecondFactor,
)
from monitor.accounts.sign_in.refused_tries import EVERY_S
from monitor.accounts.sign_in.throttle import Throttle
from monitor.api.events.cursors import SealedCursors
from monitor.api.events.feed import EventFeed
from monitor.api.ports import Backend
from monitor.api.probing import ProbePermits
from monitor.api.shared_reading import SharedReading
from monitor.catalogues.in_force import Catalogues
from monitor.console.preparation import prepare
from monitor.domain.text import DEFAULT_LOCALE
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.handler import QueryHandler
from monitor.journal.ports import JournalError
from monitor.roles.catalogues.followed import FollowedCatalogues
from monitor.roles.console.history import ConsoleHistory
from monitor.roles.console.journal import (
    JournalAddress,
    JournalCatalogues,
    ReadingJournal,
    WritingJournal,
)
from monitor.roles.console.last_results import LogTail
from monitor.roles.console.machine_watch import MachineWatch
from monitor.roles.console.posted_checks import PostedChecks
from monitor.roles.console.probe_runner import ProbeProcesses
from monitor.roles.console.server import ConsoleServer
from monitor.roles.registries import all_failures
from monitor.roles.settings import catalogue_file, console_key_file, log_file, started_config_file
from monitor.roles.starting import begin_role, role_parser, wait_for_catalogues
from monitor.runtime.logs import configure_logs
from monitor.runtime.processes.process import tune_gc
from monitor.runtime.system_clock import SystemClock
from monitor.runtime.tasks import until_one_ends

WATCH_EVERY_S = 2.0
FORGET_EVERY_S = 3_600.0


class ConsoleRole:
    """Serves the API by the configuration in force."""

    def __init__(
        self, data_dir: Path, catalogues: Catalogues, sealer: Sealer, key_fault: str = ""
    ) -> None:
        """`key_fault`: why the sealer's key cannot be used, for the role's health."""
        self._clock = SystemClock()
        self._followed = FollowedCatalogues(catalogue_file(data_dir), catalogues, self._clock)
        self._stop = asyncio.Event()
        self._log = structlog.get_logger()
        address = JournalAddress(data_dir, lambda: self._followed.in_force.operations.journal_url)
        self._machine = MachineWatch(
            data_dir, lambda: self._followed.in_force.operations, address, self._clock
        )
        self._history = ConsoleHistory(data_dir, self._followed, self._clock)
        cursors = SealedCursors(PassingSealer() if key_fault else sealer)
        self._backend = self._make_backend(data_dir, address, sealer, cursors)
        self._server = ConsoleServer(
            self._backend,
            lambda: self._followed.in_force.operations.console,
            key_fault,
            lambda: self._followed.in_force.operations.allow_private,
        )

    def _make_backend(
        self, data_dir: Path, address: JournalAddress, sealer: Sealer, cursors: SealedCursors
    ) -> Backend:
        name = self._followed.in_force.page.name.in_locale(DEFAULT_LOCALE)
        reading = SharedReading(ReadingJournal(address))
        source = JournalCatalogues(reading)
        return Backend(
            source=source,
            reading=reading,
            writing=WritingJournal(address),
            last_results=LogTail(log_file(data_dir)),
            clock=self._clock,
            passwords=Argon2Passwords(),
            second_factor=TotpSecondFactor(name),
            sealer=sealer,
            randomness=SystemRandomness(),
            throttle=Throttle(),
            failures=all_failures(),
            machine=self._machine.seen,
            history=QueryHandler(source=self._history, clock=self._clock, limit=ConcurrencyLimit()),
            posted_checks=PostedChecks(),
            config_file=partial(_started_with, data_dir),
            events=EventFeed(reading, source.catalogues, self._clock),
            probe_runner=ProbeProcesses(),
            probe_permits=ProbePermits(self._clock),
            cursors=cursors,
        )

    async def run(self) -> None:
        """Until SIGTERM."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        await until_one_ends(
            server=self._server.run(),
            prepared=self._prepare(),
            watch=self._follow(),
            machine=self._machine.run(),
            history=self._history.run(),
            sessions=self._forget_sessions(),
            refused=self._tell_refused_tries(),
            stop=self._stop.wait(),
        )

    async def _prepare(self) -> None:
        """Make beforehand what the first who asks would wait for; it goes on beside the answers.
        Never ends, as its neighbours."""
        try:
            await asyncio.to_thread(prepare, self._backend)
        except JournalError as error:
            self._log.error("console.journal_away", error=str(error))
        await asyncio.Event().wait()

    async def _forget_sessions(self) -> None:
        """Those that are over open nothing; their rows are dropped."""
        while True:
            await asyncio.sleep(FORGET_EVERY_S)
            try:
                await asyncio.to_thread(self._forget_now)
            except JournalError as error:
                self._log.error("console.journal_away", error=str(error))

    async def _tell_refused_tries(self) -> None:
        """Those of a flood that are not written one by one; also once it is over."""
        while True:
            await asyncio.sleep(EVERY_S)
            if not self._backend.refused_tries.is_due(self._clock.monotonic()):
                continue
            try:
                await asyncio.to_thread(self._tell_now)
            except JournalError as error:
                self._log.error("console.journal_away", error=str(error))

    def _tell_now(self) -> None:
        with self._backend.writing.transaction() as tx:
            now, moment = self._clock.now(), self._clock.monotonic()
            self._backend.refused_tries.write(tx, now, moment)

    def _forget_now(self) -> None:
        with self._backend.writing.transaction() as tx:
            tx.accounts.forget_sessions(self._clock.now())

    async def _follow(self) -> None:
        tuned: object = None
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            self._followed.look()
            # Of thousands of checks, a walk through what stays holds each request for a quarter
            # of a second.
            lasting = (self._followed.catalogues, self._backend.core_states.kept_wholes)
            if lasting != tuned:
                tune_gc()
                tuned = lasting


def main(argv: list[str] | None = None) -> int:
    given = begin_role(role_parser("console"), argv, lambda: configure_logs("console"))
    catalogues = wait_for_catalogues(given.data_dir)
    sealer, key_fault = _sealer(given.data_dir, catalogues)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(ConsoleRole(given.data_dir, catalogues, sealer, key_fault).run())
    return 0


def _started_with(data_dir: Path) -> str | None:
    """Known where the core has this data folder too."""
    try:
        return started_config_file(data_dir).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _sealer(data_dir: Path, catalogues: Catalogues) -> tuple[Sealer, str]:
    """The sealer, and what is wrong with its key. A bad key ends nothing: the other roles and all
    who have no second factor do without it."""
    console = catalogues.present(SystemClock().now()).catalogue.operations.console
    path = console_key_file(data_dir, console.key_file)
    try:
        return KeyFileSealer(path), ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reason = f"operations.console.key_file: {path}: {why}"
        structlog.get_logger().error(
            "console.key_unusable", why=reason, meaning="nobody with a second factor can sign in",
            hint="put back the copy of the file; without one, move it away, and estado user reset",
        )  # fmt: skip
        return LockedSealer(reason), reason


if __name__ == "__main__":
    raise SystemExit(main())

"""The store role: it forwards what the log holds to the result store, and counts latencies.

It may be killed, stopped or cut off from its store for as long as the log keeps its rows; no other
role waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import structlog

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue
from monitor.domain.secret import SecretMissing
from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import PAUSE_S
from monitor.results.log.file import LogTaken, WriterLock
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.pruning_hold import QuietFile
from monitor.results.log.retention import Retention
from monitor.results.log.set_aside import file_id
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable
from monitor.roles.catalogues.followed import FollowedCatalogues
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.settings import catalogue_file, follower_file, log_file, quiet_file
from monitor.roles.starting import (
    begin_role,
    role_parser,
    wait_for_catalogues,
)
from monitor.roles.store.choice import Chosen, store_dependencies
from monitor.roles.store.filling import Source, paused_metrics, store_session
from monitor.roles.store.history_journal import HistoryJournal
from monitor.roles.store.history_server import HistoryServer
from monitor.runtime.logs import configure_logs
from monitor.runtime.system_clock import SystemClock
from monitor.runtime.tasks import until_one_ends

WATCH_EVERY_S = 2.0
_POLL_FILE_S = 0.1


class FollowerFileMoved(Exception):
    """The role's own file was moved or replaced under it; the message names it."""


class StoreRole:
    """Fills whichever store the configuration in force names, and answers for the history."""

    def __init__(self, data_dir: Path, catalogues: Catalogues) -> None:
        self._clock = SystemClock()
        self._data_dir = data_dir
        self._log = structlog.get_logger()
        self._followed = FollowedCatalogues(catalogue_file(data_dir), catalogues, self._clock)
        follower_state = FollowerState(follower_file(data_dir))
        self._source = Source(
            log=SqliteResultLookup(log_file(data_dir)),
            follower_state=follower_state,
            clock=self._clock,
            started_at=self._clock.now(),
            retention=Retention(
                self._clock, _last_report(follower_state), QuietFile(quiet_file(data_dir, "store"))
            ),
        )
        self._stop = asyncio.Event()
        self._last_bug = ""
        self._journal = HistoryJournal(
            data_dir, lambda: self._followed.in_force.operations.journal_url
        )
        self._history = HistoryServer(lambda: self._followed.catalogues, self._clock, self._journal)

    async def run(self) -> None:
        """Until SIGTERM, opening the store anew whenever the configuration names another."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        with contextlib.closing(self._journal):
            await until_one_ends(
                history=self._history.run(), stores=self._fill_each(), file=self._watch_file()
            )

    async def _watch_file(self) -> None:
        """Raises FollowerFileMoved: nobody would find what is written from then on."""
        path, opened = follower_file(self._data_dir), None
        while True:
            present = file_id(path)
            opened = opened or present
            if present != opened:
                done = "replaced by another file" if present else "moved away"
                raise FollowerFileMoved(f"{path} was {done} while it was in use")
            await asyncio.sleep(WATCH_EVERY_S if opened else _POLL_FILE_S)

    async def _fill_each(self) -> None:
        while not self._stop.is_set():
            catalogue = self._followed.in_force
            try:
                await self._fill(catalogue)
            except (StoreMisconfigured, StoreUnavailable, SecretMissing) as error:
                self._log.error("store.cannot_open", reason=str(error), hint="estado store doctor")
                await self._stand_by(catalogue, f"the store cannot be opened: {error}")
            except Exception as error:  # noqa: BLE001 - see below
                # A role that dies of a bug and is started anew, again and again, seems well in its
                # metrics. One that stands by says what is wrong.
                self._log.exception("store.broke")
                self._last_bug = f"the store role broke: {type(error).__name__}: {error}"
                await self._stand_by(catalogue, self._last_bug)

    async def _fill(self, catalogue: Catalogue) -> None:
        """Until stopped, or until another store is in force."""
        chosen = Chosen.of(catalogue)
        dependencies = store_dependencies(self._data_dir, catalogue, self._clock)
        async with store_session(
            self._source, chosen, catalogue, dependencies, self._last_bug
        ) as opened:
            self._history.open_on(opened.open_store())
            try:
                await until_one_ends(
                    watch=self._wait_for_another(catalogue),
                    stop=self._stop.wait(),
                    **opened.background_tasks(),
                )
            finally:
                self._last_bug = opened.last_bug
                self._history.close_on()

    async def _stand_by(self, catalogue: Catalogue, reason: str) -> None:
        """The store cannot even be opened, for example for want of a secret. Report it, and try
        again later."""
        self._history.close_on(reason)
        with contextlib.suppress(StoreUnavailable):
            await asyncio.to_thread(
                lambda: self._source.follower_state.note(
                    paused_metrics(self._source, catalogue, reason)
                )
            )
        self._followed.look()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), PAUSE_S)

    async def _wait_for_another(self, catalogue: Catalogue) -> None:
        """Until what is in force names another store, or other days."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            self._followed.look()
            now = self._followed.in_force
            if (now.store, now.zone, now.operations) != (
                catalogue.store, catalogue.zone, catalogue.operations,
            ):  # fmt: skip
                self._log.info("store.configuration_taken", kind=now.store.kind)
                return


def _last_report(follower_state: FollowerState) -> Second | None:
    """When the role before this one last reported its state."""
    try:
        metrics = follower_state.metrics()
    except StoreUnavailable:
        return None
    return metrics.at if metrics else None


def main(argv: list[str] | None = None) -> int:
    given = begin_role(role_parser("store"), argv, lambda: configure_logs("store"))
    catalogues = wait_for_catalogues(given.data_dir)
    try:
        lock = WriterLock(follower_file(given.data_dir))
    except LogTaken as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT_RUN
    except OSError as error:
        structlog.get_logger().error("store.cannot_write", error=str(error))
        return 1
    try:
        asyncio.run(StoreRole(given.data_dir, catalogues).run())
    except FollowerFileMoved as error:
        structlog.get_logger().error("store.book_moved", error=str(error))
        return 1
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

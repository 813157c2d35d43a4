"""The store role: what the log holds is carried to the result store, and latencies are counted.

It may be killed, stopped or cut off from its store for as long as the log keeps its rows; no other
role waits for it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from monitor.adapters.catalogue_file import CatalogueUnreadable, read_catalogues
from monitor.adapters.clock import SystemClock
from monitor.adapters.killpoints import reached
from monitor.adapters.result_log_file import LogTaken, WriterLock
from monitor.adapters.result_log_lookup import SqliteResultLookup
from monitor.adapters.storage.book import Book
from monitor.adapters.storage.kind import Surroundings
from monitor.adapters.storage.windows import Windows
from monitor.bootstrap.history_journal import HistoryJournal
from monitor.bootstrap.history_server import HistoryServer
from monitor.bootstrap.logs import configure_logs
from monitor.bootstrap.settings import book_file, catalogue_file, log_file
from monitor.bootstrap.store_choice import Chosen, surroundings
from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Second
from monitor.domain.secret import SecretMissing
from monitor.engine.catalogues import Catalogues
from monitor.engine.history import OpenStore
from monitor.engine.ship import PAUSE_S, Shipper
from monitor.engine.window_follower import EVERY_S, WindowFollower
from monitor.ports.store import ResultStore, StoreFigures, StoreMisconfigured, StoreUnavailable

WATCH_EVERY_S = 2.0
FIGURES_EVERY_S = 5.0
FORGET_EVERY_S = 6 * 3_600.0
STEADY_S = 60.0
"""So long without breaking again, and a bug counts as over."""
EXIT_CANNOT_RUN = 78
_LOOK_FOR_CATALOGUE = 0.2
_PUBLISH_AGAIN_S = 30.0
_APART_HOURS_KEPT, _APART_DAYS_KEPT = 4, 40
"""Days that hours and days stay here once a store elsewhere has them: late results reach back
72 hours at the most."""
_DAY = 86_400


class StoreRole:
    """One follower and what it needs, under one configuration of the store."""

    def __init__(self, data_dir: Path, catalogues: Catalogues) -> None:
        self._clock = SystemClock()
        self._data_dir = data_dir
        self._started_at = self._clock.now()
        self._log = structlog.get_logger()
        self._seen: tuple[int, int] | None = None
        self._catalogues = catalogues
        self._reader = SqliteResultLookup(log_file(data_dir))
        self._book = Book(book_file(data_dir))
        self._shipper: Shipper | None = None
        self._follower: WindowFollower | None = None
        self._stop = asyncio.Event()
        self._windows_until: Second | None = None
        self._began = self._clock.monotonic()
        self._broke = ""
        journal = HistoryJournal(data_dir, lambda: self._in_force().operations.journal_url)
        self._history = HistoryServer(lambda: self._catalogues, self._clock, journal)

    async def run(self) -> None:
        """Until SIGTERM, opening the store anew whenever the configuration names another."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        serving = asyncio.create_task(self._history.run(), name="history")
        try:
            await self._follow_each()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _follow_each(self) -> None:
        while not self._stop.is_set():
            catalogue = self._in_force()
            try:
                await self._follow(catalogue)
            except (StoreMisconfigured, StoreUnavailable, SecretMissing) as error:
                self._log.error("store.cannot_open", reason=str(error), hint="estado store doctor")
                await self._stand_by(catalogue, f"the store cannot be opened: {error}")
            except Exception as error:  # noqa: BLE001 - see below
                # A role that dies of a bug and is started anew, again and again, looks well to
                # whoever reads its figures: one that stands by says what is wrong.
                self._log.exception("store.broke")
                self._broke = f"the store role broke: {type(error).__name__}: {error}"
                await self._stand_by(catalogue, self._broke)

    async def _follow(self, catalogue: Catalogue) -> None:
        """Until stopped, or until another store is in force."""
        self._began = self._clock.monotonic()
        chosen = Chosen.of(catalogue)
        around = surroundings(self._data_dir, catalogue, self._clock)
        async with self._opened(chosen, around) as store:
            duties = [
                asyncio.create_task(self._ship(chosen), name="ship"),
                asyncio.create_task(self._count(chosen, store, catalogue), name="windows"),
                asyncio.create_task(self._report(chosen), name="figures"),
                asyncio.create_task(self._wait_for_another(catalogue), name="watch"),
                asyncio.create_task(self._stop.wait(), name="stop"),
            ]
            try:
                done, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for duty in duties:
                    duty.cancel()
                await asyncio.gather(*duties, return_exceptions=True)
            for duty in done:
                duty.result()

    async def _stand_by(self, catalogue: Catalogue, reason: str) -> None:
        """The store cannot even be opened, as for want of a secret: say so, and try again later."""
        self._history.close_on(reason)
        now = self._clock.now()
        figures = StoreFigures(
            at=now, started_at=self._started_at, kind=catalogue.store.kind, paused=reason
        )
        with contextlib.suppress(StoreUnavailable):
            await asyncio.to_thread(self._book.note, figures)
        self._look_at_file()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), PAUSE_S)

    @contextlib.asynccontextmanager
    async def _opened(self, chosen: Chosen, around: Surroundings) -> AsyncIterator[ResultStore]:
        windows = Windows(around.book_file, is_apart=chosen.kind.is_apart)
        if chosen.kind.is_apart:
            await asyncio.to_thread(windows.publish_all)
        self._follower = WindowFollower(
            log=self._reader, book=windows, positions=self._book, zone=around.zone
        )
        self._windows = windows
        try:
            async with chosen.kind.build(chosen.spec, around) as store:
                self._shipper = Shipper(
                    log=self._reader,
                    store=store,
                    positions=self._book,
                    clock=self._clock,
                    say=self._log.warning,
                    reached=reached,
                )
                self._history.open_on(self._answering(chosen, store, self._shipper))
                yield store
        finally:
            self._history.close_on()
            windows.close()

    def _answering(self, chosen: Chosen, store: ResultStore, shipper: Shipper) -> OpenStore:
        """For the history. The embedded store has what the log has."""
        is_apart, self._windows_until = chosen.kind.is_apart, None
        return OpenStore(
            kind=chosen.kind.name,
            store=store,
            results_until=lambda: shipper.carried_until if is_apart else self._clock.now(),
            windows_until=lambda: self._windows_until if is_apart else self._clock.now(),
        )

    async def _ship(self, chosen: Chosen) -> None:
        """Carry results for as long as the store is open; the embedded one has them already."""
        assert self._shipper is not None  # noqa: S101 - made beside the store
        if not chosen.kind.is_apart:
            await self._stop.wait()
        while not self._stop.is_set():
            wait = await self._shipper.step()
            await asyncio.sleep(wait)

    async def _count(self, chosen: Chosen, store: ResultStore, catalogue: Catalogue) -> None:
        """Hours and days: absorbed, carried where the store is apart, forgotten when old."""
        forget_at = self._clock.monotonic()
        while True:
            began = self._clock.now()
            try:
                await self._absorb_all()
                if chosen.kind.is_apart:
                    await self._publish_all(store)
                self._windows_until = began
                if self._clock.monotonic() >= forget_at:
                    forget_at = self._clock.monotonic() + FORGET_EVERY_S
                    await asyncio.to_thread(self._forget, chosen, catalogue)
            except (StoreUnavailable, StoreMisconfigured) as error:
                self._log.warning("store.windows_wait", reason=str(error))
                await asyncio.sleep(_PUBLISH_AGAIN_S)
                continue
            await asyncio.sleep(EVERY_S)

    async def _absorb_all(self) -> None:
        assert self._follower is not None  # noqa: S101 - made beside the store
        while await self._follower.absorb():
            pass

    async def _publish_all(self, store: ResultStore) -> None:
        assert self._follower is not None  # noqa: S101 - made beside the store
        while await self._follower.publish(store):
            pass

    def _forget(self, chosen: Chosen, catalogue: Catalogue) -> None:
        now = self._clock.now()
        kept = chosen.spec if not chosen.kind.is_apart else None
        hours = kept.hourly_days if kept else _APART_HOURS_KEPT
        days = kept.daily_days if kept else _APART_DAYS_KEPT
        looks = catalogue.operations.result_days + 1
        self._windows.forget(
            looks=Second(now - looks * _DAY),
            hours=Second(now - hours * _DAY),
            days=Second(now - days * _DAY),
        )

    async def _report(self, chosen: Chosen) -> None:
        while True:
            try:
                await asyncio.to_thread(self._note, chosen)
            except StoreUnavailable as error:
                self._log.error("store.figures_not_kept", error=str(error))
            await asyncio.sleep(FIGURES_EVERY_S)

    def _note(self, chosen: Chosen) -> None:
        shipper, follower = self._shipper, self._follower
        assert shipper is not None and follower is not None  # noqa: S101, PT018
        if self._clock.monotonic() - self._began > STEADY_S:
            self._broke = ""
        self._book.note(
            StoreFigures(
                at=self._clock.now(),
                started_at=self._started_at,
                kind=chosen.kind.name,
                lag_rows=self._reader.depth(shipper.cursor) if chosen.kind.is_apart else 0,
                oldest_unstored=shipper.oldest_unstored if chosen.kind.is_apart else None,
                written=shipper.written,
                last_write=shipper.last_write,
                dead_letters=self._book.count(),
                paused=shipper.paused or self._broke,
                trouble=shipper.trouble,
                windows_lag_rows=self._reader.depth(follower.cursor),
            )
        )

    async def _wait_for_another(self, catalogue: Catalogue) -> None:
        """Until what is in force names another store, or other days."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            self._look_at_file()
            now = self._in_force()
            if (now.store, now.zone, now.operations) != (
                catalogue.store, catalogue.zone, catalogue.operations,
            ):  # fmt: skip
                self._log.info("store.configuration_taken", kind=now.store.kind)
                return

    def _in_force(self) -> Catalogue:
        return self._catalogues.at(self._clock.now())

    def _look_at_file(self) -> None:
        path = catalogue_file(self._data_dir)
        try:
            stat = path.stat()
            if (stat.st_mtime_ns, stat.st_ino) == self._seen:
                return
            self._catalogues = Catalogues(read_catalogues(path))
            self._seen = (stat.st_mtime_ns, stat.st_ino)
        except (OSError, CatalogueUnreadable) as error:
            # What was read before stays in force.
            self._log.error("catalogue.unreadable", error=str(error))


def wait_for_catalogues(data_dir: Path, sleep: Callable[[float], None] = time.sleep) -> Catalogues:
    """The core's compiled catalogue; waits for the first one."""
    while True:
        try:
            return Catalogues(read_catalogues(catalogue_file(data_dir)))
        except CatalogueUnreadable:
            sleep(_LOOK_FOR_CATALOGUE)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="estado run --role store")
    parser.add_argument("--config", type=Path, help="read by the core, which compiles it")
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args(argv)
    os.umask(0o027)
    configure_logs("store")
    catalogues = wait_for_catalogues(given.data_dir)
    try:
        lock = WriterLock(book_file(given.data_dir))
    except LogTaken as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT_RUN
    try:
        asyncio.run(StoreRole(given.data_dir, catalogues).run())
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

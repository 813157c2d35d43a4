"""The result store as the console reads it: open beside the store role, which alone fills it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from monitor.domain.catalogue import Catalogue
from monitor.domain.secret import SecretMissing
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.history.queries import OpenStore
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.set_aside import file_id
from monitor.results.stores.ports import ResultStore, StoreMisconfigured, StoreUnavailable
from monitor.roles.catalogues.followed import FollowedCatalogues
from monitor.roles.settings import follower_file
from monitor.roles.store.choice import Chosen, store_dependencies
from monitor.roles.store.history_journal import HistoryJournal
from monitor.roles.store.history_source import HistorySource

WATCH_EVERY_S = 2.0
PAUSE_S = 10.0


class ConsoleHistory(HistorySource):
    """Opens the store that is in force, and another one once that is in force instead."""

    def __init__(self, data_dir: Path, followed: FollowedCatalogues, clock: Clock) -> None:
        journal = HistoryJournal(data_dir, lambda: followed.in_force.operations.journal_url)
        super().__init__(lambda: followed.catalogues, journal)
        self._data_dir = data_dir
        self._followed = followed
        self._clock = clock
        self._follower_state = FollowerState(follower_file(data_dir))
        self._log = structlog.get_logger()
        self._logged = ""

    async def run(self) -> None:
        """Until cancelled. A store that cannot be opened is tried again; the API's other operations
        do without it."""
        while True:
            try:
                await self._serve(self._followed.in_force)
            except (StoreMisconfigured, StoreUnavailable, SecretMissing) as error:
                await self._wait(str(error))
            except Exception as error:  # noqa: BLE001 - it is logged, and the API goes on
                self._log.exception("console.store_broke")
                await self._wait(f"{type(error).__name__}: {error}")

    async def _wait(self, reason: str) -> None:
        self.close_on(reason)
        if reason != self._logged:
            self._log.warning("console.store_away", reason=reason)
        self._logged = reason
        await asyncio.sleep(PAUSE_S)

    async def _serve(self, catalogue: Catalogue) -> None:
        """Until another store is in force, or another file lies where this one was."""
        path = follower_file(self._data_dir)
        if (opened := file_id(path)) is None:
            raise StoreUnavailable("the store role has not run in this data folder")
        # On a thread: a kind of store imports what it needs only then.
        chosen = await asyncio.to_thread(Chosen.of, catalogue)
        dependencies = store_dependencies(self._data_dir, catalogue, self._clock)
        async with chosen.kind.build(chosen.spec, dependencies) as store:
            self.open_on(self._open(chosen, store))
            self._logged = ""
            try:
                await self._until_another(catalogue, path, opened)
            finally:
                self.close_on()

    async def _until_another(self, catalogue: Catalogue, path: Path, opened: object) -> None:
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if not self._is_same(catalogue) or file_id(path) != opened:
                return

    def _is_same(self, catalogue: Catalogue) -> bool:
        now = self._followed.in_force
        return (now.store, now.zone) == (catalogue.store, catalogue.zone)

    def _open(self, chosen: Chosen, store: ResultStore) -> OpenStore:
        """The embedded store has what the log has. How far another one is, the store role says;
        until when it has every latency is not known here."""
        remote = chosen.kind.is_remote
        return OpenStore(
            kind=chosen.kind.name,
            store=store,
            results_until=self._stored_until if remote else self._clock.now,
            buckets_until=(lambda: None) if remote else self._clock.now,
        )

    def _stored_until(self) -> Second | None:
        try:
            metrics = self._follower_state.metrics()
        except StoreUnavailable:
            return None
        if metrics is None:
            return None
        return metrics.at if metrics.oldest_unstored is None else metrics.oldest_unstored

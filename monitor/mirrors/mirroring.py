"""Bringing a mirror up to a publication: what is no longer public goes, what changed is written,
and the list comes last. One that fails is tried again, later and later; only the newest counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.mirrors.ports import LIST, MirrorFailed, MirrorFile, MirrorList, Place, Publication

AT_ONCE = 4
"""Files under way to one mirror."""
REFRESH_S = 3_600
"""A dated page whose content is the same is written anew after so long: until then it states the
time of older data, which said the same."""
LEAST_WAIT_S, MOST_WAIT_S = 1.0, 60.0
JSON = "application/json; charset=utf-8"


class Sleep(Protocol):
    async def __call__(self, seconds: float, /) -> None: ...


Note = Callable[[str, Second], None]


def _note_nothing(_: str, __: Second) -> None:
    """Nobody asks how old the mirror is."""


class Mirroring:
    """One mirror. `newest` gives the newest publication; None where there is none yet."""

    def __init__(
        self,
        name: str,
        place: Place,
        newest: Callable[[], Publication | None],
        clock: Clock,
        every_s: float,
        sleep: Sleep = asyncio.sleep,
        note: Note = _note_nothing,
    ) -> None:
        """`note` is given the name and the time whenever the mirror is up to date."""
        self._name = name
        self._place = place
        self._newest = newest
        self._clock = clock
        self._every_s = every_s
        self._sleep = sleep
        self._note = note
        self._list: MirrorList | None = None
        self._done = ""
        self._log = structlog.get_logger()
        self._is_failing = False

    async def run(self) -> None:
        """For ever."""
        wait_s = LEAST_WAIT_S
        while True:
            began = self._clock.monotonic()
            try:
                await self.bring_up_to_date()
                await asyncio.to_thread(self._note, self._name, self._clock.now())
            except Exception as error:  # noqa: BLE001 - nothing ends a mirror: it is tried again
                self._fail(str(error))
                await self._sleep(wait_s)
                wait_s = min(2 * wait_s, MOST_WAIT_S)
                continue
            wait_s = LEAST_WAIT_S
            await self._sleep(max(LEAST_WAIT_S, self._every_s - (self._clock.monotonic() - began)))

    async def bring_up_to_date(self) -> bool:
        """Whether there was anything to write. Raises MirrorFailed; what was written stays."""
        publication = await asyncio.to_thread(self._newest)
        if publication is None or publication.number == self._done:
            return False
        if self._list is None:
            found = await self._place.listed()
            self._list = MirrorList() if found is None else _readable(found)
        await self._write(publication, self._list)
        self._done = publication.number
        if self._is_failing:
            self._log.info("mirror.back", mirror=self._name)
        self._is_failing = False
        return True

    async def _write(self, publication: Publication, before: MirrorList) -> None:
        """What is no longer public goes first: nobody may find it while the rest is on its way."""
        gone = before.files.keys() - publication.files.keys()
        await _all(gone, self._place.remove)
        written = {name: found for name, found in before.files.items() if name not in gone}
        # The list says what is there, also if the way breaks off: what it does not name is written
        # again, and what it names is removed once it is gone.
        self._list = MirrorList(data_at=before.data_at, files=written)
        due = [f for f in publication.files.values() if self._is_due(f, publication, before)]

        async def put(file: MirrorFile) -> None:
            content = await asyncio.to_thread(file.render)
            await self._place.put(file.name, content, file.content_type)
            written[file.name] = (file.digest, publication.data_at)

        await _all(due, put)
        self._list = MirrorList(data_at=publication.data_at, files=written)
        await self._place.put(LIST, self._list.encode(), JSON)
        await self._place.finish(publication.number)

    def _is_due(self, file: MirrorFile, publication: Publication, before: MirrorList) -> bool:
        digest, at = before.files.get(file.name, ("", 0))
        is_old = file.is_dated and publication.data_at - at >= REFRESH_S
        return file.is_news or digest != file.digest or is_old

    def _fail(self, error: str) -> None:
        if not self._is_failing:
            self._log.error("mirror.failed", mirror=self._name, error=error)
        self._is_failing = True


def _readable(found: bytes) -> MirrorList:
    """A list that cannot be read counts as none: everything is written again."""
    try:
        return MirrorList.decode(found)
    except MirrorFailed:
        return MirrorList()


async def _all(wanted: Iterable[object], do: Callable[..., object]) -> None:
    """A few at a time. Raises the first MirrorFailed, once those under way have ended."""
    gate = asyncio.Semaphore(AT_ONCE)
    failed: list[MirrorFailed] = []

    async def one(given: object) -> None:
        async with gate:
            if failed:
                return
            try:
                await do(given)  # type: ignore[misc]
            except MirrorFailed as error:
                failed.append(error)
            except Exception as error:  # noqa: BLE001 - a page that is being written anew, and whatever else
                failed.append(MirrorFailed(f"{type(error).__name__} {error}"))

    async with asyncio.TaskGroup() as group:
        for given in wanted:
            group.create_task(one(given))
    if failed:
        raise failed[0]

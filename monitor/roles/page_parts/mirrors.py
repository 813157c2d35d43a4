"""The page role's mirrors: each gets the newest publication, beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import structlog
from aiohttp import web

from monitor.domain.catalogue import Mirror
from monitor.domain.secret import SecretMissing
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.mirrors.folder import FolderPlace
from monitor.mirrors.git import GitPlace
from monitor.mirrors.mirroring import Mirroring
from monitor.mirrors.ports import MirrorFailed, MirrorFile, Place, Publication
from monitor.mirrors.s3 import S3Place
from monitor.mirrors.signature import Credentials
from monitor.mirrors.times import MirrorTimes
from monitor.roles.settings import mirror_times_file, mirrors_dir
from statuspage.serve.export import exported
from statuspage.serve.responder import SnapshotCache


class PageMirrors:
    """`cache` gives what is served now; `root` is the page's own address."""

    def __init__(
        self,
        mirrors: Sequence[Mirror],
        data_dir: Path,
        cache: Callable[[], SnapshotCache],
        clock: Clock,
        root: str,
    ) -> None:
        self._mirrors = mirrors
        self._data_dir = data_dir
        self._cache = cache
        self._clock = clock
        self._root = root
        self._times = MirrorTimes(mirror_times_file(data_dir))
        self._times_lock = threading.Lock()
        self._log = structlog.get_logger()

    async def writing(self, _: web.Application) -> AsyncIterator[None]:
        """Beside the server, for as long as it runs. A mirror that cannot begin is told once."""
        found = ((mirror, self._place(mirror)) for mirror in self._mirrors)
        places = [(mirror, place) for mirror, place in found if place is not None]
        tasks = [asyncio.create_task(self._of(*one).run()) for one in places]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _mirror, place in places:
            if isinstance(place, S3Place):
                await place.close()

    def _of(self, mirror: Mirror, place: Place) -> Mirroring:
        return Mirroring(
            mirror.id, place, self.newest, self._clock, mirror.every_s, note=self._note
        )

    def newest(self) -> Publication | None:
        """What a mirror has to have now."""
        return publication_of(self._cache(), self._clock, self._root)

    def _note(self, mirror: str, at: Second) -> None:
        """A full disk is no fault of the mirror: its copy is there, and the next time is noted."""
        with self._times_lock, contextlib.suppress(OSError):
            self._times.note(mirror, at)

    def _place(self, mirror: Mirror) -> Place | None:
        try:
            return place_of(mirror, self._data_dir, self._clock)
        except SecretMissing as error:
            self._log.error("mirror.cannot_begin", mirror=mirror.id, error=str(error))
            return None


def publication_of(cache: SnapshotCache, clock: Clock, root: str) -> Publication | None:
    """None where nothing is published yet. Its number tells promises that have passed, too: a page
    that shows one is written again."""
    snapshot = cache.snapshot
    if snapshot is None:
        return None
    now = clock.now()
    files = {
        found.name: MirrorFile(
            name=found.name,
            content_type=found.content_type,
            digest=found.digest,
            render=found.render,
            is_dated=found.is_dated,
            is_news=found.is_news,
        )
        for found in exported(snapshot, cache.archive, now, root)
    }
    marks = "".join(sorted({file.digest[24:] for file in files.values()}))
    return Publication(number=f"{snapshot.number}{marks}", data_at=snapshot.taken.at, files=files)


def place_of(mirror: Mirror, data_dir: Path, clock: Clock) -> Place:
    """Raises SecretMissing; MirrorFailed where nothing says which place it is."""
    if mirror.s3 is not None:
        s3 = mirror.s3
        credentials = Credentials(
            access_key=s3.access_key.reveal(), secret_key=s3.secret_key.reveal(), region=s3.region
        )
        return S3Place(s3.endpoint, s3.bucket, s3.prefix, credentials, clock)
    if mirror.git is not None:
        return GitPlace(mirrors_dir(data_dir) / mirror.id, mirror.git.url, mirror.git.branch)
    if mirror.folder is not None:
        return FolderPlace(Path(mirror.folder))
    raise MirrorFailed(f"mirror {mirror.id} is in no place")

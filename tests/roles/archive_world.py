"""A company that lives for months, and the archive that its core writes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, ConfiguredTerms, Role
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import Text, plain
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.roles.core.pages.archiving import Archivist
from monitor.roles.core.pages.rendering import Renderer
from monitor.roles.settings import published_dir
from probes.registry import all_failures
from statuspage.publish.archive.manifest import FOLDER
from statuspage.publish.manifest import CURRENT
from statuspage.serve.archive import NO_ARCHIVE, ArchiveReader
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import load
from tests.statuspage.reading import Document
from tests.support.clock import second
from tests.support.worlds import World, catalogue, look

T = TypeVar("T")
HOUR = 3_600
EACH = 6 * HOUR
"""How often its checks run."""
DAY = 24 * HOUR


class Inline(Executor):
    """Does at once what it is given."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001 - as an executor hands it on
            done.set_exception(error)
        return done


async def on_thread(work: Callable[[], T]) -> T:
    return work()


async def no_rest(_: float) -> None: ...


def slow_catalogue() -> Catalogue:
    """Three components, each looked at every six hours; a guarantee."""
    made = catalogue()
    policy = Policy(interval=EACH, max_gap=2 * EACH)
    return replace(
        made,
        page=replace(made.page, url="https://estado.example", name=Text({"es": "Estado"})),
        checks=tuple(replace(check, policy=policy) for check in made.checks),
        terms=(ConfiguredTerms(id="default", fields={"guarantee": "0.9989"}),),
        components=tuple(replace(c, role=Role.REQUIRED) for c in made.components),
    )


class Company:
    """What happens to it, and what its page serves."""

    def __init__(self, folder: Path, world: World | None = None) -> None:
        self.folder = folder
        self.world = world or World(folder, slow_catalogue())
        self.renderer = Renderer(self.world.journal, folder, self.world.clock, thread=Inline())
        self.archivist = self.new_archivist()

    @property
    def root(self) -> Path:
        return published_dir(self.folder) / FOLDER

    @property
    def now(self) -> Second:
        return self.world.clock.now()

    def new_archivist(self) -> Archivist:
        """As of a core that has just been started."""
        self.archivist = Archivist(
            self.world.journal, self.folder, self.world.clock, thread=Inline(), rest=no_rest,
            failures=all_failures(),
        )  # fmt: skip
        return self.archivist

    def live(self, *, until: str = "", **stories: str) -> None:
        """One mark each six hours and component; `until` a local time all is well."""
        length = max(map(len, stories.values()), default=0)
        for place in range(length):
            self._step({name: story[place] for name, story in stories.items()})
        while until and self.now < local(until):
            self._step(dict.fromkeys(("web", "dns", "mail"), "+"))

    def _step(self, marks: dict[str, str]) -> None:
        world = self.world
        for name, mark in marks.items():
            if mark != " ":
                world.log.add(look(ComponentId(name), self.now, mark))
        world.clock.advance(EACH)
        world.core.tick()

    def announce(self, id_: str, start: Second, hours: int, *components: ComponentId) -> None:
        window = MaintenanceWindow(
            id=MaintenanceId(id_), title=plain("Cambio de disco"), impact=plain("Corte"),
            start=start, end=Second(start + hours * HOUR), components=components,
            published_at=self.now,
        )  # fmt: skip
        with self.world.journal.transaction() as tx:
            saved = tx.maintenance.save(replace(window, published_at=None))
            tx.maintenance.publish([saved.id], self.now)

    def configure(self, change: Callable[[Catalogue], Catalogue]) -> None:
        """From now on."""
        before = self.world.catalogues.revisions
        revision = CatalogueRevision(
            number=len(before) + 1, hash=f"r{len(before)}", text="", effective_from=self.now,
            catalogue=change(before[-1].catalogue),
        )  # fmt: skip
        self.world.catalogues = Catalogues([*before, revision])
        self.world.core.adopt(self.world.catalogues)
        self.world.clock.advance(1)
        self.world.core.tick()

    async def publish(self) -> ClockReading:
        """One minute of the core: what is live, then the archive, then what leads to it."""
        taken = await self._render()
        if await self.archive():
            self.renderer.archives = {None: self.archivist.links}
            self.renderer.recounts = self.archivist.recounts
            taken = await self._render()
        return taken

    async def archive(self) -> bool:
        return await self.archivist.bring_up_to_date(self.world.core, on_thread)

    async def _render(self) -> ClockReading:
        return await self.renderer.render(self.world.core, read_clock(self.world.clock), on_thread)

    def ask(self, path: str, **headers: str) -> Response:
        """As a page role answers that has just been started."""
        snapshot = load(published_dir(self.folder) / CURRENT)
        archive = ArchiveReader(self.root).newer() or NO_ARCHIVE
        cache = SnapshotCache(unpublished=b"", snapshot=snapshot, archive=archive)
        return cache.answer(
            Request(method="GET", path=path, **headers), read_clock(self.world.clock)
        )

    def page(self, path: str) -> Document:
        answer = self.ask(path)
        assert answer.status == 200, (path, answer.status)
        return Document.parse(body_of(answer))

    def incidents(self) -> list[str]:
        """Their ids, oldest first."""
        with self.world.journal.transaction() as tx:
            found = tx.incidents.heads(Interval(Second(0), FOREVER))
        return [str(head.id) for head in found][::-1]


def body_of(answer: Response) -> bytes:
    content = answer.content
    found = content if isinstance(content, bytes) else content.render()
    return gzip.decompress(found) if ("Content-Encoding", "gzip") in answer.headers else found


def local(at: str) -> Second:
    """`2026-10-31T23:00`, by the company's clock."""
    return second(f"{at}-03:00")

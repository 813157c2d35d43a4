"""Brands' pages as the core publishes them: what one does not show is in none of its bytes."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import brotli
import pytest

import monitor.roles.core.pages.publishing as publishing
import statuspage.publish.publisher as publisher
from monitor.domain.catalogue import (
    Brand,
    BrandPage,
    Catalogue,
    Component,
    ConfiguredTerms,
    Page,
    Service,
)
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import Text, plain
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import feed_path, incident_path, maintenance_path, mark_of, month_path
from monitor.i18n.languages import Lang
from monitor.incidents.commands import IncidentCommands
from monitor.roles.core.pages.archives import Archives
from monitor.roles.settings import brand_folders, brand_published_dir, published_dir
from probes.registry import all_failures
from statuspage.publish.archive.manifest import FOLDER
from statuspage.publish.manifest import CURRENT, NAME, Manifest
from statuspage.view.closed_month import first_of
from tests.incidents.operators import Desk
from tests.roles.archive_world import EACH, Company, Inline, local, no_rest, on_thread
from tests.support.worlds import World, catalogue, check

WEB, OWN = ComponentId("web"), ComponentId("buzones")
OTHER, INNER = ComponentId("zafiro-dns"), ComponentId("zafiro-interno")
LEAVING = ComponentId("zafiro-disco")
"""In the configuration for the first days alone."""
CANARY = b"zafiro"
"""In every name, id, text and address that is not the brand's."""


def north(*components: ComponentId, **other: object) -> Brand:
    page = BrandPage(
        id="norte", name=plain("Estado"), company="Norte", url="https://norte.example",
        hosts=("norte.example",), components=components or (WEB, OWN),
        light="#0b6640", dark="#62d59d", logo=LOGO, support_url="https://norte.example/ayuda",
    )  # fmt: skip
    return Brand(name="Norte", page=replace(page, **other))  # type: ignore[arg-type]


LOGO = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
SOUTH = BrandPage(
    id="zafiro-sur", name=plain("Zafiro del Sur"), company="Zafiro Sur",
    url="https://sur.zafiro.example", hosts=("sur.zafiro.example",), components=(OTHER, INNER),
    is_private=True,
)  # fmt: skip


def company_of_two(*brands: Brand) -> Catalogue:
    made = catalogue()
    hosting, mail = ServiceId("hosting"), ServiceId("zafiro-mail")
    policy = Policy(interval=EACH, max_gap=2 * EACH)
    return replace(
        made,
        page=Page(
            name=plain("Estado de Zafiro"), company="Zafiro SA", url="https://zafiro.example",
            support_url="https://zafiro.example/ticket",
            brands=brands or (north(), Brand(name="Zafiro Sur", page=SOUTH)),
        ),
        services=(
            Service(id=hosting, name=plain("Hosting")),
            Service(id=mail, name=plain("Correo Zafiro"), description=plain("De Zafiro")),
        ),
        components=(
            Component(id=WEB, service=hosting, name=plain("Web"), depends_on=(OTHER,)),
            Component(id=OWN, service=hosting, name=plain("Buzones"), is_public=False),
            Component(id=OTHER, service=hosting, name=Text({"es": "DNS Zafiro"})),
            Component(id=INNER, service=mail, name=plain("Sala Zafiro"), is_public=False),
        ),
        checks=tuple(replace(check(c), policy=policy) for c in (WEB, OWN, OTHER, INNER)),
        terms=(ConfiguredTerms(id="default", fields={"guarantee": "0.9989"}),),
    )  # fmt: skip


class Brands(Company):
    """A company whose brands have pages of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, World(folder, company_of_two()))
        self.archives = Archives(
            self.world.journal, folder, self.world.clock, thread=Inline(), rest=no_rest,
            failures=all_failures(),
        )  # fmt: skip

    async def publish_all(self) -> None:
        """Minutes of the core, until the live pages lead to the archives."""
        core = self.world.core
        while True:
            await self.renderer.render(core, read_clock(self.world.clock), on_thread)
            is_news = await self.archives.bring_up_to_date(core, on_thread)
            self.renderer.archives = self.archives.links
            self.renderer.recounts = self.archives.recounts
            if not is_news:
                return

    def say(self, incident: str, words: str, title: str = "") -> None:
        commands = IncidentCommands(
            journal=self.world.journal, catalogue=self.world.core.state.catalogue,
            clock=self.world.clock, actor=Actor(id="ana", kind=ActorKind.PERSON),
        )  # fmt: skip
        commands.update(incident, text=plain(words), title=plain(title) if title else None)

    def window(
        self, id_: str, start: int, title: str, *components: ComponentId
    ) -> MaintenanceWindow:
        return MaintenanceWindow(
            id=MaintenanceId(id_), title=plain(title), impact=plain(f"{title}."),
            start=Second(start), end=Second(start + EACH), components=components,
        )  # fmt: skip

    def announce_titled(self, id_: str, start: int, title: str, *components: ComponentId) -> None:
        with self.world.journal.transaction() as tx:
            saved = tx.maintenance.save(self.window(id_, start, title, *components))
            tx.maintenance.publish([saved.id], self.now)

    def published_at(self, id_: str) -> Second | None:
        with self.world.journal.transaction() as tx:
            return tx.maintenance.get(MaintenanceId(id_)).published_at

    def folder_of(self, page: str) -> Path:
        return next(f / page for f in brand_folders(self.folder) if (f / page).exists())


def told(company: Brands, **stories: str) -> str:
    """What happens to these while the others work; the last incident's id."""
    names = (WEB, OWN, OTHER, INNER)
    length = max(map(len, stories.values()))
    whole = {str(name): "+" * length for name in names} | stories
    company.live(**whole)
    return company.incidents()[-1] if company.incidents() else ""


def with_one_that_leaves(made: Catalogue) -> Catalogue:
    leaving = Component(id=LEAVING, service=ServiceId("hosting"), name=plain("Disco Zafiro"))
    watched = replace(check(LEAVING), policy=made.checks[0].policy)
    return replace(
        made, components=(*made.components, leaving), checks=(*made.checks, watched)
    )  # fmt: skip


def by_hand(company: Brands, ids: dict[str, str]) -> None:
    """What people open, explain, link and merge."""
    desk = Desk(company.world)
    desk.commands.postmortem(ids["shared october"], text=plain("Falló la fuente de Zafiro."))
    desk.commands.postmortem(ids["shared november"], text=plain("Falló una fuente."))
    both, others, none = (
        desk.by_hand.open(
            title=plain("Zafiro lento"),
            text=plain("Zafiro anda lento."),
            statuses=dict.fromkeys(of, Outcome.DEGRADED),
        ).id
        for of in ((WEB, OTHER), (OTHER, INNER), ())
    )
    desk.joining.link(ids["own november"], ids["others november"])
    desk.joining.link(both, none)
    desk.joining.merge(others, both, text=plain("Es lo mismo que en Zafiro."))
    ids |= {"by hand": both, "by hand others": others, "by hand none": none}


def quiet(company: Brands, until: str) -> None:
    while company.now < local(until):
        told(company, web="+")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Brands, dict[str, str]]:
    """Outages of the brand, of others, and of both, in a month that is over and in this one; work;
    and people who name what they please. Only read."""
    company = Brands(tmp_path_factory.mktemp("brands"))
    ids: dict[str, str] = {}
    company.configure(with_one_that_leaves)
    quiet(company, "2026-10-02T00:00")
    told(company, **{LEAVING: "----", WEB: "----"})
    told(company, web="+++++")
    company.configure(lambda _: company_of_two())
    for month in ("october", "november"):
        id_ = ids[f"shared {month}"] = told(company, web="----", **{OTHER: "----"})
        company.say(id_, "También el DNS Zafiro.", "Caída del DNS Zafiro")
        company.say(id_, "La web volvió por un desvío.")
        told(company, web="+++++", **{OTHER: "--+++"})
        id_ = ids[f"others {month}"] = told(company, **{OTHER: "----", INNER: "----"})
        company.say(id_, "Zafiro: se quemó un equipo.", "Zafiro quemado")
        told(company, web="+++++")
        ids[f"own {month}"] = told(company, buzones="----")
        told(company, web="+++++")
        start = company.now + 2 * EACH
        company.announce_titled(f"zafiro-w1-{month}", start, "Mejora en Zafiro", OTHER)
        company.announce_titled(f"w2-{month}", start, "Mejora con DNS Zafiro", WEB, OTHER)
        company.announce_titled(f"w3-{month}", start, "Mejora de la web", WEB)
        if month == "october":
            quiet(company, "2026-11-05T00:00")
    by_hand(company, ids)
    asyncio.run(company.publish_all())
    return company, ids


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte of a folder: names, files as they are, and what they unpack to."""
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        yield name, name.encode()
        if path.is_file():
            written = path.read_bytes()
            yield name, written
            if path.suffix in {".gz", ".br"}:
                unpack = gzip.decompress if path.suffix == ".gz" else brotli.decompress
                yield name, unpack(written)


def test_nothing_of_others_is_in_any_byte_of_a_brands_page(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    company, ids = lived
    found = list(everything(company.folder_of("norte")))
    assert [name for name, content in found if CANARY in content.lower()] == []
    # What is searched has archived months, and in the company's own bytes the canary sings.
    assert any(name.startswith(FOLDER) for name, _ in found)
    assert any(
        CANARY in content.lower() for _, content in everything(published_dir(company.folder))
    )
    for other in (OTHER, INNER):
        assert not any(mark_of(f"private:{other}").encode() in content for _, content in found)
    for name in ("by hand others", "by hand none"):
        assert not any(ids[name].encode() in content for _, content in found)
    for month in ("october", "november"):
        others = ids[f"others {month}"].encode()
        assert not any(others in content for _, content in found)
        for lang in Lang:
            mark = mark_of(incident_path(ids[f"others {month}"], lang)).encode()  # type: ignore[arg-type]
            assert not any(mark in content for _, content in found)


def test_the_company_shows_nothing_that_only_a_brand_shows(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    company, ids = lived
    whole = list(everything(published_dir(company.folder)))
    for secret in ("Buzones", "Sala Zafiro", OWN, INNER, ids["own october"], ids["own november"]):
        assert [name for name, content in whole if secret.encode() in content] == []


def manifest_of(company: Brands, page: str) -> Manifest:
    return Manifest.decode((company.folder_of(page) / CURRENT / NAME).read_bytes())


def text_of(company: Brands, page: str, path: str) -> str:
    folder = company.folder_of(page) / CURRENT
    form = manifest_of(company, page).entries[path].fresh
    return (folder / form.file).read_text("utf-8")


def test_a_brands_page_tells_of_its_own(lived: tuple[Brands, dict[str, str]]) -> None:
    company, ids = lived
    own = text_of(company, "norte", f"/incidente/{ids['own november']}")
    assert "Buzones" in own
    assert "Incidente" in text_of(company, "norte", f"/incidente/{ids['by hand']}")
    shared = text_of(company, "norte", f"/incidente/{ids['shared november']}")
    assert "Falló una fuente." in shared
    assert "La web volvió por un desvío." in shared
    assert "<h1" in shared
    assert "Web: sin" in shared
    windows = [maintenance_path(f"w{n}-november", "es") for n in (2, 3)]  # type: ignore[arg-type]
    assert "Mejora de la web" in text_of(company, "norte", windows[1])
    assert "Mejora" not in text_of(company, "norte", windows[0])


def test_what_joined_the_failure_of_others_just_fails_on_its_own_page(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    """Here the other brand's component joined second."""
    company, ids = lived
    path = f"/incidente/{ids['shared november']}"
    joined = text_of(company, "zafiro-sur", path)
    assert "el servicio DNS Zafiro no responde." in joined
    assert "alcanza también" not in joined
    first = (company.folder_of("norte") / CURRENT / f"fresh{path}.html").read_text("utf-8")
    assert "el servicio Web no responde." in first


def test_a_brands_past_is_in_its_own_archive(lived: tuple[Brands, dict[str, str]]) -> None:
    company, ids = lived
    archive = company.folder_of("norte") / FOLDER
    (month,) = archive.glob("months/2026-10.*.json")
    written = month.read_text("utf-8")
    assert month_path(first_of("2026-10"), "es") in written
    assert f"/incidente/{ids['shared october']}" in written
    assert f"/incidente/{ids['own october']}" in written


def test_its_addresses_are_its_own(lived: tuple[Brands, dict[str, str]]) -> None:
    company, _ = lived
    home = text_of(company, "norte", "/es/")
    assert '<link rel="canonical" href="https://norte.example/es/">' in home
    assert 'property="og:image" content="https://norte.example/static/preview-' in home
    assert "https://norte.example/ayuda" in text_of(company, "norte", "/disponibilidad")
    assert "<loc>https://norte.example/es/</loc>" in text_of(company, "norte", "/sitemap.xml")
    feed = feed_path("es", "atom")
    assert f"https://norte.example{feed}" in text_of(company, "norte", feed)


def test_a_private_page_asks_search_engines_to_stay_away(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    company, _ = lived
    assert company.folder_of("zafiro-sur").parent == brand_folders(company.folder)[1]
    assert '<meta name="robots" content="noindex, nofollow">' in text_of(
        company, "zafiro-sur", "/es/"
    )
    assert "noindex" not in text_of(company, "norte", "/es/")
    assert text_of(company, "zafiro-sur", "/robots.txt") == "User-agent: *\nDisallow: /\n"
    assert "/sitemap.xml" not in manifest_of(company, "zafiro-sur").entries


def test_a_private_page_offers_no_address_that_a_program_cannot_read(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    """But says what they are behind a link."""
    company, _ = lived
    private, public = (text_of(company, page, "/es/") for page in ("zafiro-sur", "norte"))
    assert "use el enlace que le enviaron" in private
    assert "<code>/historial.atom</code> (Atom)" in private
    for ending in ("historial.atom", "historial.rss", "historial.json", "mantenimiento.ics"):
        assert public.count(f'href="/{ending}"') == 2
        assert f'href="/{ending}"' not in private
    assert "use el enlace" not in public


def test_the_companys_page_names_no_brand_whose_page_is_private(
    lived: tuple[Brands, dict[str, str]],
) -> None:
    company, _ = lived
    folder = published_dir(company.folder) / CURRENT
    entry = Manifest.decode((folder / NAME).read_bytes()).entries["/es/"]
    home = (folder / entry.fresh.file).read_text("utf-8")
    assert '<p class="small">Norte</p>' in home
    assert "Zafiro Sur" not in home


async def test_a_page_that_becomes_private_leaves_nothing_where_it_was(tmp_path: Path) -> None:
    company = Brands(tmp_path)
    told(company, web="+")
    await company.publish_all()
    public, private = (
        brand_published_dir(tmp_path, page)
        for page in (north().page, north(is_private=True).page)
        if page is not None
    )
    assert public.is_dir()
    company.configure(lambda _: company_of_two(north(is_private=True)))
    await company.publish_all()
    assert (public.exists(), private.is_dir()) == (False, True)
    assert not brand_published_dir(tmp_path, SOUTH).exists()
    company.configure(lambda made: replace(made, page=replace(made.page, brands=())))
    await company.publish_all()
    assert [list(folder.iterdir()) for folder in (public.parent, private.parent)] == [[], []]


async def test_an_archive_under_way_goes_no_further_where_its_page_was(tmp_path: Path) -> None:
    """The page becomes private while its first month is being written."""
    company = Brands(tmp_path)
    quiet(company, "2026-10-03T00:00")
    public = brand_published_dir(tmp_path, north().page or SOUTH)

    async def rest(_: float) -> None:
        is_begun = any((public / FOLDER).rglob("*.gz"))
        if is_begun and len(company.world.catalogues.revisions) == 1:
            company.configure(lambda _: company_of_two(north(is_private=True)))
            shutil.rmtree(public)

    archives = Archives(
        company.world.journal, tmp_path, company.world.clock, thread=Inline(), rest=rest
    )
    await archives.bring_up_to_date(company.world.core, on_thread)
    assert len(company.world.catalogues.revisions) == 2
    assert not public.exists()


async def test_nobody_but_their_owner_gets_to_private_pages(tmp_path: Path) -> None:
    root = brand_folders(tmp_path)[1]
    root.mkdir(mode=0o755)
    company = Brands(tmp_path)
    told(company, web="+")
    core, now = company.world.core, read_clock(company.world.clock)
    await company.archives.bring_up_to_date(core, on_thread)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    root.chmod(0o755)
    await company.renderer.render(core, now, on_thread)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def all_out_at(company: Brands) -> ClockReading | None:
    return company.renderer.all_out_at


async def test_a_brands_folder_that_cannot_be_written_stops_no_other_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only that page shows is not announced before it is out."""
    company = Brands(tmp_path)
    told(company, web="+")
    start = company.now + 2 * EACH
    with company.world.journal.transaction() as tx:
        for id_, component in (("m1", OWN), ("m2", OTHER)):
            tx.maintenance.save(company.window(id_, start, "Mejora", component))
    write = publisher.publish
    broken = brand_published_dir(tmp_path, north().page or SOUTH)

    def full(folder: Path, *given: object, **named: object) -> int:
        if folder == broken:
            raise OSError(28, "No space left on device")
        return write(folder, *given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "publish", full)
        await company.publish_all()
    assert (published_dir(tmp_path) / CURRENT).is_dir()
    assert all_out_at(company) is None
    assert company.published_at("m1") is None
    assert company.published_at("m2") == company.now
    await company.publish_all()
    assert all_out_at(company) is not None
    assert company.published_at("m1") == company.now

"""A page role's sites without a server: a company's page, a brand's, and a brand's private one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.catalogues.file import write_catalogues
from monitor.domain.catalogue import Brand, BrandPage, Catalogue, CatalogueRevision
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.page_links import PageLink
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.languages import Lang
from monitor.roles.page_parts.page_links import add_page_link, new_link_id
from monitor.roles.page_parts.sites import PageSites
from monitor.roles.settings import brand_published_dir, catalogue_file, published_dir
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.responder import Request
from statuspage.serve.responses import Response
from tests.statuspage.builders import THURSDAY, component, service, view
from tests.support.catalogues import PAGE
from tests.support.clock import FakeClock

DAY = 86_400


def brand_page(name: str, **changed: object) -> BrandPage:
    found = BrandPage(
        id=name,
        name=Text({"es": f"Estado de {name}"}),
        company=name,
        url=f"https://status.{name}.example",
        hosts=(f"status.{name}.example",),
        components=(ComponentId(f"{name}-web"),),
    )
    return replace(found, **changed)  # type: ignore[arg-type]


ACME = brand_page("acme")
BETA = brand_page("beta", is_private=True)
GAMMA = brand_page("gamma", is_private=True, url="http://status.gamma.example")


class BrandSites:
    """`data_dir` has what was published; links and the configuration are written there."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.clock = FakeClock(Second(THURSDAY + 5))
        self.sites = PageSites(data_dir, self.clock)
        self._number = 0

    def configure(self, *pages: BrandPage) -> None:
        self._number += 1
        brands = tuple(Brand(name=page.company, page=page) for page in pages)
        catalogue = Catalogue(zone=ZoneInfo("UTC"), page=replace(PAGE, brands=brands))
        revision = CatalogueRevision(
            number=self._number,
            hash="",
            text="",
            effective_from=Second(self._number),
            catalogue=catalogue,
        )
        write_catalogues(catalogue_file(self.data_dir), [revision])
        self.sites.refresh()

    def link(self, page: BrandPage = BETA, lasts_s: int = 30 * DAY) -> str:
        """The token of a new link."""
        now = self.clock.now()
        made = PageLink(
            id=new_link_id(), page=page.id, until=Second(now + lasts_s), made_at=now, made_by="ana"
        )
        token = add_page_link(self.data_dir, made)
        self.sites.refresh()
        return token

    def get(self, host: str, path: str = "/es/", *, cookie: str = "", **asked: str) -> Response:
        request = Request(method="GET", path=path, host=host, cookie=cookie)
        return self.sites.by_host.answer(replace(request, **asked))

    def beta(self, path: str = "/es/", token: str = "", **asked: str) -> Response:
        cookie = f"__Host-estado-page={token}" if token else ""
        return self.get(BETA.hosts[0], path, cookie=cookie, **asked)


def publish_pages(data_dir: Path) -> None:
    folders = {page.id: brand_published_dir(data_dir, page) for page in (ACME, BETA, GAMMA)}
    for name, folder in {"company": published_dir(data_dir), **folders}.items():
        publish_page(name, folder)


def publish_page(name: str, folder: Path) -> None:
    """Of one component, named after the page."""
    shown = view(service("s", "Web", component(f"{name}-web", f"Web {name}", Shown.DOWN)))
    page = replace(shown.page, company=name, locales=tuple(Lang), problem_form=True)
    said = replace(shown, page=page, takes_subscribers=True, answers_names=True)
    # Pictures would take most of the time of each test.
    pages = {path: of for path, of in render(said).items() if not path.endswith(".png")}
    publish(folder, pages, said.at, said.stale_after, boottime=0.0, boot_id="boot-1")


def named(body: bytes) -> set[str]:
    """The pages that are named in it."""
    return {name for name in ("company", "acme", "beta", "gamma") if name.encode() in body}


def body_of(response: Response) -> bytes:
    content = response.content
    return content if isinstance(content, bytes) else content.render()

"""A brand's page has its own name, logo and colours."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from monitor.domain.catalogue import BrandPage
from monitor.domain.rollup import Shown
from monitor.domain.text import plain
from monitor.domain.time.clock import read_clock
from statuspage.parts.brand import brand_css_url
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.publish.rendered import Rendered
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.snapshot import load
from statuspage.view.model import PublicView
from tests.statuspage.builders import THURSDAY, showing
from tests.support.clock import FakeClock

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><style>path{fill:red}</style></svg>"
BRAND = BrandPage(
    id="norte", name=plain("Estado"), company="Norte", url="https://norte.example",
    hosts=("norte.example",), components=(), light="#0b6640", dark="#62d59d",
    logo=f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}",
)  # fmt: skip


def of(brand: BrandPage | None) -> PublicView:
    view = showing(Shown.OPERATIONAL)
    company = view.page.company if brand is None else brand.company
    return replace(view, brand=brand, page=replace(view.page, company=company))


def text(rendered: dict[str, Rendered], path: str) -> str:
    return rendered[path].fresh.content.decode()


def test_its_colours_stand_behind_the_pages_own_style_sheet() -> None:
    rendered = render(of(BRAND))
    home, url = text(rendered, "/es/"), brand_css_url(BRAND)
    assert home.index("/static/page.") < home.index(url)
    css = text(rendered, url)
    assert ":root{--link:#0b6640}" in css
    assert css.index("#0b6640") < css.index("(prefers-color-scheme:dark){:root{--link:#62d59d}}")
    assert brand_css_url(replace(BRAND, light="#123456")) != url


def test_its_logo_stands_for_its_name_at_an_address_of_its_own() -> None:
    rendered = render(of(BRAND))
    assert rendered["/logo.svg"].fresh.content == SVG
    assert '<img class="logo" src="/logo.svg" alt="Norte"> <b>' in text(rendered, "/es/")
    assert "<span>Norte</span>" in text(render(of(replace(BRAND, logo=""))), "/es/")


def test_the_companys_page_has_none_of_it() -> None:
    rendered = render(of(None))
    assert not any(path.startswith(("/logo.", "/static/brand.")) for path in rendered)
    assert "brand." not in text(rendered, "/es/")
    assert render(of(replace(BRAND, logo="", light="", dark=""))).keys() == rendered.keys()


def test_a_logo_runs_nothing_where_somebody_opens_it(tmp_path: Path) -> None:
    view, clock = of(BRAND), FakeClock(THURSDAY)
    publish(tmp_path, render(view), view.at, view.stale_after)
    cache = SnapshotCache(unpublished=b"", snapshot=load(tmp_path / CURRENT))
    answer = cache.answer(Request(method="GET", path="/logo.svg"), read_clock(clock))
    policies = [value for name, value in answer.headers if name == "Content-Security-Policy"]
    # What it brings along may style it.
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; sandbox"]
    assert ("Content-Type", "image/svg+xml") in answer.headers

"""What search engines are told: every public page in each of its languages, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from urllib.robotparser import RobotFileParser

import pytest

from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from statuspage.publish import crawlers
from statuspage.publish.crawlers import ROBOTS, SITEMAP, crawler_files
from statuspage.publish.render import render
from statuspage.publish.rendered import HTML, Rendered
from tests.statuspage.builders import DISPLAY, component, service, showing, view
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, xml_root

OURS = "https://estado.example"
_URLS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_LINK = "{http://www.w3.org/1999/xhtml}link"


def listed(page: Rendered) -> dict[str, dict[str, str]]:
    """Each address of a sitemap with its alternates by language."""
    root = xml_root(page.fresh.content)
    assert root.tag == f"{_URLS}urlset"
    return {
        url.findtext(f"{_URLS}loc", ""): {
            link.attrib["hreflang"]: link.attrib["href"] for link in url.iter(_LINK)
        }
        for url in root
    }


@pytest.mark.parametrize("scene", SCENES)
def test_the_sitemap_lists_each_page_with_the_languages_that_the_page_names(scene: str) -> None:
    rendered = render(SCENES[scene]())
    wanted = {}
    for page in rendered.values():
        if page.content_type == HTML and page.status == 200:
            if b'content="noindex"' in page.fresh.content:
                continue
            links = list(Document.parse(page.fresh.content).root.iter("link"))
            canonical = next(e.attrib["href"] for e in links if e.attrib["rel"] == "canonical")
            wanted[canonical] = {
                e.attrib["hreflang"]: e.attrib["href"] for e in links if "hreflang" in e.attrib
            }
    assert listed(rendered[SITEMAP]) == wanted
    assert set(wanted) >= {OURS + p for p in ("/es/", "/historial", "/componente/web1")}


def test_crawlers_may_read_the_page_and_are_told_of_the_sitemap() -> None:
    robots = RobotFileParser()
    robots.parse(render(showing(Shown.DOWN))[ROBOTS].fresh.content.decode().splitlines())
    assert robots.can_fetch("Anybot", f"{OURS}/componente/c0")
    assert robots.site_maps() == [f"{OURS}{SITEMAP}"]


def test_neither_changes_before_there_are_other_pages() -> None:
    said = SCENES["repair"]()
    later = replace(said, at=Second(said.at + 60))
    assert crawler_files(later) == crawler_files(said)
    other = replace(said, incidents=said.incidents[1:])
    assert crawler_files(other)[SITEMAP] != crawler_files(said)[SITEMAP]


def test_an_address_with_marks_of_xml_is_written_as_it_is() -> None:
    page = replace(DISPLAY, url='https://a.example/?b&c="<', locales=("es",))
    found = listed(crawler_files(view(service("s", "S", component("a", "A")), page=page))[SITEMAP])
    home = page.url + "/es/"
    assert found[home] == {"es": home}


def test_the_newest_pages_are_listed_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crawlers, "MOST", 9)
    found = listed(crawler_files(showing(Shown.OPERATIONAL, Shown.OPERATIONAL))[SITEMAP])
    assert len(found) == 8
    assert f"{OURS}/componente/c0" in found
    assert f"{OURS}/componente/c1" not in found

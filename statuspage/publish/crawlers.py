"""What search engines ask for: where they may go, and which pages there are in which languages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from xml.sax.saxutils import quoteattr

from statuspage.pages.index import pages_of
from statuspage.pages.site import languages
from statuspage.parts.html import escaped
from statuspage.publish.rendered import TEXT, XML, Body, Rendered
from statuspage.view.model import ArchiveLinks, PublicView

ROBOTS, SITEMAP = "/robots.txt", "/sitemap.xml"
MOST = 50_000
"""Addresses in one sitemap, as sitemaps.org has it. The oldest are left out."""
_PAGES = 32
"""The company's own and those of brands, each with a sitemap that is not written anew."""
_Alternates = tuple[tuple[str, str], ...]
"""One page: (language, address) of each of its languages."""


def crawler_files(view: PublicView) -> dict[str, Rendered]:
    """The same from minute to minute, until there are other pages. Those of a private page are told
    to no search engine."""
    if view.brand is not None and view.brand.is_private:
        return {ROBOTS: _nowhere()}
    langs = languages(view)
    root = view.page.url.rstrip("/")
    pages = tuple(
        tuple((lang.value, page.address(lang)) for lang in langs)
        for page in pages_of(view)
        if page.is_listed
    )
    return {ROBOTS: _robots(root), SITEMAP: _sitemap(root, pages, view.archive, MOST // len(langs))}


@cache
def _nowhere() -> Rendered:
    body = Body.of(b"User-agent: *\nDisallow: /\n")
    return Rendered(fresh=body, stale=body, content_type=TEXT)


@lru_cache(maxsize=_PAGES)
def _robots(root: str) -> Rendered:
    body = Body.of(f"User-agent: *\nAllow: /\n\nSitemap: {root}{SITEMAP}\n".encode())
    return Rendered(fresh=body, stale=body, content_type=TEXT)


@lru_cache(maxsize=_PAGES)
def _sitemap(
    root: str, pages: tuple[_Alternates, ...], archive: ArchiveLinks, most: int
) -> Rendered:
    """The live pages, then those of the archive that are no live ones. Without dates of change:
    home changes by the minute, and each would change this file."""
    live = set(pages)
    listed = [*pages, *(page for page in archive.pages if page not in live)][:most]
    urls = "\n".join(url for page in listed for url in _urls(root, page))
    body = Body.packed(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        f"{urls}\n</urlset>\n".encode()
    )
    return Rendered(fresh=body, stale=body, content_type=XML)


def _urls(root: str, page: _Alternates) -> Iterator[str]:
    """One entry a language, each with the page in every language, itself included."""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href={quoteattr(root + path)}/>'
        for lang, path in page
    )
    return (f"<url><loc>{escaped(root + path)}</loc>{links}</url>" for _, path in page)

"""The templates, compiled once; and the static files."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.domain.catalogue import BrandPage
from monitor.domain.rollup import Shown
from monitor.i18n.languages import Lang
from statuspage.parts.assets import static_file, static_url, templates_folder
from statuspage.parts.brand import brand_css, brand_css_url, logo_of
from statuspage.parts.html import shown
from statuspage.parts.state import icon_file, preview_file
from statuspage.publish.rendered import CSS, PNG, SVG, Body, Caching, Rendered

_AT_ROOT = ("/favicon.ico", "/apple-touch-icon.png")
"""Where programs look that read no page, such as readers of feeds."""
_SERVED = {
    "page.css": CSS,
    "icon.svg": SVG,
    "apple-touch-icon.png": PNG,
    **{icon_file(shown): SVG for shown in Shown},
    **{preview_file(shown, lang): PNG for shown in Shown for lang in Lang},
}


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that nobody set is an error, not a gap in the page."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def brand_files(page: BrandPage | None) -> dict[str, Rendered]:
    """What the pages of a brand refer to besides. Its style sheet changes its address with its
    content; its logo keeps its own, by which other pages and mails show it too."""
    logo, files = logo_of(page), {}
    if logo is not None:
        body = Body.of(logo.content)
        files[logo.path] = Rendered(
            fresh=body, stale=body, content_type=SVG if logo.is_svg else PNG
        )
    if content := brand_css(page):
        body = Body.of(content)
        files[brand_css_url(page)] = Rendered(
            fresh=body, stale=body, content_type=CSS, caching=Caching.FOREVER
        )
    return files


@cache
def static_files() -> dict[str, Rendered]:
    """The files that pages refer to, of which none ever changes under its address; and the picture
    that is asked for at addresses of its own."""
    icon = Body.of(static_file("apple-touch-icon.png"))
    at_root = {path: Rendered(fresh=icon, stale=icon, content_type=PNG) for path in _AT_ROOT}
    return at_root | {
        static_url(name): Rendered(
            fresh=Body.of(static_file(name)),
            stale=Body.of(static_file(name)),
            content_type=content_type,
            caching=Caching.FOREVER,
        )
        for name, content_type in _SERVED.items()
    }

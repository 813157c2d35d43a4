"""The templates, compiled once; and the static files, each under an address of its content."""

from __future__ import annotations

import hashlib
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from statuspage.assets import static_file, templates_folder
from statuspage.html import shown
from statuspage.rendered import CSS, SVG, Body, Caching, Rendered

_SERVED = {"page.css": CSS, "icon.svg": SVG}


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that nobody set is an error, not a hole in the page."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def static_url(name: str) -> str:
    """An address that changes with the content: `/static/page.1a2b3c4d5e6f.css`."""
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{hashlib.sha256(static_file(name)).hexdigest()[:12]}.{ending}"


@cache
def static_files() -> dict[str, Rendered]:
    """What pages refer to; it never changes under its address."""
    return {
        static_url(name): Rendered(
            fresh=Body.of(static_file(name)),
            stale=Body.of(static_file(name)),
            content_type=content_type,
            caching=Caching.FOREVER,
        )
        for name, content_type in _SERVED.items()
    }

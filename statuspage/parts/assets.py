"""Where templates and static files lie: at the top of a checkout, bundled in an installation.

A static file is served under an address that changes with its content.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2] / "templates"


@cache
def templates_folder() -> Path:
    if (_CHECKOUT / "_static" / "unpublished.html").is_file():
        return _CHECKOUT
    return Path(str(resources.files("monitor") / "_bundled" / "templates"))


def static_file(name: str) -> bytes:
    """Raises OSError where the installation is broken."""
    return (templates_folder() / "_static" / name).read_bytes()


@cache
def static_url(name: str) -> str:
    """An address that changes with the content: `/static/page.1a2b3c4d5e6f.css`."""
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{hashlib.sha256(static_file(name)).hexdigest()[:12]}.{ending}"

"""Where templates and static files lie: at the top of a checkout, bundled in an installation."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1] / "templates"


@cache
def templates_folder() -> Path:
    if (_CHECKOUT / "_static" / "unpublished.html").is_file():
        return _CHECKOUT
    return Path(str(resources.files("monitor") / "_bundled" / "templates"))


def static_file(name: str) -> bytes:
    """Raises OSError where the installation is broken."""
    return (templates_folder() / "_static" / name).read_bytes()

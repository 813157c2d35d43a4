"""Which version of the product this is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def version_line() -> str:
    """`estado 0.1.0`; the version is unknown where the distribution is not installed."""
    try:
        return f"estado {version('estado')}"
    except PackageNotFoundError:
        return "estado (not installed)"

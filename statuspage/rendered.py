"""What rendering hands to publishing: for each address its bytes in two forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CSS = "text/css; charset=utf-8"
SVG = "image/svg+xml"


class Caching(StrEnum):
    """`Cache-Control` of an address."""

    REVALIDATE = "no-cache"
    FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One address. `stale` is served once the data is too old to be called the present.

    `alternates` has the addresses of other languages where this one negotiates ({locale: path});
    `language` is the locale of the bytes, None where they speak none.
    """

    fresh: bytes
    stale: bytes
    content_type: str
    status: int = 200
    caching: Caching = Caching.REVALIDATE
    language: str | None = None
    alternates: Mapping[str, str] = field(default_factory=dict)

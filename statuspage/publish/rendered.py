"""What rendering hands to publishing: for each address its bytes in two forms."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from statuspage.publish.encodings import gzipped

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CSS = "text/css; charset=utf-8"
SVG = "image/svg+xml"


class Caching(StrEnum):
    """`Cache-Control` of an address."""

    REVALIDATE = "no-cache"
    FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one form, known by their digest; packed where they are kept for long, for a page
    that stays the same is neither unpacked nor read again."""

    digest: str
    _held: bytes = field(compare=False, repr=False)
    _is_packed: bool = field(compare=False, repr=False)

    @classmethod
    def of(cls, content: bytes) -> Body:
        return cls(_digest(content), content, False)

    @classmethod
    def packed(cls, content: bytes) -> Body:
        return cls(_digest(content), gzipped(content), True)

    @property
    def content(self) -> bytes:
        return gzip.decompress(self._held) if self._is_packed else self._held

    @property
    def gzipped(self) -> bytes:
        return self._held if self._is_packed else gzipped(self._held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One address. `stale` is served once the data is too old to be called the present; it has
    holes (`statuspage.parts.placeholders`) where it tells the time of the data, and `words` fill
    them.

    `alternates` has the addresses of other languages where this one negotiates ({locale: path});
    `language` is the locale of the bytes, None where they speak none.
    """

    fresh: Body
    stale: Body
    content_type: str
    status: int = 200
    caching: Caching = Caching.REVALIDATE
    language: str | None = None
    alternates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]

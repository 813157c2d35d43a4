"""What rendering hands to publishing: for each address its bytes in two forms."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from statuspage.parts.age import Promise
from statuspage.publish.encodings import gzipped

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CSS = "text/css; charset=utf-8"
SVG = "image/svg+xml"
PNG = "image/png"
XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
FEED_JSON = "application/feed+json; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"


class Caching(StrEnum):
    """`Cache-Control` of an address."""

    REVALIDATE = "no-cache"
    FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one form, known by their digest. They are packed where they stay for long: a
    page that does not change is neither unpacked nor read again."""

    digest: str
    _stored: bytes = field(compare=False, repr=False)
    _is_packed: bool = field(compare=False, repr=False)

    @classmethod
    def of(cls, content: bytes) -> Body:
        return cls(_digest(content), content, False)

    @classmethod
    def packed(cls, content: bytes) -> Body:
        return cls(_digest(content), gzipped(content), True)

    @property
    def content(self) -> bytes:
        return gzip.decompress(self._stored) if self._is_packed else self._stored

    @property
    def gzipped(self) -> bytes:
        return self._stored if self._is_packed else gzipped(self._stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One address. `stale` is served once the data is too old to count as the present. It has
    placeholders (`statuspage.parts.placeholders`) where it states the time of the data, and `words`
    replace them.

    `alternates` has the addresses of other languages where this one negotiates ({locale: path});
    `language` is the locale of the bytes, None where they have none. One that `is_small` fits into
    one packet as it is: it is not compressed, which would cost each publication more than it saves.
    """

    fresh: Body
    stale: Body
    content_type: str
    status: int = 200
    caching: Caching = Caching.REVALIDATE
    is_small: bool = False
    language: str | None = None
    alternates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    """Words that depend on when they are read."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]

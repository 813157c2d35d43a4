"""The archive beside the live publication: pages of what is over, which nothing touches until a
revision does.

```
published/archive/index.json            which months there are; swapped at once by a rename
published/archive/months/2026-10.….json one month: its pages, each with the digest of its bytes
published/archive/files/1f/1f3a….gz     the bytes, packed; a corrected page is another file
```
A file is never written again under its name, so that a reader sees the month before or the month
after, and a file that was cut off is known by its digest. ADR 41.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second
from statuspage.publish.manifest import ManifestError
from statuspage.view.closed_month import Figure, first_of

FOLDER = "archive"
INDEX = "index.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """One address: the digest of its bytes, the size of its file, and the key of what it was
    rendered from; pages with equal keys are equal."""

    digest: str
    size: int
    key: str
    content_type: str
    caching: str
    language: str | None = None

    @property
    def file(self) -> str:
        return f"files/{self.digest[:2]}/{self.digest}.gz"

    @property
    def alternates(self) -> Mapping[str, str]:
        """Each language has an address of its own."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthManifest:
    """`listed` are the addresses of its pages by language, the month's own first; what they load is
    among the `pages` as well, so that they look the same under a program that has other files."""

    pages: Mapping[str, ArchivedPage]
    listed: tuple[Mapping[str, str], ...]
    gone: frozenset[str]
    figures: tuple[Figure, ...]
    is_over: bool
    is_final: bool

    def encode(self) -> bytes:
        written = {
            "format": _FORMAT,
            "pages": {path: _page(page) for path, page in sorted(self.pages.items())},
            "listed": [dict(addresses) for addresses in self.listed],
            "gone": sorted(self.gone),
            "figures": [_figure(figure) for figure in self.figures],
            "is_over": self.is_over,
            "is_final": self.is_final,
        }
        return json.dumps(written, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, content: bytes) -> MonthManifest:
        """Raises ManifestError for whatever `encode` did not write."""
        document = _document(content)
        try:
            return cls(
                pages={path: ArchivedPage(**page) for path, page in document["pages"].items()},
                listed=tuple(dict(addresses) for addresses in document["listed"]),
                gone=frozenset(map(str, document["gone"])),
                figures=tuple(Figure(**_read_figure(f)) for f in document["figures"]),
                is_over=bool(document["is_over"]),
                is_final=bool(document["is_final"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ManifestError(f"unreadable month: {error!r}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class UpTo:
    """What the archive was made from, as far as it has come: the newest change and transition of
    the journal, the configurations, the program, what is private (marks alone), and when."""

    changes: int
    transitions: int
    configurations: str
    program: str
    private: frozenset[str]
    at: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveIndex:
    """`months` has the manifest of each; the pages of those `withheld` are not shown until they
    have been read again, for something in them has become private. `moved` leads from months that
    are not over to where they stand meanwhile. `up_to` is None until everything has been written
    once."""

    months: Mapping[str, str] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    up_to: UpTo | None = None

    def encode(self) -> bytes:
        up_to = self.up_to
        written = {
            "format": _FORMAT,
            "months": dict(sorted(self.months.items())),
            "withheld": sorted(self.withheld),
            "moved": dict(sorted(self.moved.items())),
            "up_to": None if up_to is None else {
                "changes": up_to.changes,
                "transitions": up_to.transitions,
                "configurations": up_to.configurations,
                "program": up_to.program,
                "private": sorted(up_to.private),
                "at": up_to.at,
            },
        }  # fmt: skip
        return json.dumps(written, indent=1).encode()

    @classmethod
    def decode(cls, content: bytes) -> ArchiveIndex:
        """Raises ManifestError for whatever `encode` did not write."""
        document = _document(content)
        try:
            return cls(
                months={_month(name): str(file) for name, file in document["months"].items()},
                withheld=frozenset(map(str, document["withheld"])),
                moved={str(path): str(to) for path, to in document["moved"].items()},
                up_to=_read_up_to(document["up_to"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ManifestError(f"unreadable archive: {error!r}") from error


def month_file(name: str, digest: str) -> str:
    return f"months/{name}.{digest}.json"


def _month(name: str) -> str:
    """Raises ValueError where that is no month: whoever reads the index would stumble over it."""
    first_of(name)
    return name


def _document(content: bytes) -> Any:
    try:
        document = json.loads(content)
        if document["format"] != _FORMAT:
            raise ManifestError(f"format {document['format']!r}, wanted {_FORMAT}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ManifestError(f"unreadable archive: {error!r}") from error
    return document


def _page(page: ArchivedPage) -> dict[str, object]:
    return {
        "digest": page.digest,
        "size": page.size,
        "key": page.key,
        "content_type": page.content_type,
        "caching": page.caching,
        "language": page.language,
    }


def _figure(figure: Figure) -> list[object]:
    return [
        figure.subject, figure.component, figure.start, figure.down, figure.unknown, figure.total,
    ]  # fmt: skip


def _read_figure(written: Any) -> dict[str, Any]:
    subject, component, start, down, unknown, total = written
    return {
        "subject": str(subject),
        "component": ComponentId(component),
        "start": None if start is None else Second(int(start)),
        "down": int(down),
        "unknown": int(unknown),
        "total": int(total),
    }


def _read_up_to(document: Any) -> UpTo | None:
    if document is None:
        return None
    return UpTo(
        changes=int(document["changes"]),
        transitions=int(document["transitions"]),
        configurations=str(document["configurations"]),
        program=str(document["program"]),
        private=frozenset(map(str, document["private"])),
        at=Second(int(document["at"])),
    )

"""The archive as the page role serves it: where each page is in memory, its bytes on the disk until
somebody asks for them, for few of thousands are ever asked for."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.domain.time.interval import Second
from statuspage.publish.archive.manifest import INDEX, ArchivedPage, ArchiveIndex, MonthManifest
from statuspage.publish.encodings import encoded
from statuspage.publish.manifest import SUFFIXES, ManifestError
from statuspage.publish.rendered import Body as Written
from statuspage.serve.snapshot import Body, body_of, etag_of

_ENCODINGS = tuple(SUFFIXES)


class Unreadable(Exception):
    """A file of the archive is missing, or is not what was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedBody:
    """A page's bytes, still to be read."""

    etag: str
    encoding: str
    file: Path
    digest: str

    def render(self) -> bytes:
        """Raises Unreadable."""
        try:
            content = gzip.decompress(self.file.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(f"{self.file}: {error}") from error
        if Written.of(content).digest != self.digest:
            raise Unreadable(f"{self.file} has other bytes than were written")
        return encoded(content, self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAddress:
    """A page of the archive. It has one form: nothing in it is of the present."""

    path: str
    page: ArchivedPage
    root: Path

    @property
    def status(self) -> int:
        return 200

    @property
    def fresh_encodings(self) -> tuple[str, ...]:
        return _ENCODINGS

    @property
    def stale_encodings(self) -> tuple[str, ...]:
        return _ENCODINGS

    def body(self, encoding: str, *, is_stale: bool, now: Second) -> Body:
        page = self.page
        etag = etag_of(page.digest, encoding)
        content = ArchivedBody(
            etag=etag, encoding=encoding, file=self.root / page.file, digest=page.digest
        )
        return body_of(self.path, page, etag, encoding, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """`withheld` are addresses whose pages are read again at the moment, `moved` leads to where a
    month stands that is not over, and `gone` has the marks of what is public no more. Unless it
    `is_whole`, there are pages of which nobody can tell for now."""

    pages: Mapping[str, ArchivedAddress] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    is_whole: bool = True

    def __contains__(self, path: str) -> bool:
        return path in self.pages or path in self.withheld or path in self.moved


NO_ARCHIVE = Archive()


class ArchiveReader:
    """Reads the index where it is another than the last time, and of it the months that are."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: object = None
        self._refused: object = None
        """What has been reported, and is tried again without a word."""
        self._months: dict[str, MonthManifest] = {}
        """By file."""
        self.unreadable: tuple[str, ...] = ()

    def newer(self) -> Archive | None:
        """The archive if it has changed, without the months that cannot be read (`unreadable`).
        Raises OSError or ManifestError, once, where the index cannot be. What could not be read is
        tried again: the disk may have refused it for a moment, and nobody writes anew what is
        whole."""
        try:
            found = (self._root / INDEX).stat()
        except FileNotFoundError:
            return self._vanished()
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        is_same, missing = seen == self._seen, self.unreadable
        if is_same and not missing:
            return None
        try:
            index = ArchiveIndex.decode((self._root / INDEX).read_bytes())
        except (OSError, ManifestError):
            if seen == self._refused:
                return None
            self._refused = seen
            raise
        self._seen = seen
        self._months = dict(self._readable(index))
        return None if is_same and self.unreadable == missing else self._archive(index)

    def _vanished(self) -> Archive | None:
        if self._seen is None:
            return None
        self._seen = None
        return NO_ARCHIVE

    def _readable(self, index: ArchiveIndex) -> Iterator[tuple[str, MonthManifest]]:
        self.unreadable = ()
        for file in index.months.values():
            try:
                known = self._months.get(file)
                yield file, known or MonthManifest.decode((self._root / file).read_bytes())
            except (OSError, ManifestError):
                # The core writes it anew; what it said cannot be told until then.
                self.unreadable += (file,)

    def _archive(self, index: ArchiveIndex) -> Archive:
        found = {name: self._months.get(file) for name, file in index.months.items()}
        months = {name: month for name, month in found.items() if month is not None}
        shown = [m for name, m in months.items() if name not in index.withheld]
        held = [m for name, m in months.items() if name in index.withheld]
        return Archive(
            pages={
                path: ArchivedAddress(path=path, page=page, root=self._root)
                for month in shown
                for path, page in month.pages.items()
            },
            withheld=frozenset(path for month in held for path in month.pages),
            moved=index.moved,
            gone=frozenset(mark for month in months.values() for mark in month.gone),
            is_whole=len(months) == len(index.months),
        )

"""Writing the archive: files first, then the month that names them, then the index, by a rename."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from monitor.domain.time.interval import Second
from monitor.runtime.folders import sync_folder
from monitor.runtime.kill_points import reached
from statuspage.publish.archive.manifest import (
    INDEX,
    ArchivedPage,
    ArchiveIndex,
    MonthManifest,
    UpTo,
    month_file,
)
from statuspage.publish.manifest import ManifestError
from statuspage.publish.rendered import Body

_UNREADABLE = (OSError, EOFError, zlib.error)


class ArchiveFolder:
    """One writer at a time. What cannot be read of it is as if it had never been written. Every
    method that writes raises OSError, and leaves what readers see as it was."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.index = ArchiveIndex()
        self.months: dict[str, MonthManifest] = {}
        self.unwritten: set[str] = set()
        """Months of which something is damaged, until they are written anew."""
        self._read()

    def put(self, content: bytes, page: ArchivedPage) -> ArchivedPage:
        """Write the bytes of a page, unless they are there; return it with their digest."""
        body = Body.packed(content)
        written = replace(page, digest=body.digest, size=len(body.gzipped))
        path = self._root / written.file
        if not _has_size(path, written.size):
            _write(path, body.gzipped)
            reached("archive.file.after")
        return written

    def has(self, page: ArchivedPage) -> bool:
        """Whether the file of a page is there as a whole, as far as its size tells."""
        return _has_size(self._root / page.file, page.size)

    def switch(self, name: str, manifest: MonthManifest) -> None:
        """Show a month as it is now."""
        if self.months.get(name) != manifest or name in self.unwritten:
            content = manifest.encode()
            file = month_file(name, Body.of(content).digest)
            reached("archive.month.before")
            _write(self._root / file, content)
            months = {**self.index.months, name: file}
        else:
            months = dict(self.index.months)
        self._point(replace(self.index, months=months, withheld=self.index.withheld - {name}))
        self.months[name] = manifest
        self.unwritten.discard(name)

    def withhold(self) -> None:
        """Show no page until its month has been read again."""
        withheld = frozenset(self.index.months)
        if withheld != self.index.withheld:
            self._point(replace(self.index, withheld=withheld))

    def begin(self, names: frozenset[str]) -> None:
        """Forget months that the journal knows nothing of: it is another journal."""
        known = {name: file for name, file in self.index.months.items() if name in names}
        if len(known) < len(self.index.months):
            self.months = {name: m for name, m in self.months.items() if name in names}
            self._point(
                replace(self.index, months=known, withheld=self.index.withheld & names, up_to=None)
            )

    def move(self, moved: Mapping[str, str]) -> None:
        """Lead from months that are not over to where they stand."""
        if moved != self.index.moved:
            self._point(replace(self.index, moved=moved))

    def complete(self, up_to: UpTo) -> None:
        """Everything up to there is written."""
        before = self.index.up_to
        if before is None or replace(before, at=Second(0)) != replace(up_to, at=Second(0)):
            self._point(replace(self.index, up_to=up_to))
        else:
            # That nothing has changed needs no writing each minute.
            self.index = replace(self.index, up_to=up_to)

    def prune(self) -> None:
        """Remove the files that no month names any more, and what a kill left half written."""
        named = {self._root / INDEX}
        named |= {self._root / file for file in self.index.months.values()}
        named |= {self._root / p.file for m in self.months.values() for p in m.pages.values()}
        for path in _files(self._root):
            if path not in named:
                path.unlink(missing_ok=True)

    def is_damaged(self, name: str) -> bool:
        """Whether a file of the month is missing, or is not what was written."""
        pages = self.months[name].pages.values()
        if not _is_named_by(self._root / self.index.months[name], name):
            return True
        return any(_digest_of(self._root / page.file) != page.digest for page in pages)

    def forget(self, name: str) -> None:
        """Have a month written anew: its damaged files are removed, and what is whole stays."""
        manifest = self.months[name]
        whole = {}
        for path, page in manifest.pages.items():
            if _digest_of(self._root / page.file) == page.digest:
                whole[path] = page
            else:
                (self._root / page.file).unlink(missing_ok=True)
        self.months[name] = replace(manifest, pages=whole)
        self.unwritten.add(name)

    def _read(self) -> None:
        try:
            self.index = ArchiveIndex.decode((self._root / INDEX).read_bytes())
        except (OSError, ManifestError):
            return
        for name, file in self.index.months.items():
            try:
                self.months[name] = MonthManifest.decode((self._root / file).read_bytes())
            except (OSError, ManifestError):
                # The month is read and written anew.
                continue
        if self.months.keys() != self.index.months.keys():
            known = {n: file for n, file in self.index.months.items() if n in self.months}
            self.index = replace(self.index, months=known)

    def _point(self, index: ArchiveIndex) -> None:
        _write(self._root / INDEX, index.encode())
        reached("archive.index.after")
        self.index = index


def _write(path: Path, content: bytes) -> None:
    """The file as a whole or not at all, on the disk before its name is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _is_named_by(manifest: Path, month: str) -> bool:
    """Whether the file of a month is what was written under its name."""
    try:
        digest = Body.of(manifest.read_bytes()).digest
    except OSError:
        return False
    return manifest.name == Path(month_file(month, digest)).name


def _digest_of(path: Path) -> str:
    """Of the bytes in a packed file; empty where it cannot be read."""
    try:
        return Body.of(gzip.decompress(path.read_bytes())).digest
    except _UNREADABLE:
        return ""


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file())

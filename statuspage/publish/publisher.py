"""Publishing: every address as files in a new folder, then one rename makes it the current one.

A reader sees the old folder or the new one, never half of either. That holds after a power cut too,
for everything is on the disk before the link moves. Home and the API state the time of their data,
so each publication is new. What has not changed is linked: neither unpacked nor written again.

A form with placeholders (`statuspage.parts.placeholders`) is written packed, once. The page role
unpacks it and replaces them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.runtime.folders import sync_folder
from statuspage.parts.age import Promise
from statuspage.parts.placeholders import placeholders_in
from statuspage.publish.encodings import encoded, is_worth_it
from statuspage.publish.manifest import (
    CURRENT,
    NAME,
    SUFFIXES,
    Entry,
    Form,
    Manifest,
    ManifestError,
)
from statuspage.publish.rendered import HTML, PNG, Body, Rendered

KEPT = 3
"""How many publications stay: readers of an older one can finish."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def publish(
    folder: Path,
    rendered: Mapping[str, Rendered],
    at: Second,
    stale_after: int,
    *,
    boottime: float = 0.0,
    boot_id: str = "",
    gone: frozenset[str] = frozenset(),
) -> int:
    """Write one publication and make it current; return its number. Raises OSError.

    One writer at a time. `at` is the time of the data by the wall clock, and `boottime` of the boot
    `boot_id` the same time, where that was read. `stale_after` is in seconds. `gone` has the marks
    of addresses that are public no more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    number = max(_numbers(folder), default=0) + 1
    unfinished = folder / f".writing-{number}"
    writer = _Writer(root=unfinished, previous=_Previous.read(folder))
    entries = {path: writer.entry(path, page) for path, page in rendered.items()}
    words = _words_by_language(rendered.values())
    promised = _promises_by_language(rendered.values())
    taken = ClockReading(at=at, boottime=boottime, boot_id=boot_id)
    manifest = Manifest(
        taken=taken,
        stale_after=stale_after,
        entries=entries,
        words=words,
        gone=gone,
        promises=promised,
    )
    writer.write(unfinished / NAME, manifest.encode())
    writer.sync()
    unfinished.rename(folder / str(number))
    _point(folder, number)
    _prune(folder, number)
    return number


@dataclass(frozen=True, slots=True)
class _Previous:
    """The publication before this one: digest to file, for what can be linked."""

    root: str
    files: Mapping[str, Form]

    @classmethod
    def read(cls, folder: Path) -> _Previous:
        root = folder / CURRENT
        try:
            manifest = Manifest.decode((root / NAME).read_bytes())
        except (OSError, ManifestError):
            return cls(str(root), {})
        forms = [form for e in manifest.entries.values() for form in (e.fresh, e.stale)]
        return cls(str(root.resolve()), {form.digest: form for form in forms})


@dataclass(slots=True)
class _Writer:
    root: Path
    previous: _Previous
    _own: str = field(init=False)
    """The root as text: each of thousands of links begins with it."""
    _written: list[Path] = field(default_factory=list)
    _folders: set[Path] = field(default_factory=set)
    _made_for_links: set[str] = field(default_factory=set)
    _new_forms: dict[str, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own = str(self.root)

    def entry(self, path: str, page: Rendered) -> Entry:
        file, is_same = file_of(path, page), page.stale == page.fresh
        kind = {"is_small": page.is_small, "is_text": page.content_type != PNG}
        fresh = self._form(f"fresh/{file}", page.fresh, **kind)
        stale = fresh if is_same else self._form(f"stale/{file}", page.stale, **kind)
        return Entry(
            status=page.status,
            content_type=page.content_type,
            caching=page.caching.value,
            fresh=fresh,
            stale=stale,
            language=page.language,
            alternates=dict(page.alternates),
        )

    def write(self, path: Path, content: bytes) -> None:
        self._make_folder(path.parent)
        try:
            # Never write through a link into an older publication.
            descriptor = os.open(path, _NEW, 0o666)
        except FileExistsError:
            path.unlink()
            descriptor = os.open(path, _NEW, 0o666)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - opened already
            file.write(content)
        self._written.append(path)

    def sync(self) -> None:
        """Flush everything to the disk: files first, then the folders that name them."""
        for path in (*self._written, *sorted(self._folders, reverse=True)):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _form(self, file: str, body: Body, *, is_small: bool, is_text: bool) -> Form:
        for root, known in (
            (self._own, self._new_forms),
            (self.previous.root, self.previous.files),
        ):
            former = known.get(body.digest)
            if former is not None and self._link(root, former, file):
                return former if former.file == file else replace(former, file=file)
        content = body.content
        # The bytes of a picture may look like one.
        holes = placeholders_in(content) if is_text else ()
        bodies = (
            {"identity": content} if is_small else _encoded(body, content, only_gzip=bool(holes))
        )
        for encoding, written in bodies.items():
            self.write(self.root / (file + SUFFIXES[encoding]), written)
        sizes = {encoding: len(written) for encoding, written in bodies.items()}
        form = Form(file=file, digest=body.digest, sizes=sizes, holes=holes)
        self._new_forms[body.digest] = form
        return form

    def _link(self, root: str, former: Form, file: str) -> bool:
        """Whether the files of an equal form could be linked: not every file system allows it."""
        self._make_folder_of(file)
        source, target = f"{root}/{former.file}", f"{self._own}/{file}"
        try:
            for encoding in former.sizes:
                os.link(source + SUFFIXES[encoding], target + SUFFIXES[encoding])
        except OSError:
            return False
        return True

    def _make_folder_of(self, file: str) -> None:
        """Once a folder: nearly every file is linked, and paths cost more than the links."""
        name, _, _ = file.rpartition("/")
        if name not in self._made_for_links:
            self._make_folder(self.root / name)
            self._made_for_links.add(name)

    def _make_folder(self, path: Path) -> None:
        if path in self._folders:
            return
        path.mkdir(parents=True, exist_ok=True)
        while path not in self._folders and path != self.root.parent:
            self._folders.add(path)
            path = path.parent


def file_of(path: str, page: Rendered) -> str:
    """The file of an address, so that a web server finds it: `/es/` is `es/index.html`."""
    name = path.removeprefix("/")
    if path.endswith("/"):
        return f"{name}index.html"
    return f"{name}.html" if page.content_type == HTML else name


def _words_by_language(pages: Iterable[Rendered]) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for page in pages:
        if page.language and page.words:
            words.setdefault(page.language, {}).update(page.words)
    return words


def _promises_by_language(pages: Iterable[Rendered]) -> dict[str, dict[str, Promise]]:
    promised: dict[str, dict[str, Promise]] = {}
    for page in pages:
        if page.language and page.promises:
            promised.setdefault(page.language, {}).update(page.promises)
    return promised


def _encoded(body: Body, content: bytes, *, only_gzip: bool) -> dict[str, bytes]:
    """The body in each encoding that is worth it."""
    if not is_worth_it(content):
        return {"identity": content}
    if only_gzip:
        return {"gzip": body.gzipped}
    bodies = {"identity": content, "gzip": body.gzipped, "br": encoded(content, "br")}
    return {name: written for name, written in bodies.items() if len(written) <= len(content)}


def _numbers(folder: Path) -> list[int]:
    return [int(p.name) for p in folder.iterdir() if p.name.isdecimal() and p.is_dir()]


def _point(folder: Path, number: int) -> None:
    """Move the link by a rename, which readers see at once or not at all."""
    link = folder / ".pointing"
    link.unlink(missing_ok=True)
    link.symlink_to(str(number))
    link.replace(folder / CURRENT)
    sync_folder(folder)


def _sweep(folder: Path) -> None:
    """Remove what a killed publication left half written."""
    for path in folder.glob(".writing-*"):
        shutil.rmtree(path, ignore_errors=True)


def _prune(folder: Path, current: int) -> None:
    for number in _numbers(folder):
        if number <= current - KEPT:
            shutil.rmtree(folder / str(number), ignore_errors=True)

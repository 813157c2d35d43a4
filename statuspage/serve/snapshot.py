"""A publication in memory: each address's bytes with their headers, ready to be sent.

Plain bodies and pages whose data is old are hardly ever sent: they are packed, and rendered when a
client asks for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from monitor.domain.time.age import ClockReading, age_s
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import is_for_other_hosts, may_be_framed
from statuspage.parts.age import Promise
from statuspage.parts.brand import LOGOS
from statuspage.publish.manifest import NAME, SUFFIXES, Entry, Form, Manifest, ManifestError
from statuspage.serve.late_rendering import LateBody, Renderable

Headers = tuple[tuple[str, str], ...]
API = "/api/"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY: Headers = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Server", "estado"),
)
_FRAMED: Headers = (
    ("Content-Security-Policy", POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")),
    *SECURITY[1:],
)
"""Of the one page that others may frame: it has no form and nothing to be tricked into."""
_PICTURED: Headers = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    *SECURITY[1:],
)
"""Of a brand's logo: an SVG is a document when somebody opens it, and runs nothing. It brings its
styles along."""
ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
"""Other people's dashboards read the API and badges from their own pages."""

_Files = dict[tuple[str, str], bytes]
"""The contents of files, by digest and encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One address, form and encoding. `headers` are sent with 200 and with 304, `body_headers` only
    with the bytes."""

    etag: str
    content: bytes | Renderable
    headers: Headers
    body_headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A form with placeholders, as its file has it: packed, or plain where it is small."""

    digest: str
    stored: bytes
    is_packed: bool
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What replaces the placeholders of a language's pages. Equal words have the same `tag`."""

    tag: str
    by_placeholder: Mapping[str, str]
    promises: Mapping[str, Promise]

    def at(self, now: Second) -> Words:
        """As they read at that second: of each promise, what holds then."""
        if not self.promises:
            return self
        kept = {name for name, promise in self.promises.items() if now < promise.until}
        said = {n: p.before if n in kept else p.after for n, p in self.promises.items()}
        marks = "".join("1" if name in kept else "0" for name in sorted(self.promises))
        return Words(
            tag=f"{self.tag}{marks}", by_placeholder={**self.by_placeholder, **said}, promises={}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An entry of the manifest with its bytes. `stale` is a `Template` where the form has
    placeholders."""

    path: str
    entry: Entry
    fresh: Mapping[str, Body]
    stale: Mapping[str, Body] | Template
    fresh_encodings: tuple[str, ...]
    stale_encodings: tuple[str, ...]
    """Best first."""

    @property
    def status(self) -> int:
        return self.entry.status

    def body(self, encoding: str, *, is_stale: bool, now: Second) -> Body:
        """The body in one of the form's encodings, as it reads at that second."""
        form = self.stale if is_stale else self.fresh
        if not isinstance(form, Template):
            return form[encoding]
        words = form.words.at(now)
        etag = etag_of(f"{form.digest}-{words.tag}", encoding)
        content = LateBody(
            etag=etag,
            encoding=encoding,
            stored=form.stored,
            is_packed=form.is_packed,
            words=words.by_placeholder,
        )
        return body_of(self.path, self.entry, etag, encoding, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    number: str
    taken: ClockReading
    stale_after: int
    addresses: Mapping[str, Address]
    files: _Files
    gone: frozenset[str] = frozenset()
    """Marks of addresses that are public no more."""

    def is_stale(self, now: ClockReading) -> bool:
        return age_s(self.taken, now) > self.stale_after


def load(folder: Path, before: Snapshot | None = None) -> Snapshot:
    """Read a whole publication. Raises OSError or ManifestError where it is not whole. Files that
    the publication `before` has in memory are not read again: a digest names their bytes."""
    manifest = Manifest.decode((folder / NAME).read_bytes())
    reader = _Reader(folder, before.files if before is not None else {}, manifest)
    return Snapshot(
        number=folder.name,
        taken=manifest.taken,
        stale_after=manifest.stale_after,
        addresses={path: reader.address(path, e) for path, e in manifest.entries.items()},
        files=reader.files,
        gone=manifest.gone,
    )


class _Reader:
    def __init__(self, folder: Path, known: _Files, manifest: Manifest) -> None:
        self.files: _Files = {}
        self._folder = folder
        self._known = known
        self._words = {
            lang: Words(
                tag=_tag(texts, promises := manifest.promises.get(lang, {})),
                by_placeholder=texts,
                promises=promises,
            )
            for lang, texts in manifest.words.items()
        }

    def address(self, path: str, entry: Entry) -> Address:
        fresh = self._bodies(path, entry, entry.fresh)
        stale = (
            self._template(entry) if entry.stale.holes else self._bodies(path, entry, entry.stale)
        )
        return Address(
            path=path,
            entry=entry,
            fresh=fresh,
            stale=stale,
            fresh_encodings=tuple(fresh),
            stale_encodings=_encodings(stale),
        )

    def _bodies(self, path: str, entry: Entry, form: Form) -> dict[str, Body]:
        """By encoding, best first."""
        bodies = {}
        for encoding in SUFFIXES:
            if encoding in form.sizes:
                etag = etag_of(form.digest, encoding)
                content = self._content(form, encoding, etag)
                bodies[encoding] = body_of(path, entry, etag, encoding, content)
        return bodies

    def _content(self, form: Form, encoding: str, etag: str) -> bytes | LateBody:
        if encoding != "identity" or "gzip" not in form.sizes:
            return self._file(form, encoding)
        packed = self._file(form, "gzip")
        return LateBody(etag=etag, encoding=encoding, stored=packed, is_packed=True, words={})

    def _template(self, entry: Entry) -> Template:
        form = entry.stale
        encoding = next(iter(form.sizes))
        return Template(
            digest=form.digest,
            stored=self._file(form, encoding),
            is_packed=encoding == "gzip",
            words=self._words[entry.language or ""],
        )

    def _file(self, form: Form, encoding: str) -> bytes:
        key = (form.digest, encoding)
        if key not in self.files:
            path = self._folder / (form.file + SUFFIXES[encoding])
            self.files[key] = self._known.get(key) or _read(path, form.sizes[encoding])
        return self.files[key]


def _read(path: Path, size: int) -> bytes:
    content = path.read_bytes()
    if len(content) != size:
        raise ManifestError(f"{path} has {len(content)} bytes, wanted {size}")
    return content


def _encodings(form: Mapping[str, Body] | Template) -> tuple[str, ...]:
    if not isinstance(form, Template):
        return tuple(form)
    return tuple(SUFFIXES) if form.is_packed else ("identity",)


def _tag(words: Mapping[str, str], promises: Mapping[str, Promise]) -> str:
    said = {name: [p.before, p.after] for name, p in promises.items()}
    return hashlib.sha256(json.dumps([words, said], sort_keys=True).encode()).hexdigest()[:12]


class Described(Protocol):
    """What the headers of an address say of it."""

    @property
    def content_type(self) -> str: ...
    @property
    def caching(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def alternates(self) -> Mapping[str, str]: ...


def etag_of(digest: str, encoding: str) -> str:
    return f'"{digest}"' if encoding == "identity" else f'"{digest}.{encoding}"'


def _security(path: str) -> Headers:
    if path in LOGOS:
        return _PICTURED
    return _FRAMED if may_be_framed(path) else SECURITY


def body_of(
    path: str, entry: Described, etag: str, encoding: str, content: bytes | Renderable
) -> Body:
    vary = "Accept-Language, Accept-Encoding" if entry.alternates else "Accept-Encoding"
    headers = [("ETag", etag), ("Cache-Control", entry.caching), ("Vary", vary)]
    headers += _security(path)
    if is_for_other_hosts(path):
        headers.append(ANY_ORIGIN)
    body_headers = [("Content-Type", entry.content_type)]
    if entry.language:
        body_headers.append(("Content-Language", entry.language))
    if encoding != "identity":
        body_headers.append(("Content-Encoding", encoding))
    return Body(
        etag=etag, content=content, headers=tuple(headers), body_headers=tuple(body_headers)
    )

"""A publication in memory: each address's bytes with their headers, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.domain.interval import Second
from statuspage.manifest import NAME, SUFFIXES, Entry, Form, Manifest, ManifestError

Headers = tuple[tuple[str, str], ...]
_API = "/api/"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One address, form and encoding. `headers` are those of 200 and of 304 alike, `more` those
    that only come with the bytes."""

    digest: str
    etag: str
    content: bytes
    headers: Headers
    more: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`encodings` are those of `fresh` and `stale` each, best first. `alternates` as rendered."""

    status: int
    language: str | None
    alternates: Mapping[str, str]
    fresh: Mapping[str, Body]
    stale: Mapping[str, Body]
    fresh_encodings: tuple[str, ...]
    stale_encodings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    number: str
    at: Second
    stale_after: int
    addresses: Mapping[str, Address]

    def is_stale(self, now: Second) -> bool:
        return now - self.at > self.stale_after


def load(folder: Path, before: Snapshot | None = None) -> Snapshot:
    """Read a publication whole. Raises OSError or ManifestError where it is not whole. What is in
    memory from the one `before` is not read again: a digest names its bytes."""
    manifest = Manifest.decode((folder / NAME).read_bytes())
    known = _held(before) if before is not None else {}
    addresses = {
        path: _address(path, entry, folder, known) for path, entry in manifest.entries.items()
    }
    return Snapshot(
        number=folder.name,
        at=manifest.at,
        stale_after=manifest.stale_after,
        addresses=addresses,
    )


def _held(before: Snapshot) -> dict[tuple[str, str], bytes]:
    return {
        (body.digest, encoding): body.content
        for address in before.addresses.values()
        for bodies in (address.fresh, address.stale)
        for encoding, body in bodies.items()
    }


def _address(path: str, entry: Entry, folder: Path, known: dict[tuple[str, str], bytes]) -> Address:
    fresh = _bodies(path, entry, entry.fresh, folder, known)
    stale = _bodies(path, entry, entry.stale, folder, known)
    return Address(
        status=entry.status,
        language=entry.language,
        alternates=entry.alternates,
        fresh=fresh,
        stale=stale,
        fresh_encodings=tuple(fresh),
        stale_encodings=tuple(stale),
    )


def _bodies(
    path: str, entry: Entry, form: Form, folder: Path, known: dict[tuple[str, str], bytes]
) -> dict[str, Body]:
    """By encoding, best first."""
    found = {}
    for encoding, suffix in SUFFIXES.items():
        if encoding not in form.sizes:
            continue
        key = (form.digest, encoding)
        if key not in known:
            known[key] = _content(folder / (form.file + suffix), form.sizes[encoding])
        found[encoding] = _body(path, entry, form.digest, encoding, known[key])
    return found


def _content(path: Path, size: int) -> bytes:
    content = path.read_bytes()
    if len(content) != size:
        raise ManifestError(f"{path} has {len(content)} bytes, wanted {size}")
    return content


def _body(path: str, entry: Entry, digest: str, encoding: str, content: bytes) -> Body:
    etag = f'"{digest}"' if encoding == "identity" else f'"{digest}.{encoding}"'
    vary = "Accept-Language, Accept-Encoding" if entry.alternates else "Accept-Encoding"
    headers = [("ETag", etag), ("Cache-Control", entry.caching), ("Vary", vary), *SECURITY]
    if path.startswith(_API):
        # Other people's dashboards read it from their own pages.
        headers.append(("Access-Control-Allow-Origin", "*"))
    more = [("Content-Type", entry.content_type)]
    if entry.language:
        more.append(("Content-Language", entry.language))
    if encoding != "identity":
        more.append(("Content-Encoding", encoding))
    return Body(digest=digest, etag=etag, content=content, headers=tuple(headers), more=tuple(more))

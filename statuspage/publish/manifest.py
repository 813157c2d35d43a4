"""The published folder's index: which file belongs to which address, form and encoding.

```
published/current -> 7        swapped at once by a rename
published/7/manifest.json
published/7/fresh/es/index.html      identity; beside it .gz and .br
published/7/stale/es/index.html.gz   the same address, once the data is too old
```
A web server may serve `current/fresh` where the page role stands behind it: by itself it cannot
tell that data is old. `stale` is for the page role alone. It has placeholders where it states the
time of its data, which the manifest's words replace (`statuspage.parts.placeholders`), so that it
does not change from minute to minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from statuspage.parts.age import Promise

NAME = "manifest.json"
CURRENT = "current"
_FORMAT = 2
_READABLE = (1, _FORMAT)
"""Format 1 had no placeholders. It is served until there is a newer publication."""
SUFFIXES: Mapping[str, str] = {"br": ".br", "gzip": ".gz", "identity": ""}
"""The encodings, best first, and how their files end."""


class ManifestError(Exception):
    """The folder was not written by this program, or not to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of an address: its file below the folder, its digest, its size in bytes by encoding.
    One with `holes`, which are placeholders, is stored in a single encoding, and is sent in any
    once they are replaced."""

    file: str
    digest: str
    sizes: Mapping[str, int]
    holes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """See `statuspage.publish.rendered.Rendered`, whose fields these are."""

    status: int
    content_type: str
    caching: str
    fresh: Form
    stale: Form
    language: str | None = None
    alternates: Mapping[str, str] = field(default_factory=dict)


_FIELDS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`taken` is the time of the data, `stale_after` for how many seconds it counts as fresh.
    `words` has by language what replaces the placeholders of its pages: {name: words}, escaped.
    `gone` has the marks of addresses that are public no more (`monitor.i18n.addresses.mark_of`):
    their names stand nowhere."""

    taken: ClockReading
    stale_after: int
    entries: Mapping[str, Entry]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    promises: Mapping[str, Mapping[str, Promise]] = field(default_factory=dict)
    """By language, words that depend on when they are read."""

    def encode(self) -> bytes:
        # Field by field and on one line: it is written at each change, and `asdict` copies deeply.
        entries = {path: _entry(entry) for path, entry in sorted(self.entries.items())}
        written = {
            "at": self.taken.at, "boot_id": self.taken.boot_id, "boottime": self.taken.boottime,
            "entries": entries, "format": _FORMAT, "stale_after": self.stale_after,
            "words": self.words, "gone": sorted(self.gone), "promises": _promises(self.promises),
        }  # fmt: skip
        return json.dumps(written, ensure_ascii=False).encode()

    @classmethod
    def decode(cls, content: bytes) -> Manifest:
        """Raises ManifestError for whatever `encode` did not write."""
        try:
            document = json.loads(content)
            if document["format"] not in _READABLE:
                raise ManifestError(f"format {document['format']!r}, wanted {_FORMAT}")
            entries = {
                path: Entry(**entry | {form: Form(**entry[form]) for form in ("fresh", "stale")})
                for path, entry in document["entries"].items()
            }
            taken, stale_after = _taken(document), int(document["stale_after"])
            words = {lang: dict(texts) for lang, texts in document.get("words", {}).items()}
            gone = frozenset(map(str, document.get("gone", ())))
            promises = _read_promises(document)
            _require_words(entries.values(), words, promises)
        except (
            ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise ManifestError(f"unreadable manifest: {error!r}") from error
        return cls(
            taken=taken, stale_after=stale_after, entries=entries, words=words, gone=gone,
            promises=promises,
        )  # fmt: skip


def _taken(document: Mapping[str, Any]) -> ClockReading:
    """A manifest that an earlier version wrote has the wall clock alone."""
    return ClockReading(
        at=Second(int(document["at"])),
        boottime=float(document.get("boottime", 0.0)),
        boot_id=str(document.get("boot_id", "")),
    )


def _entry(entry: Entry) -> dict[str, object]:
    values = {name: getattr(entry, name) for name in _FIELDS}
    return values | {"fresh": _form(entry.fresh), "stale": _form(entry.stale)}


def _form(form: Form) -> dict[str, object]:
    return {"digest": form.digest, "file": form.file, "holes": form.holes, "sizes": form.sizes}


def _promises(
    promises: Mapping[str, Mapping[str, Promise]],
) -> dict[str, dict[str, list[object]]]:
    return {
        lang: {name: [p.until, p.before, p.after] for name, p in found.items()}
        for lang, found in promises.items()
    }


def _read_promises(document: Mapping[str, Any]) -> dict[str, dict[str, Promise]]:
    """A manifest that an earlier version wrote has none."""
    return {
        lang: {
            name: Promise(until=Second(int(until)), before=str(before), after=str(after))
            for name, (until, before, after) in found.items()
        }
        for lang, found in document.get("promises", {}).items()
    }


def _require_words(
    entries: Iterable[Entry],
    words: Mapping[str, Mapping[str, str]],
    promises: Mapping[str, Mapping[str, Promise]],
) -> None:
    """Raises KeyError where a placeholder has no words."""
    for entry in entries:
        lang = entry.language or ""
        for name in entry.stale.holes:
            if name not in promises.get(lang, {}):
                words[lang][name]

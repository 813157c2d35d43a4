"""What the published page says of everything: messages to programs repeat it as it stands there."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from monitor.alerting.ports import Transient
from monitor.catalogues.shown import PageId
from monitor.domain.checks.observation import Json
from monitor.domain.time.clock import Clock
from statuspage.publish.manifest import CURRENT, NAME, SUFFIXES, Form, Manifest, ManifestError

_DOCUMENT = "/api/v2/status.json"
_KEPT_S = 5.0


class PageStatus:
    """Reads the publication at most every few seconds."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._read_at: float | None = None
        self._status: Mapping[str, Json] = {}

    def __call__(self) -> Mapping[str, Json]:
        """`id`, `status_indicator`, `status_description`. Raises Transient where nothing readable
        is published."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= _KEPT_S:
            self._status, self._read_at = self._read(), now
        return self._status

    def _read(self) -> Mapping[str, Json]:
        try:
            # One publication, whatever is published meanwhile.
            folder = (self._folder / CURRENT).resolve(strict=True)
            manifest = Manifest.decode((folder / NAME).read_bytes())
            entry = manifest.entries[_DOCUMENT]
            document = json.loads(_content(folder, entry.fresh))
            page, status = document["page"], document["status"]
            return {
                "id": str(page["id"]),
                "status_indicator": str(status["indicator"]),
                "status_description": str(status["description"]),
            }
        except (OSError, ManifestError, KeyError, TypeError, ValueError) as error:
            raise Transient(f"the published page cannot be read: {type(error).__name__}") from error


class PageStatuses:
    """Of each page, by its id: None is the company's own."""

    def __init__(self, folders: Mapping[PageId, Path], clock: Clock) -> None:
        self._pages = {page: PageStatus(folder, clock) for page, folder in folders.items()}

    def __call__(self, page: PageId) -> Mapping[str, Json]:
        """As `PageStatus`."""
        found = self._pages.get(page)
        if found is None:
            raise Transient("no such page is configured")
        return found()


def _content(folder: Path, form: Form) -> bytes:
    """Raises OSError, ValueError where it is in no encoding that we read."""
    if "identity" in form.sizes:
        return (folder / form.file).read_bytes()
    if "gzip" in form.sizes:
        return gzip.decompress((folder / (form.file + SUFFIXES["gzip"])).read_bytes())
    raise ValueError("neither plain nor gzip")

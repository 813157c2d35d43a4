"""Another role follows the core's compiled catalogue by its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.catalogues.file import CatalogueUnreadable, read_catalogues
from monitor.domain.catalogue import CatalogueRevision


class CatalogueWatch:
    """`specs` as for `read_catalogues`."""

    def __init__(self, path: Path, specs: Mapping[str, type[Any]] | None = None) -> None:
        self._path = path
        self._specs = specs
        self._seen: tuple[int, int] | None = None
        self._refused: tuple[int, int] | None = None
        """What has been reported, and is tried again without a word."""

    def read_new(self) -> tuple[CatalogueRevision, ...] | None:
        """The revisions, where the core has renamed another file in since the last call; None where
        it has not, or where there is no file. Raises CatalogueUnreadable, once for each file; one
        that the system refused to read is tried again with each call."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CatalogueUnreadable(f"{self._path}: {error}") from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen == self._seen:
            return None
        try:
            found = read_catalogues(self._path, self._specs)
        except CatalogueUnreadable as error:
            # There may be no descriptor left for a moment: whoever then waited for another file
            # would keep what was withdrawn. What is no catalogue stays none.
            if not isinstance(error.__cause__, OSError):
                self._seen = seen
            is_known, self._refused = seen == self._refused, seen
            if is_known:
                return None
            raise
        self._seen = seen
        return found

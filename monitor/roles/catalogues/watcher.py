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

    def read_new(self) -> tuple[CatalogueRevision, ...] | None:
        """The revisions, where the core has renamed another file in since the last call; None where
        it has not, or where there is no file. Raises CatalogueUnreadable, once for each file."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CatalogueUnreadable(f"{self._path}: {error}") from error
        if (stat.st_mtime_ns, stat.st_ino) == self._seen:
            return None
        self._seen = (stat.st_mtime_ns, stat.st_ino)
        return read_catalogues(self._path, self._specs)

"""The page role's table of customers' domains: read again when the core has written another."""

from __future__ import annotations

from pathlib import Path

import structlog

from monitor.domain.customers.name_table import NameTable, decode_table
from monitor.roles.settings import names_key_file, names_table_file
from monitor.runtime.key_file import read_key


class PageNames:
    """Its file is there while there is a name to ask for."""

    def __init__(self, data_dir: Path) -> None:
        self._file = names_table_file(data_dir)
        self._key_file = names_key_file(data_dir)
        self._read: tuple[int, int] | None = None
        self._table: NameTable | None = None
        self._log = structlog.get_logger()

    def table(self) -> NameTable | None:
        """The newest one; None where none can be read, which is told once of each file."""
        try:
            found = self._file.stat()
            written = (found.st_ino, found.st_mtime_ns)
        except OSError:
            self._read = self._table = None
            return None
        if written != self._read:
            self._read, self._table = written, self._load()
        return self._table

    def _load(self) -> NameTable | None:
        try:
            return decode_table(self._file.read_bytes(), read_key(self._key_file))
        except (OSError, ValueError) as error:
            self._log.error("page.no_names", error=str(error))
            return None

"""How far the core has read each inbox: it says so in a file, and writers prune behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def write_read_so_far(path: Path, cursors: Mapping[str, int]) -> None:
    """By the lineage of each inbox. Raises OSError."""
    aside = path.with_name(f"{path.name}.new")
    aside.write_text(json.dumps(cursors), "utf-8")
    aside.replace(path)


def read_so_far(path: Path, lineage: str) -> int:
    """The last `seq` of that inbox whose meaning is in the journal; 0 where none is."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        return int(json.loads(path.read_text("utf-8")).get(lineage, 0))
    return 0

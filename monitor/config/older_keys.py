"""Keys that have a better name now. The older name means the same for ever: files and the revisions
of a journal have it. `estado config check` says once where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.config.document import Document, read_document
from monitor.config.errors import Fault, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderKey:
    """`way`: the keys that lead to the mappings it stands in, through every item of a list."""

    way: tuple[str, ...]
    older: str
    key: str


OLDER_KEYS = (
    OlderKey(way=("connectivity",), older="gates", key="further_checks"),
    OlderKey(way=("services", "components", "checks"), older="gate", key="connectivity_check"),
)
_OLDER = {one.key: one.older for one in OLDER_KEYS}


def rename_older_keys(value: Any) -> list[Fault]:
    """Rename them within the document's value; what stands under both names is a fault."""
    faults = []
    for at, owner, one in _places(value):
        if one.key in owner:
            wanted = f"is the older name of {one.key}, which stands here too: keep that one"
            faults.append(Fault(path=(*at, one.older), wanted=wanted))
            del owner[one.older]
        else:
            owner[one.key] = owner.pop(one.older)
    return faults


def as_written(path: Path, document: Document) -> Path:
    """The path by the keys that the file has."""
    written: Path = ()
    for part in path:
        older = _OLDER.get(part) if isinstance(part, str) else None
        is_older = (
            older is not None
            and not document.has((*written, part))
            and document.has((*written, older))
        )
        written = (*written, older if is_older and older is not None else part)
    return written


def older_keys_in(text: str) -> list[str]:
    """One sentence for each older key that a readable text has."""
    document = read_document(text)
    found: dict[OlderKey, list[Path]] = {}
    for at, _, one in _places(document.value):
        found.setdefault(one, []).append((*at, one.older))
    return [
        f"{one.older}, {_lines(document, paths)}: its name is {one.key} now; the older one goes on "
        "meaning the same"
        for one, paths in found.items()
    ]


def _lines(document: Document, paths: list[Path]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"line {document.line(paths[0])}{more}"


def _places(value: Any) -> Iterator[tuple[Path, dict[str, Any], OlderKey]]:
    for one in OLDER_KEYS:
        for at, owner in _owners(value, one.way, ()):
            if one.older in owner:
                yield at, owner, one


def _owners(value: Any, way: tuple[str, ...], at: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every mapping at the end of the way."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _owners(item, way, (*at, index))
    elif isinstance(value, dict):
        if not way:
            yield at, value
        elif way[0] in value:
            yield from _owners(value[way[0]], way[1:], (*at, way[0]))

"""The compiled catalogue as a file: what prober and page start from, also while the core is dead.

JSON, written aside and renamed in. It holds what those two need: checks with their typed
specifications, gates, bounds, and where the page listens. Secrets stay references.
"""

from __future__ import annotations

import json
import os
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from monitor.domain.catalogue import CatalogueRevision, Check, Gate, Operations
from monitor.domain.interval import Second
from monitor.domain.secret import Secret
from monitor.engine.runner import Assignment

SpecOf = Callable[[str], type[Any]]
"""The specification's type of a probe kind; raises KeyError for one that is unknown."""


class CatalogueUnreadable(Exception):
    """The file is not there, or not this program's."""


def write_catalogues(path: Path, revisions: Sequence[CatalogueRevision]) -> None:
    """The revision in force and those to come matter; older ones are left out."""
    kept = sorted(revisions, key=lambda r: r.number)[-2:]
    page = kept[-1].catalogue.page
    content = {
        "page": {"host": page.bind_host, "port": page.bind_port},
        "revisions": [_revision(revision) for revision in kept],
    }
    aside = path.with_suffix(".tmp")
    with aside.open("w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(path)


def read_page_address(path: Path) -> tuple[str, int]:
    """Where the page listens. Raises CatalogueUnreadable."""
    page = _load(path)["page"]
    return str(page["host"]), int(page["port"])


def read_assignments(path: Path, spec_of: SpecOf) -> list[Assignment]:
    """What to look at, by revision. Raises CatalogueUnreadable."""
    try:
        return [_assignment(raw, spec_of) for raw in _load(path)["revisions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueUnreadable(f"{path}: {error}") from error


def read_operations(path: Path) -> Operations:
    """The bounds of the newest revision. Raises CatalogueUnreadable."""
    found: Operations = decode(Operations, _load(path)["revisions"][-1]["operations"])
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueUnreadable(f"{path}: {error}") from error
    return found


def _revision(revision: CatalogueRevision) -> dict[str, Any]:
    catalogue = revision.catalogue
    return {
        "number": revision.number,
        "effective_from": revision.effective_from,
        "checks": [encode(check) for check in catalogue.checks],
        "gates": [encode(gate) for gate in catalogue.gates],
        "operations": encode(catalogue.operations),
    }


def _assignment(raw: Mapping[str, Any], spec_of: SpecOf) -> Assignment:
    operations: Operations = decode(Operations, raw["operations"])
    return Assignment(
        revision=int(raw["number"]),
        effective_from=Second(int(raw["effective_from"])),
        checks=tuple(_check(check, spec_of) for check in raw["checks"]),
        gates=tuple(decode(Gate, gate) for gate in raw["gates"]),
        max_concurrent=operations.max_concurrent,
        handshakes_per_tick=operations.handshakes_per_tick,
    )


def _check(raw: Mapping[str, Any], spec_of: SpecOf) -> Check:
    spec = decode(spec_of(raw["kind"]), raw["spec"])
    made: Check = decode(Check, {k: v for k, v in raw.items() if k != "spec"}, spec=spec)
    return made


def encode(value: Any) -> Any:
    """A frozen value as JSON: dataclasses as objects, a field at its default left out."""
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: encode(getattr(value, f.name))
            for f in fields(value)
            if f.default is MISSING or getattr(value, f.name) != f.default
        }
    if isinstance(value, Mapping):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [encode(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"no JSON for {type(value).__name__}")


def decode(kind: Any, raw: Any, **given: Any) -> Any:
    """The value of a type from its JSON, by the type's own annotations."""
    origin = get_origin(kind)
    if kind is Any or kind is object or raw is None:
        return raw
    if origin in (typing.Union, types.UnionType):
        return _decode_union(kind, raw)
    if origin is not None:
        return _decode_container(origin, get_args(kind), raw)
    if isinstance(kind, typing.NewType):
        return decode(kind.__supertype__, raw)
    if kind is Secret or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(raw)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        made = {name: decode(hints[name], held) for name, held in raw.items()}
        return _call(kind, made | given)
    return float(raw) if kind is float else raw


def _call(kind: Any, fields_of: Mapping[str, Any]) -> Any:
    return kind(**fields_of)


def _decode_union(kind: Any, raw: Any) -> Any:
    """`X | None` is the one union with a typed side; of plain JSON values any is right."""
    typed = [k for k in get_args(kind) if k not in (type(None), bool, int, float, str)]
    return decode(typed[0], raw) if typed else raw


def _decode_container(origin: Any, args: tuple[Any, ...], raw: Any) -> Any:
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {k: decode(args[1], v) for k, v in raw.items()}
    if origin is tuple:
        return tuple(decode(args[0], item) for item in raw)
    if origin is frozenset:
        return frozenset(decode(args[0], item) for item in raw)
    return [decode(args[0], item) for item in raw]

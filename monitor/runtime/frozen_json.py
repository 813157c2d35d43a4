"""Frozen values as JSON and back, by their own annotations: nothing is declared twice.

Dataclasses become objects without the fields that stand at their defaults. A secret is a dataclass
that holds a reference, so a reference is all that is ever written.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

_WRITTEN: Mapping[type, Callable[[Any], Any]] = {
    ZoneInfo: lambda zone: zone.key,
    timedelta: lambda length: length.total_seconds(),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    Decimal: str,
    bytes: bytes.hex,
}
_READ: Mapping[type, Callable[[Any], Any]] = {
    ZoneInfo: ZoneInfo,
    timedelta: lambda seconds: timedelta(seconds=seconds),
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    bytes: bytes.fromhex,
    Path: Path,
    float: float,
}
_PLAIN = (bool, int, float, str, types.NoneType)


def to_json(value: Any) -> Any:
    """What `json` can write. Raises TypeError for a value of a type that it does not know."""
    if isinstance(value, Enum):
        return value.value
    if type(value) in _PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(v) for f, v in _written_fields(value)}
    if isinstance(value, Mapping):
        return {to_json(k): to_json(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(to_json(item) for item in value)
    if isinstance(value, Path):
        return str(value)
    if type(value) in _WRITTEN:
        return _WRITTEN[type(value)](value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def from_json(kind: Any, raw: Any) -> Any:
    """The value of a type. Raises TypeError, ValueError or KeyError where the JSON does not fit."""
    origin = get_origin(kind)
    if kind in (Any, object) or origin is Literal:
        return raw
    if isinstance(kind, NewType):
        return from_json(kind.__supertype__, raw)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), raw)
    if origin is not None:
        return _container(origin, get_args(kind), raw)
    if is_dataclass(kind):
        return dataclass_from_json(kind, raw)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(raw)
    return _READ[kind](raw) if kind in _READ else _plain(kind, raw)


def dataclass_from_json(kind: Any, raw: Mapping[str, Any], **given: Any) -> Any:
    """The dataclass with these fields; `given` ones are values already."""
    hints = _hints(kind)
    unknown = raw.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    read = {name: from_json(hints[name], v) for name, v in raw.items() if name not in given}
    return kind(**read, **given)


def _written_fields(value: Any) -> list[tuple[Field[Any], Any]]:
    """The fields that must be written; a value that equals its default is left out."""
    values = [(f, getattr(value, f.name)) for f in fields(value) if f.init]
    return [(f, v) for f, v in values if _default(f) is MISSING or v != _default(f)]


def _default(found: Field[Any]) -> Any:
    return found.default if found.default_factory is MISSING else found.default_factory()


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind) if f.init}


def _one_of(kinds: tuple[Any, ...], raw: Any) -> Any:
    """The member that is exactly this type, else the first that the JSON fits."""
    if type(raw) in kinds:
        return raw
    for kind in kinds:
        if kind is types.NoneType:
            continue
        try:
            return from_json(kind, raw)
        except (TypeError, ValueError, KeyError, AttributeError):
            continue
    raise ValueError(f"{raw!r} is none of {', '.join(map(str, kinds))}")


def _container(origin: Any, args: tuple[Any, ...], raw: Any) -> Any:
    if issubclass(origin, Mapping):
        return {from_json(args[0], k): from_json(args[1], v) for k, v in raw.items()}
    if not isinstance(raw, list):
        raise TypeError(f"want a list, got {type(raw).__name__}")
    if origin is tuple and args[-1] is not Ellipsis:
        return tuple(from_json(kind, item) for kind, item in zip(args, raw, strict=True))
    items = (from_json(args[0], item) for item in raw)
    return {tuple: tuple, frozenset: frozenset}.get(origin, list)(items)


def _plain(kind: Any, raw: Any) -> Any:
    if kind in _PLAIN and type(raw) is kind:
        return raw
    raise TypeError(f"want {getattr(kind, '__name__', kind)}, got {type(raw).__name__}")

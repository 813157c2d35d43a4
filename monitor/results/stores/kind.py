"""What a result store's kind is: its specification, and how one is opened, set up and examined."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from monitor.domain.time.clock import Clock
from monitor.results.stores.ports import Finding, ResultStore

T = TypeVar("T")
EXTRA_FORBIDDEN = {"extra": "forbid"}
"""Every specification's `__pydantic_config__`: an unknown setting is refused, never ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDependencies:
    """What a store is given: the product's files, its clock, and the zone of its days."""

    log_file: Path
    book_file: Path
    clock: Clock
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKind:
    """`spec` is a frozen dataclass whose fields carry the settings, each with its `description`
    in the field's metadata; `build` opens the store (the context closes it).

    `is_remote`: results and windows have to be carried to it; else the product's own files are it.
    `init(spec, say)` sets it up, telling each step, and `doctor(spec, surroundings)` examines it.
    Both raise StoreUnavailable or StoreMisconfigured where they get no further.
    """

    name: str
    summary: str
    spec: type[Any]
    is_remote: bool
    build: Callable[[Any, StoreDependencies], AbstractAsyncContextManager[ResultStore]]
    init: Callable[[Any, Callable[[str], None]], Coroutine[Any, Any, None]]
    doctor: Callable[[Any, StoreDependencies], Coroutine[Any, Any, Sequence[Finding]]]


def setting(description: str, default: T) -> T:
    """A field of a specification with its line in the documentation and the JSON Schema."""
    return field(default=default, metadata={"description": description})


def required(description: str) -> Any:
    """The same for a field without a default."""
    return field(metadata={"description": description})

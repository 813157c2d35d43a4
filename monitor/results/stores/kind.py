"""What a result store's kind is: its specification, and how one is opened, set up and examined."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.time.clock import Clock
from monitor.results.stores.ports import Finding, ResultStore


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDependencies:
    """What a store is given: the product's files, its clock, and the zone of its days."""

    log_file: Path
    rollup_file: Path
    clock: Clock
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKind:
    """`spec` is a frozen dataclass whose fields carry the settings, each with its `description`
    in the field's metadata; `build` opens the store (the context closes it).

    `is_remote`: results and buckets are forwarded to it; else it is the product's own files.
    `init(spec, say)` sets it up and reports each step; `doctor(spec, dependencies)` examines it.
    Both raise StoreUnavailable or StoreMisconfigured where they cannot go on.
    """

    name: str
    summary: str
    spec: type[Any]
    is_remote: bool
    build: Callable[[Any, StoreDependencies], AbstractAsyncContextManager[ResultStore]]
    init: Callable[[Any, Callable[[str], None]], Coroutine[Any, Any, None]]
    doctor: Callable[[Any, StoreDependencies], Coroutine[Any, Any, Sequence[Finding]]]

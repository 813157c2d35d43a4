"""What a kind of alert channel is: its specification, and how a notifier is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.alerting.ports import Channel
from monitor.domain.time.clock import Clock


def _admit_all(host: str, address: str) -> None:
    """Admits every address, where there is no guard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDependencies:
    """What a notifier is given. `admit(host, address)` raises ValueError where a host of the
    configuration may not lead to an address."""

    clock: Clock
    admit: Callable[[str, str], None] = _admit_all


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """`spec` is a frozen dataclass whose fields carry the settings, each with its `description`
    in the field's metadata. `summary` is one line for the documentation."""

    name: str
    spec: type[Any]
    build: Callable[[ChannelDependencies], Channel[Any]]
    summary: str

"""What a notifier's kind is: its specification, and how one is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from monitor.alerting.ports import Notifier
from monitor.domain.time.clock import Clock

T = TypeVar("T")
EXTRA_FORBIDDEN = {"extra": "forbid"}
"""Every specification's `__pydantic_config__`: an unknown setting is refused, never ignored."""


def _admit_all(host: str, address: str) -> None:
    """Where nobody guards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDependencies:
    """What a notifier is given. `admit(host, address)` raises ValueError where a host of the
    configuration may not lead to an address."""

    clock: Clock
    admit: Callable[[str, str], None] = _admit_all


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierKind:
    """`spec` is a frozen dataclass whose fields carry the settings, each with its `description`
    in the field's metadata. `summary` is one line for the documentation."""

    name: str
    spec: type[Any]
    build: Callable[[ChannelDependencies], Notifier[Any]]
    summary: str


def setting(description: str, default: T) -> T:
    """A field of a specification with its line in the documentation and the JSON Schema."""
    return field(default=default, metadata={"description": description})


def mapping_setting(description: str) -> Any:
    """The same for a mapping, empty unless given."""
    return field(default_factory=dict, metadata={"description": description})


def required(description: str) -> Any:
    """The same for a field without a default."""
    return field(metadata={"description": description})

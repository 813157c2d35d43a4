"""What a kind of billing panel is: its specification, and how a panel is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from credits.billing.ports import BillingPanel
from monitor.alerting.channels.kind import ChannelDependencies

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelKind:
    """`spec` is a frozen dataclass whose fields carry the settings, each with its `description` in
    the field's metadata. `build(spec, dependencies, sleep)` makes a panel that asks as the channels
    do: by their clock and their guard; it waits by `sleep` between two tries."""

    name: str
    spec: type[Any]
    build: Callable[[Any, ChannelDependencies, Sleep], BillingPanel]
    summary: str

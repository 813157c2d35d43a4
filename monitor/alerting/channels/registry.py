"""Every kind of alert channel there is; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.alerting.channels.kind import ChannelDependencies, ChannelKind
from monitor.alerting.channels.masking import MaskingChannel
from monitor.alerting.ports import Channel
from monitor.registry import Lazy, Registry

CHANNELS: Registry[ChannelKind] = Registry(
    "alert channel",
    ChannelKind,
    {
        "email": "monitor.alerting.channels.email:KIND",
        "webhook": "monitor.alerting.channels.webhook:KIND",
    },
    "estado.channels",
)


def build_channels(given: ChannelDependencies) -> Mapping[str, Channel[Any]]:
    """One notifier a kind, for the dispatcher; no error of theirs holds a secret."""
    return Lazy(CHANNELS, lambda kind: MaskingChannel(kind.build(given)))

"""Every kind of alert channel there is; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.alerting.channels.kind import ChannelDependencies, NotifierKind
from monitor.alerting.ports import Notifier
from monitor.registry import Lazy, Registry

NOTIFIERS: Registry[NotifierKind] = Registry(
    "alert channel",
    NotifierKind,
    {
        "email": "monitor.alerting.channels.email:KIND",
        "webhook": "monitor.alerting.channels.webhook:KIND",
    },
    "estado.channels",
)


def build_notifiers(given: ChannelDependencies) -> Mapping[str, Notifier[Any]]:
    """One notifier a kind, for the dispatcher."""
    return Lazy(NOTIFIERS, lambda kind: kind.build(given))

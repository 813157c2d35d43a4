"""Every kind of notifier there is; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from monitor.alerting.channels import email, webhook
from monitor.alerting.channels.kind import ChannelDependencies, NotifierKind
from monitor.alerting.ports import Notifier

NOTIFIERS: Mapping[str, NotifierKind] = MappingProxyType(
    {
        "email": email.KIND,
        "webhook": webhook.KIND,
    }
)


def build_notifiers(surroundings: ChannelDependencies) -> Mapping[str, Notifier[Any]]:
    """One notifier a kind, for the dispatcher."""
    return {name: kind.build(surroundings) for name, kind in NOTIFIERS.items()}

"""Every way of telling subscribers; a new one is a file and a line here, how its addresses are read
(`monitor.domain.subscriptions.contact`), and its words in each language. Another distribution adds
one by an entry point alone, whose kind has both (`monitor.i18n.ways`)."""

from __future__ import annotations

from monitor.registry import Registry
from monitor.subscribers.channels.kind import SubscriberChannel

SUBSCRIBER_CHANNELS: Registry[SubscriberChannel] = Registry(
    "subscriber channel",
    SubscriberChannel,
    {
        "email": "monitor.subscribers.channels.email:KIND",
        "webhook": "monitor.subscribers.channels.webhook:KIND",
        "slack": "monitor.subscribers.channels.slack:KIND",
        "telegram": "monitor.subscribers.channels.telegram:KIND",
    },
    "estado.subscriber_channels",
)

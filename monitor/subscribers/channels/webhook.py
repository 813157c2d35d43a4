"""`webhook`: an update as Statuspage sends it, to programs that know its form.

A body has `meta`, `page`, and either `incident` (maintenance is one too) or `component_update` with
`component`. The first message to an address has `confirm` instead, with a link: what is behind it
has to be pressed, or posted to, before anything else comes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.alerting.channels.http_exchange import HttpExchange
from monitor.alerting.channels.last_known_addresses import LastKnownResolver
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, Subscription
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, subscribe_path, unsubscribe_path
from monitor.i18n.formats import utc_iso
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.kind import (
    Route,
    RouteDependencies,
    Status,
    SubscriberChannel,
    Update,
    event_id,
    lang_of,
)
from monitor.subscribers.channels.names import OwnThreads
from monitor.subscribers.channels.posting import HookConnection
from monitor.subscribers.channels.told_page import Pages, page_of

CONNECTIONS = 32
"""Some receivers take their time, and the others do not wait for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWriter:
    """`status` as `RouteDependencies` says."""

    pages: Pages
    links: Links
    clock: Clock
    status: Status

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        lang, page = lang_of(asked), page_of(self.pages, asked)
        words = SUBSCRIBERS[lang]
        until = Second(asked.created_at + CONFIRM_WITHIN_S)
        token = self.links.token(Purpose.CONFIRM, asked.id, until)
        name = page.name.in_locale(lang)
        confirm = {
            "url": page.at(confirm_path(lang, token)),
            "expires_at": utc_iso(until),
            "body": words.confirm_elsewhere.format(x=name),
        }
        return self._encoded(f"confirm|{asked.id}", asked, {"confirm": confirm}, now)

    def update(self, update: Update, to: Subscription, address: str) -> bytes:
        record: Mapping[str, Json] = json.loads(update.said_in(lang_of(to)).record)
        return self._encoded(event_id(update.key, to.id), to, record, self.clock.now())

    def _encoded(
        self, id_: str, to: Subscription, record: Mapping[str, object], now: Second
    ) -> bytes:
        lang, page = lang_of(to), page_of(self.pages, to)
        token = self.links.token(Purpose.MANAGE, to.id, Second(0))
        document = {
            "meta": {
                "unsubscribe": page.at(unsubscribe_path(lang, token)),
                "documentation": page.at(subscribe_path(lang)),
                "generated_at": utc_iso(now),
                "event_id": id_,
            },
            "page": {
                **self.status(to.page),
                "name": page.name.in_locale(lang),
                "url": page.url,
            },
            **record,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def open_route(given: RouteDependencies) -> Route:
    exchange = HttpExchange(given.exchange, LastKnownResolver(system=OwnThreads()))
    return Route(
        writer=WebhookWriter(
            pages=given.pages, links=given.links, clock=given.exchange.clock, status=given.status
        ),
        connections=[HookConnection(exchange) for _ in range(CONNECTIONS)],
        takes_records=True,
        confirms_last=True,
        destination=lambda address: urlsplit(address).netloc,
    )


KIND = SubscriberChannel(
    name="webhook", open=open_route, summary="JSON over https, as Statuspage sends it"
)

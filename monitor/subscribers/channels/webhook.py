"""`webhook`: an update as Statuspage sends it, to programs that know its form.

A body has `meta`, `page`, and either `incident` (maintenance is one too) or `component_update` with
`component`. The first message to an address has `confirm` instead, with a link: what is behind it
has to be pressed, or posted to, before anything else comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.alerting.channels.http_exchange import HttpExchange
from monitor.alerting.channels.last_known_addresses import LastKnownResolver
from monitor.domain.catalogue import Page
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
    SubscriberChannel,
    Update,
    event_id,
    lang_of,
)
from monitor.subscribers.channels.names import OwnThreads
from monitor.subscribers.channels.posting import HookConnection

CONNECTIONS = 32
"""Some receivers take their time, and the others do not wait for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWriter:
    """`status` as `RouteDependencies` says."""

    page: Page
    links: Links
    clock: Clock
    status: Callable[[], Mapping[str, Json]]

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        lang = lang_of(asked)
        words = SUBSCRIBERS[lang]
        until = Second(asked.created_at + CONFIRM_WITHIN_S)
        token = self.links.token(Purpose.CONFIRM, asked.id, until)
        name = self.page.name.in_locale(lang)
        confirm = {
            "url": self._url(confirm_path(lang, token)),
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
        lang, status = lang_of(to), self.status()
        token = self.links.token(Purpose.MANAGE, to.id, Second(0))
        document = {
            "meta": {
                "unsubscribe": self._url(unsubscribe_path(lang, token)),
                "documentation": self._url(subscribe_path(lang)),
                "generated_at": utc_iso(now),
                "event_id": id_,
            },
            "page": dict(status),
            **record,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    def _url(self, path: str) -> str:
        return self.page.url.rstrip("/") + path


def open_route(given: RouteDependencies) -> Route:
    exchange = HttpExchange(given.exchange, LastKnownResolver(system=OwnThreads()))
    return Route(
        writer=WebhookWriter(
            page=given.page, links=given.links, clock=given.exchange.clock, status=given.status
        ),
        connections=[HookConnection(exchange) for _ in range(CONNECTIONS)],
        takes_records=True,
        confirms_last=True,
        destination=lambda address: urlsplit(address).netloc,
    )


KIND = SubscriberChannel(
    name="webhook", open=open_route, summary="JSON over https, as Statuspage sends it"
)

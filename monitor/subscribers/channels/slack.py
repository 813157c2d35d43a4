"""`slack`: a message to an incoming webhook of Slack.

An archived channel is 410, a hook that was removed 404
(https://api.slack.com/messaging/webhooks, "Handling errors").
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitor.alerting.channels.http_exchange import HttpExchange
from monitor.subscribers.channels.chat_text import ChatWriter, Part
from monitor.subscribers.channels.kind import Route, RouteDependencies, SubscriberChannel
from monitor.subscribers.channels.posting import HookConnection

CONNECTIONS = 8
_GONE = (404, 410)


def encoded(parts: Sequence[Part], address: str) -> bytes:
    """As `mrkdwn`. Links show no preview: it would be the page's, under each message."""
    text = "\n\n".join(map(_marked, parts))
    document = {"text": text, "mrkdwn": True, "unfurl_links": False, "unfurl_media": False}
    return json.dumps(document, ensure_ascii=False).encode()


def _marked(part: Part) -> str:
    text = _escaped(part.text)
    if part.url:
        return f"<{part.url}|{text}>"
    return f"*{text}*" if part.is_title else text


def _escaped(text: str) -> str:
    """The three characters that Slack reads as its own; a star or an underscore only looks so."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def open_route(given: RouteDependencies) -> Route:
    exchange = HttpExchange(given.exchange)
    return Route(
        writer=ChatWriter(pages=given.pages, links=given.links, encoded=encoded),
        connections=[
            HookConnection(exchange, is_gone=lambda status: status in _GONE)
            for _ in range(CONNECTIONS)
        ],
        confirms_last=True,
        # Each is somebody else's, though all are at one host.
        destination=lambda address: address,
    )


KIND = SubscriberChannel(
    name="slack", open=open_route, summary="a message to an incoming webhook of Slack"
)

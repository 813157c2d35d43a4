"""`telegram`: a bot that tells whoever starts it.

A chat proves itself by speaking to the bot, so there is nothing to confirm: `/start` asks, `/stop`
ends. A chat that has blocked the bot, or is no more, is gone.
"""

from __future__ import annotations

from monitor.alerting.channels.http_exchange import HttpExchange
from monitor.subscribers.channels.chat_text import ChatWriter
from monitor.subscribers.channels.kind import Route, RouteDependencies, SubscriberChannel
from monitor.subscribers.channels.telegram_bot import BotConnection, Floods, encoded
from monitor.subscribers.channels.telegram_listener import BotListener

CONNECTIONS = 4
PER_MINUTE = 1_500
"""Telegram takes about thirty messages a second."""


def open_route(given: RouteDependencies) -> Route:
    """Raises ValueError where there is no bot."""
    bot = given.subscribers.telegram
    if bot is None:
        raise ValueError("no bot is configured")
    exchange, floods = HttpExchange(given.own_exchange), Floods(given.exchange.clock)
    connection = BotConnection(exchange, bot)
    listener = BotListener(locales=given.locales, bot=connection, clock=given.exchange.clock)
    return Route(
        writer=ChatWriter(pages=given.pages, links=given.links, encoded=encoded),
        connections=[BotConnection(exchange, bot, floods) for _ in range(CONNECTIONS)],
        per_minute=PER_MINUTE,
        listen=listener.listen,
    )


KIND = SubscriberChannel(name="telegram", open=open_route, summary="a bot of Telegram")

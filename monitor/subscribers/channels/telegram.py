"""`telegram`: a bot that tells whoever starts it (https://core.telegram.org/bots/api).

A chat proves itself by speaking to the bot, so there is nothing to confirm: `/start` asks, `/stop`
ends. A chat that has blocked the bot, or is no more, is gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import structlog

from monitor.alerting.channels.http_exchange import Answered, HttpExchange, Outgoing
from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.domain.catalogue import Page, TelegramBot
from monitor.domain.leaky_bucket import Limit
from monitor.domain.secret import SecretMissing
from monitor.domain.subscriptions.contact import TELEGRAM, read_contact
from monitor.domain.subscriptions.deep_link import read_start_word
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.wishes import Request
from monitor.domain.time.clock import Clock
from monitor.i18n.formats import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.chat_text import ChatWriter, Part
from monitor.subscribers.channels.kind import (
    Listening,
    Route,
    RouteDependencies,
    SubscriberChannel,
)
from monitor.subscribers.channels.posting import JSON, TIMEOUT_S
from statuspage.serve.forms import Buckets

CONNECTIONS = 4
PER_MINUTE = 1_500
"""Telegram takes about thirty messages a second."""
LISTEN_S = 25
BY_CHAT = Limit(most=6, window_s=3_600)
STOPS_BY_CHAT = Limit(most=60, window_s=3_600)
"""Apart from the starts, and more of them: whoever has had enough is heard."""
_MOST_BYTES = 1 << 20
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_LONGEST_ASKED_S = 3_600
_GONE = ("blocked", "deactivated", "chat not found", "kicked", "not a member", "deleted")


def encoded(parts: Sequence[Part], address: str) -> bytes:
    """As HTML, of which Telegram knows a few marks. Links show no preview."""
    document = {
        "chat_id": int(address),
        "text": "\n\n".join(map(_marked, parts)),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _marked(part: Part) -> str:
    text = escape(part.text, quote=False)
    if part.url:
        return f'<a href="{escape(part.url)}">{text}</a>'
    return f"<b>{text}</b>" if part.is_title else text


class BotConnection:
    """Calls methods of the Bot API. No reason that is raised has the token or a chat's number."""

    def __init__(self, exchange: HttpExchange, bot: TelegramBot) -> None:
        self._exchange = exchange
        self._bot = bot

    async def send(self, address: str, written: bytes) -> None:
        """As `Connection.send` says; a message that is not for anybody is refused alike."""
        answered = await self.call("sendMessage", written)
        said = str(_document(answered).get("description", "")).lower()
        if answered.status in (400, 403) and any(one in said for one in _GONE):
            raise ReceiverGone(f"status {answered.status}")
        if answered.status == 429 or answered.status >= 500 or answered.status in (401, 404):
            raise ServerAway(f"status {answered.status}", _retry_after(answered))
        if answered.status != 200:
            raise Transient(f"status {answered.status}")

    async def call(self, method: str, body: bytes, timeout_s: float = TIMEOUT_S) -> Answered:
        """Raises ServerAway."""
        try:
            url = f"{self._bot.server}/bot{self._bot.token.reveal()}/{method}"
            outgoing = Outgoing(url=url, headers=JSON, body=body, timeout_s=timeout_s)
            return await self._exchange.ask(outgoing, most=_MOST_BYTES)
        except SecretMissing as error:
            raise ServerAway(str(error)) from None
        except (Transient, Permanent) as error:
            raise ServerAway(f"no answer: {type(error.__cause__).__name__}") from None

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(slots=True, kw_only=True)
class BotListener:
    """Hears who starts and stops the bot. Telegram keeps what was said until the next call names a
    later number: what is heard twice after a kill means the same.

    It answers as it will write later: in the language of the page on which the bot was chosen, else
    in the one that Telegram is read in, of those in which the page is published.
    """

    page: Page
    bot: BotConnection
    clock: Clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _starts: Buckets = field(default_factory=lambda: Buckets(BY_CHAT))
    _stops: Buckets = field(default_factory=lambda: Buckets(STOPS_BY_CHAT))
    _next: int = 0

    async def listen(self, to: Listening) -> None:
        """For ever."""
        pause, log = 0.0, structlog.get_logger()
        while True:
            try:
                await self.listen_once(to)
                pause = 0.0
            except Transient as error:
                if not pause:
                    log.error("subscribers.bot_away", error=str(error))
                pause = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, pause * 2))
                await self.sleep(max(pause, error.retry_after or 0.0))

    async def listen_once(self, to: Listening) -> None:
        """What was said since the last time. Raises Transient; what was not handed over is heard
        again."""
        asked = {"offset": self._next, "timeout": LISTEN_S, "allowed_updates": ["message"]}
        body = json.dumps(asked).encode()
        answered = await self.bot.call("getUpdates", body, timeout_s=LISTEN_S + TIMEOUT_S)
        if answered.status != 200:
            raise ServerAway(f"status {answered.status}", _retry_after(answered))
        for update in _updates(_document(answered)):
            await self._heard(update, to)
            self._next = max(self._next, update.number + 1)

    async def _heard(self, update: _Heard, to: Listening) -> None:
        command, _, word = update.text.partition(" ")
        command = command.partition("@")[0]
        if command not in ("/start", "/stop"):
            return
        heard = self._starts if command == "/start" else self._stops
        if not heard.takes(update.chat, self.clock.monotonic()):
            return
        try:
            contact = read_contact(TELEGRAM, update.chat)
        except BadAddress:
            return
        wanted, locale = read_start_word(word.strip())
        lang = _lang((locale, update.language), self.page.locales)
        if command == "/start":
            request = Request(contact=contact, wanted=wanted, locale=lang.value, is_proven=True)
            await to.ask(request)
            await self._answer(update.chat, lang, Note.CONFIRMED)
        else:
            await to.end(contact)
            await self._answer(update.chat, lang, Note.ENDED)

    async def _answer(self, chat: str, lang: Lang, note: Note) -> None:
        """An answer that is lost is not repeated: what was asked for is done all the same."""
        words = SUBSCRIBERS[lang]
        said = words.bot_started if note is Note.CONFIRMED else words.notes[note].title
        try:
            await self.bot.send(chat, encoded((Part(text=said),), chat))
        except (Transient, Permanent) as error:
            structlog.get_logger().warning("subscribers.bot_not_answered", error=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    number: int
    chat: str = ""
    text: str = ""
    language: str = ""


def _updates(document: Mapping[str, Any]) -> Iterator[_Heard]:
    """What means nothing to us is passed over by its number alone."""
    found = document.get("result")
    for update in found if isinstance(found, list) else ():
        try:
            number = int(update["update_id"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        try:
            message = update["message"]
            yield _Heard(
                number=number,
                chat=str(int(message["chat"]["id"])),
                text=str(message["text"]),
                language=str(message.get("from", {}).get("language_code", "")),
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            yield _Heard(number=number)


def _document(answered: Answered) -> Mapping[str, Any]:
    try:
        document = json.loads(answered.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _retry_after(answered: Answered) -> float | None:
    """Telegram says it in the body."""
    asked = _document(answered).get("parameters", {})
    wait = asked.get("retry_after") if isinstance(asked, dict) else None
    if not isinstance(wait, int):
        return answered.retry_after
    return float(max(0, min(wait, _LONGEST_ASKED_S)))


def _lang(wanted: Sequence[str], published: Collection[str]) -> Lang:
    """The first that is wanted and published, whatever its country; else the page's own.

    >>> _lang(("", "pt-pt"), ("es", "pt-BR")).value, _lang(("", "pt-pt"), ("en", "es")).value
    ('pt-BR', 'en')
    >>> _lang(("en", "pt-BR"), ("es", "en", "pt-BR")).value
    'en'
    """
    near = {_tongue(locale): Lang(locale) for locale in published if locale in list(Lang)}
    found = (near[_tongue(locale)] for locale in wanted if _tongue(locale) in near)
    return next(found, next(iter(near.values()), Lang.ES))


def _tongue(locale: str) -> str:
    return locale.lower().replace("_", "-").partition("-")[0]


def open_route(given: RouteDependencies) -> Route:
    """Raises ValueError where there is no bot."""
    bot = given.subscribers.telegram
    if bot is None:
        raise ValueError("no bot is configured")
    exchange = HttpExchange(given.own_exchange)
    connection = BotConnection(exchange, bot)
    listener = BotListener(page=given.page, bot=connection, clock=given.exchange.clock)
    return Route(
        writer=ChatWriter(page=given.page, links=given.links, encoded=encoded),
        connections=[BotConnection(exchange, bot) for _ in range(CONNECTIONS)],
        per_minute=PER_MINUTE,
        listen=listener.listen,
    )


KIND = SubscriberChannel(name="telegram", open=open_route, summary="a bot of Telegram")

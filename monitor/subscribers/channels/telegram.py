"""`telegram`: a bot that tells whoever starts it (https://core.telegram.org/bots/api).

A chat proves itself by speaking to the bot, so there is nothing to confirm: `/start` asks, `/stop`
ends. A chat that has blocked the bot, or is no more, is gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from typing import Any, NoReturn

import structlog

from monitor.alerting.channels.http_exchange import Answered, HttpExchange, Outgoing
from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.domain.catalogue import TelegramBot
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
    ReceiverMoved,
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


@dataclass(slots=True)
class Floods:
    """Which chats Telegram has us wait for. It takes some twenty messages a minute to a group and
    thirty a second in all, and does not say which of the two was too much."""

    clock: Clock
    _until: dict[str, float] = field(default_factory=dict)

    def is_of_all(self, chat: str, wait_s: float) -> bool:
        """Note that one has to wait; whether another has to as well."""
        now = self.clock.monotonic()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[chat] = now + wait_s
        return len(self._until) > 1


class BotConnection:
    """Calls methods of the Bot API. No reason that is raised has the token or a chat's number.
    `floods` is shared by all connections of a bot."""

    def __init__(
        self, exchange: HttpExchange, bot: TelegramBot, floods: Floods | None = None
    ) -> None:
        self._exchange = exchange
        self._bot = bot
        self._floods = floods

    @property
    def name(self) -> str:
        return self._bot.name

    async def send(self, address: str, written: bytes) -> None:
        """As `Connection.send` says; a message that is not for anybody is refused alike."""
        answered = await self.call("sendMessage", written)
        moved = _parameter(answered, "migrate_to_chat_id")
        if answered.status == 400 and moved is not None:
            raise ReceiverMoved(str(moved))
        if answered.status == 429:
            self._flooded(address, _retry_after(answered))
        said = str(_document(answered).get("description", "")).lower()
        if answered.status in (400, 403) and any(one in said for one in _GONE):
            raise ReceiverGone(f"status {answered.status}")
        if answered.status >= 500 or answered.status in (401, 404):
            raise ServerAway(f"status {answered.status}", _retry_after(answered))
        if answered.status != 200:
            raise Transient(f"status {answered.status}")

    def _flooded(self, chat: str, wait_s: float | None) -> NoReturn:
        """One chat alone waits for itself; raises Transient, ServerAway."""
        wait_s = wait_s or _FIRST_PAUSE_S
        if self._floods is None or self._floods.is_of_all(chat, wait_s):
            raise ServerAway("status 429", wait_s)
        raise Transient("status 429", wait_s)

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

    locales: Sequence[str]
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
        if update.moved_to:
            await self._moved(update, to)
            return
        command, _, word = update.text.partition(" ")
        command, _, addressed = command.partition("@")
        # In a group there may be other bots.
        is_ours = addressed.lower() in ("", self.bot.name.lower())
        if command not in ("/start", "/stop") or not is_ours:
            return
        heard = self._starts if command == "/start" else self._stops
        if not heard.takes(update.chat, self.clock.monotonic()):
            return
        try:
            contact = read_contact(TELEGRAM, update.chat)
        except BadAddress:
            return
        wanted, locale, page = read_start_word(word.strip())
        lang = _lang((locale, update.language), self.locales)
        if command == "/start":
            request = Request(
                contact=contact, wanted=wanted, locale=lang.value, page=page, is_proven=True
            )
            await to.ask(request)
            await self._answer(update.chat, lang, Note.CONFIRMED)
        else:
            await to.end(contact)
            await self._answer(update.chat, lang, Note.ENDED)

    async def _moved(self, update: _Heard, to: Listening) -> None:
        with suppress(BadAddress):
            chats = (read_contact(TELEGRAM, chat) for chat in (update.chat, update.moved_to))
            await to.move(*chats)

    async def _answer(self, chat: str, lang: Lang, note: Note) -> None:
        """An answer that is lost is not repeated: what was asked for is done all the same."""
        words = SUBSCRIBERS[lang]
        said = words.bot_started if note is Note.CONFIRMED else words.notes[note].title
        try:
            await self.bot.send(chat, encoded((Part(text=said),), chat))
        except (Transient, Permanent, ReceiverMoved) as error:
            structlog.get_logger().warning("subscribers.bot_not_answered", error=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    number: int
    chat: str = ""
    text: str = ""
    language: str = ""
    moved_to: str = ""
    """A group became a supergroup, which has another number."""


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
                text=str(message.get("text", "")),
                moved_to=str(message.get("migrate_to_chat_id", "")),
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
    wait = _parameter(answered, "retry_after")
    return answered.retry_after if wait is None else float(max(0, min(wait, _LONGEST_ASKED_S)))


def _parameter(answered: Answered, name: str) -> int | None:
    """A number that an error names for programs
    (https://core.telegram.org/bots/api#responseparameters)."""
    asked = _document(answered).get("parameters", {})
    found = asked.get(name) if isinstance(asked, dict) else None
    return found if isinstance(found, int) else None


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

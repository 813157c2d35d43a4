"""Who speaks to the bot: `/start` asks to be told, `/stop` ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from monitor.alerting.ports import Permanent, ServerAway, Transient
from monitor.domain.leaky_bucket import Limit
from monitor.domain.subscriptions.contact import TELEGRAM, read_contact
from monitor.domain.subscriptions.deep_link import read_start_word
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.wishes import Request
from monitor.domain.time.clock import Clock
from monitor.i18n.formats import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.chat_text import Part
from monitor.subscribers.channels.kind import Listening, ReceiverMoved
from monitor.subscribers.channels.posting import TIMEOUT_S
from monitor.subscribers.channels.telegram_bot import (
    FIRST_PAUSE_S,
    BotConnection,
    document,
    encoded,
    retry_after,
)
from statuspage.serve.forms import Buckets

LISTEN_S = 25
BY_CHAT = Limit(most=6, window_s=3_600)
STOPS_BY_CHAT = Limit(most=60, window_s=3_600)
"""Apart from the starts, and more of them: whoever has had enough is heard."""
_LONGEST_PAUSE_S = 60.0


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
                pause = min(_LONGEST_PAUSE_S, max(FIRST_PAUSE_S, pause * 2))
                await self.sleep(max(pause, error.retry_after or 0.0))

    async def listen_once(self, to: Listening) -> None:
        """What was said since the last time. Raises Transient; what was not handed over is heard
        again."""
        asked = {"offset": self._next, "timeout": LISTEN_S, "allowed_updates": ["message"]}
        body = json.dumps(asked).encode()
        answered = await self.bot.call("getUpdates", body, timeout_s=LISTEN_S + TIMEOUT_S)
        if answered.status != 200:
            raise ServerAway(f"status {answered.status}", retry_after(answered))
        for update in _updates(document(answered)):
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

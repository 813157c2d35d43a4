"""A bot as Telegram serves it (https://core.telegram.org/bots/api): messages, and what calls of its
methods are answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NoReturn

from monitor.alerting.channels.http_exchange import Answered, HttpExchange, Outgoing
from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.domain.catalogue import TelegramBot
from monitor.domain.secret import SecretMissing
from monitor.domain.time.clock import Clock
from monitor.subscribers.channels.chat_text import Part
from monitor.subscribers.channels.kind import ReceiverMoved
from monitor.subscribers.channels.posting import JSON, TIMEOUT_S

FIRST_PAUSE_S = 1.0
_MOST_BYTES = 1 << 20
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
        moved = parameter(answered, "migrate_to_chat_id")
        if answered.status == 400 and moved is not None:
            raise ReceiverMoved(str(moved))
        if answered.status == 429:
            self._flooded(address, retry_after(answered))
        said = str(document(answered).get("description", "")).lower()
        if answered.status in (400, 403) and any(one in said for one in _GONE):
            raise ReceiverGone(f"status {answered.status}")
        if answered.status >= 500 or answered.status in (401, 404):
            raise ServerAway(f"status {answered.status}", retry_after(answered))
        if answered.status != 200:
            raise Transient(f"status {answered.status}")

    def _flooded(self, chat: str, wait_s: float | None) -> NoReturn:
        """One chat alone waits for itself; raises Transient, ServerAway."""
        wait_s = wait_s or FIRST_PAUSE_S
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


def document(answered: Answered) -> Mapping[str, Any]:
    try:
        document = json.loads(answered.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def retry_after(answered: Answered) -> float | None:
    """Telegram says it in the body."""
    wait = parameter(answered, "retry_after")
    return answered.retry_after if wait is None else float(max(0, min(wait, _LONGEST_ASKED_S)))


def parameter(answered: Answered, name: str) -> int | None:
    """A number that an error names for programs
    (https://core.telegram.org/bots/api#responseparameters)."""
    asked = document(answered).get("parameters", {})
    found = asked.get(name) if isinstance(asked, dict) else None
    return found if isinstance(found, int) else None

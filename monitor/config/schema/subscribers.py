"""Visitors who ask to be told, and what tells them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from monitor.config.errors import Wanted
from monitor.config.schema.base import Schema
from monitor.config.schema.values import AddressOrNetwork, Line, Url, string_schema
from monitor.domain.secret import Secret
from monitor.domain.subscriptions.contact import EMAIL, TYPED
from monitor.i18n.ways import OTHER_WAYS

OFFERED = tuple(kind for kind in TYPED if kind != EMAIL)
"""Ours, by what somebody may be told at an address that he types."""


def read_way(value: object) -> str:
    known = (*OFFERED, *OTHER_WAYS)
    if not isinstance(value, str) or value not in known:
        raise Wanted(f"must be one of {', '.join(known[:-1])} or {known[-1]}")
    return value


WayName = Annotated[str, PlainValidator(read_way), string_schema(None, "", examples=list(OFFERED))]


class MailServerSchema(Schema):
    """The mail server that takes messages to subscribers."""

    host: Line
    """Its name or address."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """None: 587 for starttls, 465 for tls, 25 for none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`tls` from the first byte; `none` sends addresses in the clear."""
    username: Line | None = None
    """To log in with."""
    password: Secret | None = None
    """A reference to the password to log in with."""
    ca_file: Line | None = None
    """The file of the authority that signed its certificate; none: the machine's own ones."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 30
    """Seconds that the server may take for each answer."""


class TelegramBotSchema(Schema):
    """The bot that tells whoever starts it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,30}[A-Za-z0-9]$")]
    """Its name at Telegram, without the @: the page links to it."""
    token: Secret
    """A reference to the token that Telegram's BotFather gave for it."""
    server: Url = "https://api.telegram.org"
    """Where its messages are sent: Telegram's own server, or a Bot API server of yours."""


class BouncesSchema(Schema):
    """Where mails that cannot be delivered come back to."""

    address: Line
    """The address that mails are sent from, such as `bounces@example.com`: each with a word of its
    own behind a plus sign, which the mail server has to take (`recipient_delimiter = +`)."""
    maildir: Line
    """The folder that the mail server puts them into, as a maildir."""


class SubscribersSchema(Schema):
    """Lets visitors ask to be told of incidents and maintenance; without it the page offers feeds
    and a calendar alone."""

    sender: Line
    """Who their messages come from: `Estado <estado@example.com>`."""
    server: MailServerSchema
    """The mail server that takes messages to subscribers."""
    connections: Annotated[int, Field(ge=1, le=100)] = 8
    """How many connections to the mail server may be open at the same time."""
    per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many messages may leave in a minute; none: as many as the server takes."""
    channels: list[WayName] = []
    """By what visitors may be told beside e-mail: `webhook` is JSON to an https address of theirs,
    as Statuspage sends it, `slack` a message to an incoming webhook of Slack; others are those of
    installed plugins."""
    telegram: TelegramBotSchema | None = None
    """The bot that tells whoever starts it."""
    bounces: BouncesSchema | None = None
    """Where mails come back to later; without it a mailbox that is gone is noticed only where the
    mail server says so at once."""
    tells_clients: bool = False
    """Whether clients of the billing panel are told of their credits through the same server: those
    of whom a contracts file says an e-mail address."""
    trusted_proxies: list[AddressOrNetwork] = []
    """The web servers in front of the page, whose X-Forwarded-For says who the client is: requests
    are limited by the client's network. It is read when the role `page` starts."""

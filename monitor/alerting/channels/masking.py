"""No secret of a target leaves by the reason why a message did not: whoever answers may repeat what
it was sent, and the reason goes into the log, the journal and the next message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from monitor.alerting.ports import Channel, Message, Permanent, Transient
from monitor.domain.secret import MASK, Secret, SecretMissing

_SHORTEST_PART = 6
"""A shorter part of a secret address is a word such as `hook`, which masks nothing."""


class MaskingChannel:
    """A channel whose errors hold no secret of the specification (`monitor.alerting.ports`)."""

    def __init__(self, channel: Channel[Any]) -> None:
        self._channel = channel

    async def send(self, message: Message, spec: Any) -> None:
        try:
            await self._channel.send(message, spec)
        except Transient as error:
            raise Transient(masked(str(error), spec), error.retry_after) from None
        except Permanent as error:
            raise Permanent(masked(str(error), spec)) from None


def masked(text: str, spec: object) -> str:
    """The text without the values of the specification's secrets, and without the parts of an
    address that is a secret."""
    parts = {part for secret in _secrets(spec) for part in _parts(secret) if part}
    # The whole before its parts, else nothing would match the whole any more.
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, MASK)
    return text


def _secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _secrets(getattr(value, field.name))


def _parts(secret: Secret) -> Iterator[str]:
    try:
        value = secret.reveal()
    except SecretMissing:
        return
    yield value
    # `Bearer abc…`: what follows is the secret too.
    yield from (word for word in value.split() if len(word) >= _SHORTEST_PART)
    try:
        address = urlsplit(value)
    except ValueError:
        return
    if address.netloc:
        yield address.password or ""
        found = f"{address.path}/{address.query}/{address.fragment}".replace("&", "/")
        pieces = [piece for part in found.split("/") for piece in (part, part.partition("=")[2])]
        for piece in pieces:
            yield from (p for p in (piece, unquote(piece)) if len(p) >= _SHORTEST_PART)

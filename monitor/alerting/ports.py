"""The notifier port: one message to one target, now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from monitor.domain.checks.observation import Json

SpecT = TypeVar("SpecT", contravariant=True)


class Transient(Exception):
    """It may work later: after `retry_after` seconds, where the other side named them."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Permanent(Exception):
    """It will not work however often it is tried: the route's next target must get it."""


class ReceiverGone(Permanent):
    """The other side says that there is nobody: nothing will ever arrive there."""


class ServerAway(Transient):
    """What carries messages to many receivers cannot be reached, or takes none now: it is not about
    one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an operator reads, complete in plain text.

    `key` is the idempotency key, `thread` what all messages of one incident share. `fields` is
    the same as data, for machines.
    """

    key: str
    thread: str
    subject: str
    text: str
    html: str
    fields: Mapping[str, Json] = field(default_factory=dict)


class Channel(Protocol[SpecT]):
    async def send(self, message: Message, spec: SpecT) -> None:
        """Deliver, or raise Transient or Permanent. The caller owns the deadline."""
        ...

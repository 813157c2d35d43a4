"""Mails that come back later (RFC 3464): whose they were, and whether the mailbox is gone.

The address that a mail came back to names its subscription and proves it, so that nobody can have
another one's mailbox given up. What the report itself says of addresses is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from monitor.domain.subscriptions.links import BadLink, Links
from monitor.domain.subscriptions.subscription import SubscriptionId

_SENT_BACK_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_TOKEN = re.compile(r"\+([a-z0-9]{8,32})\.([0-9a-f]{20})@", re.IGNORECASE)
_NO_MAILBOX = re.compile(r"5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
"""As where a server says it at once: any other 5 may be our own fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail to that subscription came back; `is_gone` where its mailbox is not there."""

    subscription: SubscriptionId
    is_gone: bool


def read_bounce(mail: bytes, links: Links) -> Bounce | None:
    """None where it came back to no address of ours, or to one that somebody made up: of such a
    mail the head alone is read, for anybody may send one."""
    head = BytesHeaderParser(policy=compat32).parsebytes(mail)
    whose = next(_proven(head, links), None)
    return None if whose is None else Bounce(subscription=whose, is_gone=_says_gone(mail))


def _proven(head: Message, links: Links) -> Iterator[SubscriptionId]:
    for header in _SENT_BACK_TO:
        for value in head.get_all(header, ()):
            found = _TOKEN.search(str(value))
            if found is None:
                continue
            with suppress(BadLink):
                yield links.read_bounce(found[1].lower(), found[2].lower())


def _says_gone(mail: bytes) -> bool:
    """A report that is nested deeper than it can be read says nothing."""
    try:
        return any(map(_is_gone, _recipients(message_from_bytes(mail, policy=compat32))))
    except RecursionError:
        return False


def _recipients(parsed: Message) -> Iterator[Message]:
    """The fields of each recipient that the report names."""
    for part in parsed.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = [block for block in part.walk() if block is not part]
            # RFC 3464 2.1: the first block is about the message, each other about a recipient.
            yield from blocks[1:]


def _is_gone(recipient: Message) -> bool:
    action = str(recipient.get("Action", "")).strip().lower()
    return action == "failed" and bool(_NO_MAILBOX.match(str(recipient.get("Status", "")).strip()))

"""Where somebody wants to be told, whatever carries it there: a mailbox, a webhook, a chat."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monitor.domain.subscriptions.hook_address import read_slack_hook, read_webhook
from monitor.domain.subscriptions.mail_address import BadAddress, read_address

EMAIL = "email"
WEBHOOK = "webhook"
SLACK = "slack"
TELEGRAM = "telegram"
TYPED = (EMAIL, WEBHOOK, SLACK)
"""What people type an address of, in the page's form and for a command; a chat speaks for itself.
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """An address of one kind. `mailbox` is the same for all addresses that most likely reach the
    same receiver: limits count by it, and nothing is ever sent to it. Neither prints itself."""

    kind: str
    address: str = field(repr=False)
    mailbox: str = field(repr=False)

    def keyed_hash(self, key: bytes) -> str:
        """What may be kept of it after the address is erased: without the key nobody can try
        addresses against it."""
        return hmac.digest(key, b"mailbox\0" + self.mailbox.encode(), "sha256").hex()


def read_contact(kind: str, typed: str) -> Contact:
    """What a stranger typed as an address of that kind. Raises BadAddress.

    >>> read_contact("email", "Ana+estado@Example.com").mailbox
    'ana@example.com'
    """
    try:
        read = _READERS[kind]
    except KeyError:
        raise BadAddress("no such kind") from None
    return Contact(kind, *read(typed))


def _mail(typed: str) -> tuple[str, str]:
    found = read_address(typed)
    return str(found), found.mailbox


def _webhook(typed: str) -> tuple[str, str]:
    found = read_webhook(typed)
    return found.url, found.receiver


def _slack(typed: str) -> tuple[str, str]:
    found = read_slack_hook(typed)
    return found.url, found.receiver


def _chat(typed: str) -> tuple[str, str]:
    """The number of a chat, as the bot is told it."""
    digits = typed.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise BadAddress("no number of a chat")
    return typed, f"telegram:{typed}"


_READERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    EMAIL: _mail,
    WEBHOOK: _webhook,
    SLACK: _slack,
    TELEGRAM: _chat,
}
"""How an address of each of our kinds is read; what sends to it stands in
`monitor.subscribers.channels.registry`."""
OURS = frozenset(_READERS)
ReadContact = Callable[[str, str], Contact]
"""As `read_contact`."""

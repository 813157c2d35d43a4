"""Links in mails to subscribers: each proves by itself what it may do, so that nothing of it has to
be stored, and nobody has to be looked up to refuse a guessed one."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.domain.time.interval import Second

KEY_BYTES = 32
_TOKEN = re.compile(r"([a-z0-9]{8,32})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


class Purpose(StrEnum):
    """What a link is for; one opens no other door."""

    CONFIRM = "confirm"
    MANAGE = "manage"


class BadLink(ValueError):
    """Not a link of ours, or one for another purpose."""


class LinkExpired(ValueError):
    """One of ours whose time is over."""


@dataclass(frozen=True, slots=True)
class Links:
    """`key` has 256 random bits; a token holds HMAC-SHA256 of all of them."""

    key: bytes

    def token(self, purpose: Purpose, subscription: SubscriptionId, until: Second) -> str:
        """`until` 0: it never expires."""
        return f"{subscription}.{until}.{self._proof(purpose, subscription, until)}"

    def read(self, purpose: Purpose, token: str, now: Second) -> SubscriptionId:
        """Whose link it is. Raises BadLink, LinkExpired."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            raise BadLink(purpose)
        subscription, until = SubscriptionId(parts[1]), Second(int(parts[2]))
        if not hmac.compare_digest(self._proof(purpose, subscription, until), parts[3]):
            raise BadLink(purpose)
        if until and now >= until:
            raise LinkExpired(purpose)
        return subscription

    def bounce_address(self, mailbox: str, subscription: SubscriptionId) -> str:
        """Where a mail to that subscription comes back to: what stands before the @ is at most 64
        letters, and means the same in capitals. 80 bits prove it; a guess changes nothing that
        anybody would notice.

        >>> found = Links(bytes(32)).bounce_address("back@example.com", SubscriptionId("a" * 16))
        >>> found.partition(".")[0], len(found.partition("@")[0])
        ('back+aaaaaaaaaaaaaaaa', 42)
        """
        local, _, domain = mailbox.rpartition("@")
        return f"{local}+{subscription}.{self._bounce_proof(subscription)}@{domain}"

    def read_bounce(self, subscription: str, proof: str) -> SubscriptionId:
        """Whose mail came back. Raises BadLink."""
        if not hmac.compare_digest(self._bounce_proof(SubscriptionId(subscription)), proof):
            raise BadLink("bounce")
        return SubscriptionId(subscription)

    def _bounce_proof(self, subscription: SubscriptionId) -> str:
        return hmac.digest(self.key, f"bounce\0{subscription}".encode(), "sha256").hex()[:20]

    def _proof(self, purpose: Purpose, subscription: SubscriptionId, until: Second) -> str:
        said = f"{purpose}\0{subscription}\0{until}".encode()
        proof = hmac.digest(self.key, said, "sha256")
        return base64.urlsafe_b64encode(proof).rstrip(b"=").decode()

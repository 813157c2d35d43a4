"""Links that open a private page. Each proves by itself which page it opens and until when; those
that are in force are listed beside it, so that one that was revoked opens nothing."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from typing import NewType

from monitor.domain.time.interval import Second

PageLinkId = NewType("PageLinkId", str)

ID_LETTERS = 12
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
"""Of ids: none is taken for another when it is read aloud."""
_TOKEN = re.compile(r"([a-z2-7]{12})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{43})")


_SET_BACK_S = 86_400
"""A clock that is set back by so much since a link was made is thought to be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """`page` is the `BrandPage.id`; it opens before the second `until`. `label` says to people whom
    it was made for."""

    id: PageLinkId
    page: str
    until: Second
    made_at: Second
    made_by: str
    label: str = ""

    def is_open(self, now: Second) -> bool:
        """Not long before it was made either: the clock is wrong then, or was. One that was made
        under a clock of years ahead would open the page for years, and one that is over would open
        it again."""
        return self.made_at - _SET_BACK_S <= now < self.until


class BadPageLink(ValueError):
    """No token of ours, or one of another page."""


@dataclass(frozen=True, slots=True)
class PageLinkKey:
    """`key` has 256 random bits; a token holds HMAC-SHA256 of page, id and end."""

    key: bytes

    def token(self, link: PageLink) -> str:
        """What stands in the link's address.

        >>> link = PageLink(id="a" * 12, page="acme", until=1_800_000_000, made_at=0, made_by="ana")
        >>> PageLinkKey(bytes(32)).token(link)[:24]
        'aaaaaaaaaaaa.1800000000.'
        """
        return f"{link.id}.{link.until}.{self._proof(link.page, link.id, link.until)}"

    def read(self, page: str, token: str) -> tuple[PageLinkId, Second]:
        """(its id, its end), whether or not it is in force. Raises BadPageLink."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            raise BadPageLink(page)
        link, until = PageLinkId(parts[1]), Second(int(parts[2]))
        if not hmac.compare_digest(self._proof(page, link, until), parts[3]):
            raise BadPageLink(page)
        return link, until

    def _proof(self, page: str, link: PageLinkId, until: Second) -> str:
        said = f"page-link\0{page}\0{link}\0{until}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self.key, said, "sha256")).rstrip(b"=").decode()

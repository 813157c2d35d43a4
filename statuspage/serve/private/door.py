"""Which links open a private page: those that are signed, in force and not over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.customers.page_links import BadPageLink, PageLink, PageLinkId, PageLinkKey
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`links` are in force. Without a key, or without a link, nothing opens."""

    key: PageLinkKey | None = None
    links: Mapping[PageLinkId, PageLink] = field(default_factory=dict)

    def opened_by(self, token: str, page: str, now: Second) -> PageLink | None:
        """The link, where it opens that page at that second."""
        if self.key is None:
            return None
        try:
            # Whether an id is known is looked up for those alone who hold a proof of it.
            link_id, until = self.key.read(page, token)
        except BadPageLink:
            return None
        link = self.links.get(link_id)
        if link is None or (link.page, link.until) != (page, until):
            return None
        return link if link.is_open(now) else None


CLOSED = Door()

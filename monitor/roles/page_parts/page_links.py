"""Links to private pages are made and revoked in the data folder, whatever runs beside it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from monitor.domain.customers.page_links import (
    ID_LETTERS,
    LETTERS,
    PageLink,
    PageLinkId,
    PageLinkKey,
)
from monitor.domain.time.interval import Second
from monitor.roles.page_parts.links_file import (
    change_page_links,
    read_page_links,
)
from monitor.roles.settings import page_links_file, page_links_key_file
from monitor.runtime.key_file import read_or_make_key


def add_page_link(data_dir: Path, link: PageLink) -> str:
    """Put it in force; what stands in its address. Raises OSError, ValueError."""
    key = PageLinkKey(read_or_make_key(page_links_key_file(data_dir)))
    change_page_links(
        page_links_file(data_dir), lambda links: [*_of_now(links, link.made_at), link]
    )
    return key.token(link)


def page_links_in_force(data_dir: Path, now: Second) -> list[PageLink]:
    """The next to end first. Raises OSError, ValueError."""
    return sorted(_of_now(read_page_links(page_links_file(data_dir)), now), key=lambda of: of.until)


def revoke_page_link(data_dir: Path, wanted: str, now: Second) -> PageLink | None:
    """It opens nothing from now on; None where no such link is in force. Raises OSError,
    ValueError."""
    revoked = [link for link in page_links_in_force(data_dir, now) if link.id == wanted]
    if not revoked:
        return None
    change_page_links(
        page_links_file(data_dir),
        lambda links: [link for link in _of_now(links, now) if link.id != wanted],
    )
    return revoked[0]


def new_link_id() -> PageLinkId:
    return PageLinkId("".join(secrets.choice(LETTERS) for _ in range(ID_LETTERS)))


def _of_now(links: Sequence[PageLink], now: Second) -> list[PageLink]:
    """Those that are over are forgotten: a clock that is set back opens none of them again."""
    return [link for link in links if now < link.until]

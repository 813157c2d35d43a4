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
from monitor.runtime.key_file import read_key, read_or_make_key

_MOST_OVER = 1_000


def add_page_link(data_dir: Path, link: PageLink) -> str:
    """Put it in force; what stands in its address. Raises OSError, ValueError."""
    key = PageLinkKey(read_or_make_key(page_links_key_file(data_dir)))
    change_page_links(
        page_links_file(data_dir), lambda links: [*_remembered(links, link.made_at), link]
    )
    return key.token(link)


def page_links_in_force(data_dir: Path, now: Second) -> list[PageLink]:
    """The next to end first; also those that were made under a clock that was ahead. Raises
    OSError, ValueError."""
    found = read_page_links(page_links_file(data_dir))
    return sorted((link for link in found if now < link.until), key=lambda of: of.until)


def revoke_page_link(data_dir: Path, wanted: str) -> PageLink | None:
    """It opens nothing from now on, whatever the clock says; None where no such link is known.
    Raises OSError, ValueError."""
    file = page_links_file(data_dir)
    revoked = [link for link in read_page_links(file) if link.id == wanted]
    if not revoked:
        return None
    change_page_links(file, lambda links: [link for link in links if link.id != wanted])
    return revoked[0]


def why_closed(data_dir: Path, now: Second) -> str:
    """What keeps links that are in force from opening anything; empty where nothing does."""
    key_file = page_links_key_file(data_dir)
    try:
        if page_links_in_force(data_dir, now) or key_file.exists():
            read_key(key_file)
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def new_link_id() -> PageLinkId:
    return PageLinkId("".join(secrets.choice(LETTERS) for _ in range(ID_LETTERS)))


def _remembered(links: Sequence[PageLink], now: Second) -> list[PageLink]:
    """All but those that have been over for the longest time. That is a matter of their number and
    not of the clock: one that is ahead for a minute must not end every link for good."""
    over = sorted((link for link in links if link.until <= now), key=lambda of: of.until)
    forgotten = {link.id for link in over[:-_MOST_OVER]}
    return [link for link in links if link.id not in forgotten]

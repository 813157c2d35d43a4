"""A page as messages to its subscribers name it: the company's own, or a brand's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address

from monitor.alerting.channels.email_message import address
from monitor.alerting.ports import Transient
from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import Catalogue, Subscribers
from monitor.domain.subscriptions.subscription import Subscription
from monitor.domain.text import Text
from monitor.i18n.languages import Lang
from statuspage.view.page_scope import PageScope, scopes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPage:
    """`colour` is that of its buttons, on which white can be read; empty: the product's own."""

    name: Text
    url: str
    sender: str
    colour: str = ""

    def at(self, path: str) -> str:
        return self.url.rstrip("/") + path


Pages = Mapping[PageId, ToldPage]


def told_pages(catalogue: Catalogue, subscribers: Subscribers) -> Pages:
    return {scope.id: _told(scope, subscribers.sender) for scope in scopes_of(catalogue)}


def page_of(pages: Pages, to: Subscription) -> ToldPage:
    """The page where somebody subscribed. Raises Transient where there is none just now."""
    found = pages.get(to.page)
    if found is None:
        raise Transient("its page is not in the configuration")
    return found


def _told(scope: PageScope, sender: str) -> ToldPage:
    if scope.page is None:
        return ToldPage(name=scope.name, url=scope.url, sender=sender)
    own = scope.page.sender or str(
        Address(scope.name.in_locale(Lang.ES), addr_spec=address(sender).addr_spec)
    )
    return ToldPage(name=scope.name, url=scope.url, sender=own, colour=scope.page.light)

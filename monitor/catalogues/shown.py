"""What the pages have ever shown: the company's own, and those of its brands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from monitor.catalogues.known_names import KnownNames
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.checks.observation import ComponentId
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval, Second

_LEGAL_FORM = re.compile(
    r"(?<=\w),?\s+"
    r"(?:s\.? ?a\.?(?: ?[su]\.?)?|s\.? ?r\.? ?l\.?|ltda\.?|inc\.?|llc|ltd\.?|gmbh|eireli)\s*$",
    re.IGNORECASE,
)
PageId = str | None
"""Of a brand's page; None: the company's own."""
OTHERS, PAGES = "others:", "pages:"
"""Who goes by the names of services, brands and the company, and by those of pages: no component
has such an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EverShown:
    """`until` has, by page, the end of the last time at which it showed a component, FOREVER where
    it does still; `names` are those under which any page has shown a component, `others` those of
    services, brands and the company, and the hosts of their pages, `pages` the names of brands'
    pages."""

    until: Mapping[PageId, Mapping[ComponentId, Second]] = field(default_factory=dict)
    names: Mapping[ComponentId, frozenset[str]] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    _known: KnownNames | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def has_brands(self) -> bool:
        return any(page is not None for page in self.until)

    def on(self, page: PageId) -> Mapping[ComponentId, Second]:
        """By component, until when that page showed it."""
        return self.until.get(page, {})

    @property
    def known_names(self) -> KnownNames:
        """All of these names, and the ids that can mean nothing but their component in a text:
        `caja-negra`, not `correo`. Indexed when they are first asked for."""
        if self._known is None:
            object.__setattr__(self, "_known", KnownNames.of(self._owned()))
        return cast("KnownNames", self._known)

    def _owned(self) -> Iterator[tuple[str, str]]:
        yield from ((OTHERS, name) for name in self.others)
        yield from ((PAGES, name) for name in self.pages)
        for component, names in self.names.items():
            yield from ((component, name) for name in names)
            if not component.isalpha():
                yield component, component


def ever_shown(ruling: Iterable[tuple[CatalogueRevision, Interval]]) -> EverShown:
    """By what was in force when, oldest first."""
    until: dict[PageId, dict[ComponentId, Second]] = {}
    names: dict[ComponentId, set[str]] = {}
    others: set[str] = set()
    pages: set[str] = set()
    for catalogue, end in _runs(ruling):
        for page, components in _by_page(catalogue):
            until.setdefault(page, {}).update(dict.fromkeys(components, end))
        for component in catalogue.components:
            if catalogue.is_shown(component):
                names.setdefault(component.id, set()).update(_said(component.name))
        others |= _others(catalogue)
        pages.update(name for page in catalogue.page.brand_pages for name in _said(page.name))
    return EverShown(
        until=until, names={c: frozenset(found) for c, found in names.items()},
        others=frozenset(others), pages=frozenset(pages),
    )  # fmt: skip


def shown_on(catalogue: Catalogue, page: PageId) -> frozenset[ComponentId]:
    """What a page shows; nothing where there is no such page."""
    if page is None:
        return frozenset(c.id for c in catalogue.components if c.is_public)
    own = (found for found in catalogue.page.brand_pages if found.id == page)
    return frozenset(c for found in own for c in found.components)


def _runs(
    ruling: Iterable[tuple[CatalogueRevision, Interval]],
) -> Iterator[tuple[Catalogue, Second]]:
    """The catalogues that show other things than the one before, and until when each did."""
    former: tuple[Catalogue, Second] | None = None
    for revision, period in ruling:
        if former is not None and not _is_alike(former[0], revision.catalogue):
            yield former
        former = (revision.catalogue, period.end)
    if former is not None:
        yield former


def _is_alike(one: Catalogue, other: Catalogue) -> bool:
    """Catalogues made of the same parts share them."""
    is_same = one.components is other.components and one.services == other.services
    return is_same and one.page == other.page


def _by_page(catalogue: Catalogue) -> Iterator[tuple[PageId, frozenset[ComponentId]]]:
    yield None, shown_on(catalogue, None)
    for page in catalogue.page.brand_pages:
        yield page.id, frozenset(page.components)


def _others(catalogue: Catalogue) -> set[str]:
    found = {name for service in catalogue.services for name in _said(service.name)}
    firms = {catalogue.page.company, *(brand.name for brand in catalogue.page.brands)}
    found |= firms | set(map(without_legal_form, firms))
    found |= {host for page in catalogue.page.brand_pages for host in page.hosts}
    return found | {urlsplit(catalogue.page.url).hostname or ""}


def without_legal_form(firm: str) -> str:
    """A company's name as people write it.

    >>> without_legal_form("Zafiro del Sur S.R.L."), without_legal_form("Zafiro, SA")
    ('Zafiro del Sur', 'Zafiro')
    >>> without_legal_form("Casa"), without_legal_form("SA")
    ('Casa', 'SA')
    """
    return _LEGAL_FORM.sub("", firm)


def _said(text: Text) -> Iterable[str]:
    return text.by_locale.values()

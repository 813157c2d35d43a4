"""Of which page a view is: the company's own, or that of a brand, which shows what it lists as if
nothing else existed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.shown import PageId, shown_on
from monitor.domain.catalogue import BrandPage, Catalogue, Component, Page, SupportLevel
from monitor.domain.checks.observation import ComponentId
from monitor.domain.text import Text
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScope:
    """`components` are those that the page shows; `page` is None for the company's own."""

    page: BrandPage | None
    name: Text
    company: str
    url: str
    components: frozenset[ComponentId]

    @property
    def id(self) -> PageId:
        return None if self.page is None else self.page.id

    @property
    def is_private(self) -> bool:
        return self.page is not None and self.page.is_private

    def of_page(self, page: Page) -> Page:
        """The company's page as this one: under its own name and address, with no other brand's."""
        if self.page is None:
            return page
        own = replace(page, name=self.name, company=self.company, url=self.url, brands=())
        ways = self.page.support_url, self.page.report_url or self.page.support_url
        return (
            own if ways == (None, None) else replace(own, support_url=ways[0], report_url=ways[1])
        )

    def support(self, levels: tuple[SupportLevel, ...]) -> tuple[SupportLevel, ...]:
        """The levels, which lead to the brand's own addresses where it has any."""
        if self.page is None or not (self.page.support_url or self.page.report_url):
            return levels
        return tuple(replace(level, url=None) for level in levels)

    def shows(self, component: ComponentId) -> bool:
        return component in self.components

    def showed(self, component: Component, then: Catalogue) -> bool:
        """Whether it did under another configuration, which has the component."""
        if self.page is None:
            return component.is_public
        return component.id in shown_on(then, self.page.id)

    def may_tell_of(self, component: Component, then: Catalogue) -> bool:
        """Whether the time of another configuration may be told of a component that it shows now:
        it was before somebody's eyes, on any page. The company's tells what it showed itself."""
        return component.is_public if self.page is None else then.is_shown(component)

    def still_shown(
        self, components: Iterable[ComponentId], catalogues: Catalogues, now: Second
    ) -> frozenset[ComponentId]:
        """Those of them that it shows or, where they have left the configuration, did at last."""
        present = catalogues.present(now).catalogue
        return frozenset(
            c
            for c in components
            if (self.shows(c) if present.has(c) else self._showed_last(c, catalogues, now))
        )

    def _showed_last(self, component: ComponentId, catalogues: Catalogues, now: Second) -> bool:
        then = catalogues.last_with(component, now)
        return then is not None and self.showed(then.component(component), then)


def company_scope(catalogue: Catalogue) -> PageScope:
    page = catalogue.page
    return PageScope(
        page=None, name=page.name, company=page.company, url=page.url,
        components=shown_on(catalogue, None),
    )  # fmt: skip


def scopes_of(catalogue: Catalogue) -> tuple[PageScope, ...]:
    """Of every page: the company's first, then those of brands as configured."""
    brands = (
        PageScope(
            page=page, name=page.name, company=page.company, url=page.url,
            components=frozenset(page.components),
        )
        for page in catalogue.page.brand_pages
    )  # fmt: skip
    return company_scope(catalogue), *brands


def scope_of(catalogue: Catalogue, page: PageId) -> PageScope | None:
    """Of one page by its id; None where there is none of that id."""
    return next((scope for scope in scopes_of(catalogue) if scope.id == page), None)

"""Every address of the page from one view: HTML in each language, the API, the static files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.i18n.addresses import NEGOTIATED, home_path
from monitor.i18n.formats import Lang
from statuspage.pages.index import NOT_FOUND, Page, not_found_path, pages_of
from statuspage.pages.site import languages
from statuspage.parts.age import Promise, age_words, promises
from statuspage.parts.component_history import History, history_of
from statuspage.parts.context import Context
from statuspage.parts.placeholders import fill
from statuspage.publish.api import api_documents, api_words
from statuspage.publish.badges import badges
from statuspage.publish.calendars import calendars
from statuspage.publish.crawlers import crawler_files
from statuspage.publish.feeds import FeedWriter
from statuspage.publish.page_models import PageContext, SiteContext, fingerprint, written
from statuspage.publish.rendered import HTML, JSON, Body, Rendered
from statuspage.publish.templating import brand_files, static_files
from statuspage.view.model import PublicView


class PageRenderer:
    """Renders views one after the other. A page of which nothing has changed but the time of its
    data is not rendered again: the new time is filled into home, and any other page states none
    while it is fresh. Otherwise the result is what `render` gives."""

    def __init__(self) -> None:
        self._history: History | None = None
        self._feeds = FeedWriter()
        self._rendered_forms: dict[tuple[str, bool], _RenderedForm] = {}

    def render(self, view: PublicView) -> dict[str, Rendered]:
        """Addresses to bytes, each in its fresh and its stale form."""
        langs = languages(view)
        self._history = history = history_of(view, self._history)
        former, self._rendered_forms = self._rendered_forms, {}
        rendered: dict[str, Rendered] = {}
        for lang in langs:
            fresh, stale = (
                SiteContext.of(Context(view=view, history=history, lang=lang, is_stale=is_stale))
                for is_stale in (False, True)
            )
            words, promised = age_words(fresh.context), promises(fresh.context)
            for page in pages_of(view):
                rendered[page.address(lang)] = self._rendered(
                    page, fresh, stale, words, promised, former
                )
        rendered[NEGOTIATED] = replace(
            rendered[home_path(langs[0])],
            alternates={lang.value: home_path(lang) for lang in langs[1:]},
        )
        rendered[NOT_FOUND] = rendered[not_found_path(langs[0])]
        return (
            rendered
            | _api(view, langs[0])
            | static_files()
            | brand_files(view.brand)
            | crawler_files(view)
            | badges(view)
            | self._feeds.feeds(view)
            | calendars(view)
        )

    def _rendered(
        self,
        page: Page,
        fresh: SiteContext,
        stale: SiteContext,
        words: Mapping[str, str],
        promised: Mapping[str, Promise],
        former: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Rendered:
        fresh_page = PageContext.of(page, fresh.context)
        stale_page = PageContext.of(page, stale.context) if page.has_stale_model else fresh_page
        body = self._body(page, fresh_page, fresh, former)
        if page.shows_age:
            body = Body.of(fill(body.content, words))
        return Rendered(
            fresh=body,
            stale=self._body(page, stale_page, stale, former),
            content_type=HTML,
            status=page.status,
            language=fresh.context.lang.value,
            words=words,
            promises=promised,
        )

    def _body(
        self,
        page: Page,
        page_context: PageContext,
        site_context: SiteContext,
        former: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Body:
        key = (page.address(site_context.context.lang), site_context.context.is_stale)
        same = fingerprint(site_context.fingerprint, page_context.fingerprint)
        form = former.get(key)
        if form is None or form.fingerprint != same:
            form = _RenderedForm(same, Body.packed(written(page, page_context, site_context)))
        self._rendered_forms[key] = form
        return form.body


@dataclass(frozen=True, slots=True)
class _RenderedForm:
    """One form of a page as it was rendered, and a fingerprint of what it was rendered from."""

    fingerprint: bytes
    body: Body


def render(view: PublicView) -> dict[str, Rendered]:
    """One view alone: addresses to bytes, each in its fresh and its stale form."""
    return PageRenderer().render(view)


def _api(view: PublicView, lang: Lang) -> dict[str, Rendered]:
    fresh = api_documents(view, lang, is_stale=False)
    stale = api_documents(view, lang, is_stale=True)
    words = api_words(view, lang)
    return {
        path: Rendered(
            fresh=Body.of(document),
            stale=Body.of(stale[path]),
            content_type=JSON,
            language=lang.value,
            words=words,
        )
        for path, document in fresh.items()
    }

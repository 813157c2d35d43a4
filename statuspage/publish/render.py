"""Every address of the page from one view: HTML in each language, the API, the static files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from monitor.domain.rollup import Shown
from monitor.i18n.addresses import NEGOTIATED, home_path
from monitor.i18n.formats import Lang
from statuspage.pages.index import NOT_FOUND, OK, Page, not_found_path, pages_of
from statuspage.pages.site import frame, languages, site, stale_note
from statuspage.parts.age import Promise, age_line, age_words, promises
from statuspage.parts.component_history import History, history_of
from statuspage.parts.context import Context
from statuspage.parts.placeholders import fill
from statuspage.publish.api import api_documents, api_words
from statuspage.publish.badges import badges
from statuspage.publish.calendars import calendars
from statuspage.publish.crawlers import crawler_files
from statuspage.publish.feeds import FeedWriter
from statuspage.publish.rendered import HTML, JSON, Body, Rendered
from statuspage.publish.templating import environment, static_files
from statuspage.view.model import PublicView

_Model = dict[str, object]


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
                _SiteContext.of(Context(view=view, history=history, lang=lang, is_stale=is_stale))
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
            | crawler_files(view)
            | badges(view)
            | self._feeds.feeds(view)
            | calendars(view)
        )

    def _rendered(
        self,
        page: Page,
        fresh: _SiteContext,
        stale: _SiteContext,
        words: Mapping[str, str],
        promised: Mapping[str, Promise],
        former: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Rendered:
        fresh_page = _PageContext.of(page, fresh.context)
        stale_page = _PageContext.of(page, stale.context) if page.has_stale_model else fresh_page
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
        page_context: _PageContext,
        site_context: _SiteContext,
        former: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Body:
        key = (page.address(site_context.context.lang), site_context.context.is_stale)
        fingerprint = _fingerprint(site_context.fingerprint, page_context.fingerprint)
        form = former.get(key)
        if form is None or form.fingerprint != fingerprint:
            template = environment().get_template(page.template)
            form = _RenderedForm(
                fingerprint,
                Body.packed(template.render(site_context.model | page_context.model).encode()),
            )
        self._rendered_forms[key] = form
        return form.body


@dataclass(frozen=True, slots=True)
class _RenderedForm:
    """One form of a page as it was rendered, and a fingerprint of what it was rendered from."""

    fingerprint: bytes
    body: Body


@dataclass(frozen=True, slots=True)
class _SiteContext:
    """The variables that templates get on each page of a language in one form."""

    context: Context
    model: _Model
    fingerprint: bytes

    @classmethod
    def of(cls, context: Context) -> _SiteContext:
        states = context.words.states
        model: _Model = {
            "site": site(context),
            "stale": stale_note(context),
            "age": age_line(context),
            "legend": {
                "slow": states[Shown.SLOW].one,
                "maintenance": states[Shown.MAINTENANCE].one,
                "no_data": states[Shown.NO_DATA].one,
            },
        }
        # The words change with the program alone: they need no fingerprint.
        return cls(context, model | {"w": context.words}, repr(model).encode())


@dataclass(frozen=True, slots=True)
class _PageContext:
    """The variables that a template gets for one page."""

    model: _Model
    fingerprint: bytes

    @classmethod
    def of(cls, page: Page, context: Context) -> _PageContext:
        model: _Model = {
            "page": page.model(context),
            "frame": frame(
                context,
                title=page.title(context),
                description=page.description(context),
                section=page.section,
                address=page.address if page.status == OK else None,
                is_section_page=page.is_section_page,
                shown=page.shown(context),
                feeds=page.feeds(context),
            ),
        }
        return cls(model, repr(model).encode())


def _fingerprint(*parts: bytes) -> bytes:
    """The same for equal models."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(part)
    return state.digest()


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

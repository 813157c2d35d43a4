"""Every address of the page from one view: HTML in each language, the API, the static files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from monitor.domain.addresses import NEGOTIATED, home_path
from monitor.domain.rollup import Shown
from monitor.i18n.formats import Lang
from statuspage.pages.index import NOT_FOUND, OK, Page, not_found_path, pages_of
from statuspage.pages.site import frame, languages, site, stale_note
from statuspage.parts.age import age_line, age_words
from statuspage.parts.context import Context
from statuspage.parts.past import History, history_of
from statuspage.parts.placeholders import fill
from statuspage.publish.api import api_documents, api_words
from statuspage.publish.rendered import HTML, JSON, Body, Rendered
from statuspage.publish.templating import environment, static_files
from statuspage.view.model import PublicView

_Model = dict[str, object]


class PageRenderer:
    """Renders views one after the other. A page of which nothing has changed but the time of its
    data is not made again: home is told the new time, and any other page tells none while it is
    fresh. All else is what `render` gives."""

    def __init__(self) -> None:
        self._past: History | None = None
        self._sheets: dict[tuple[str, bool], _RenderedForm] = {}

    def render(self, view: PublicView) -> dict[str, Rendered]:
        """Addresses to bytes, each in its fresh and its stale form."""
        spoken = languages(view)
        self._past = past = history_of(view, self._past)
        before, self._sheets = self._sheets, {}
        found: dict[str, Rendered] = {}
        for lang in spoken:
            fresh, stale = (
                _SiteContext.of(Context(view=view, past=past, lang=lang, is_stale=is_stale))
                for is_stale in (False, True)
            )
            words = age_words(fresh.context)
            for page in pages_of(view):
                found[page.address(lang)] = self._rendered(page, fresh, stale, words, before)
        found[NEGOTIATED] = replace(
            found[home_path(spoken[0])],
            alternates={lang.value: home_path(lang) for lang in spoken[1:]},
        )
        found[NOT_FOUND] = found[not_found_path(spoken[0])]
        return found | _api(view, spoken[0]) | static_files()

    def _rendered(
        self,
        page: Page,
        fresh: _SiteContext,
        stale: _SiteContext,
        words: Mapping[str, str],
        before: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Rendered:
        told = _PageContext.of(page, fresh.context)
        old = _PageContext.of(page, stale.context) if page.is_two_faced else told
        body = self._body(page, told, fresh, before)
        if page.tells_its_age:
            body = Body.of(fill(body.content, words))
        return Rendered(
            fresh=body,
            stale=self._body(page, old, stale, before),
            content_type=HTML,
            status=page.status,
            language=fresh.context.lang.value,
            words=words,
        )

    def _body(
        self,
        page: Page,
        told: _PageContext,
        around: _SiteContext,
        before: Mapping[tuple[str, bool], _RenderedForm],
    ) -> Body:
        key = (page.address(around.context.lang), around.context.is_stale)
        mark = _mark(around.mark, told.mark)
        sheet = before.get(key)
        if sheet is None or sheet.mark != mark:
            template = environment().get_template(page.template)
            sheet = _RenderedForm(
                mark, Body.packed(template.render(around.model | told.model).encode())
            )
        self._sheets[key] = sheet
        return sheet.body


@dataclass(frozen=True, slots=True)
class _RenderedForm:
    """One form of a page as it was rendered, and a mark of what it was rendered from."""

    mark: bytes
    body: Body


@dataclass(frozen=True, slots=True)
class _SiteContext:
    """What the templates are told on each page of a language in one form."""

    context: Context
    model: _Model
    mark: bytes

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
        # The words change with the program alone.
        return cls(context, model | {"w": context.words}, repr(model).encode())


@dataclass(frozen=True, slots=True)
class _PageContext:
    """What a template is told of one page."""

    model: _Model
    mark: bytes

    @classmethod
    def of(cls, page: Page, context: Context) -> _PageContext:
        model: _Model = {
            "page": page.model(context),
            "frame": frame(
                context,
                title=page.title(context),
                section=page.section,
                address=page.address if page.status == OK else None,
                is_section_page=page.is_section_page,
            ),
        }
        return cls(model, repr(model).encode())


def _mark(*told: bytes) -> bytes:
    """The same for models that say the same."""
    mark = blake2b(digest_size=16)
    for part in told:
        mark.update(part)
    return mark.digest()


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

"""A month of the past as pages in the archive, step by step: those that say what they said before
are not rendered again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import monitor.i18n
from monitor.i18n.addresses import breakdown_data_path
from monitor.i18n.formats import Lang
from statuspage.pages.past.closed import ClosedPage, closed_pages
from statuspage.pages.past.document import month_document, readable
from statuspage.pages.site import languages
from statuspage.parts.assets import templates_folder
from statuspage.parts.component_history import History, history_of
from statuspage.parts.context import Context
from statuspage.publish.archive.folder import ArchiveFolder
from statuspage.publish.archive.manifest import ArchivedPage, MonthManifest
from statuspage.publish.page_models import PageContext, SiteContext, fingerprint, written
from statuspage.publish.rendered import HTML, JSON, Caching
from statuspage.publish.templating import brand_files, static_files
from statuspage.view.closed_month import ClosedMonth

_AT_ONCE = 8
"""Pages of one step, each in one language."""
_STATIC_KEY = "static"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One page in one language."""

    closed: ClosedPage
    lang: Lang


class MonthWriting:
    """Writes the pages of a month by `step` until it `is_done`; then `manifest` names them. Raises
    OSError where the disk takes no more."""

    def __init__(self, month: ClosedMonth, folder: ArchiveFolder) -> None:
        self._month = month
        self._folder = folder
        former = folder.months.get(month.name)
        self._former = {} if former is None else former.pages
        self._langs = languages(month.view)
        self._history: History | None = None
        self._listed = list(closed_pages(month))
        self._left = deque(_Wanted(page, lang) for page in self._listed for lang in self._langs)
        self._pages: dict[str, ArchivedPage] = {}

    @property
    def is_done(self) -> bool:
        return not self._left

    def step(self) -> None:
        """A few pages."""
        for _ in range(min(_AT_ONCE, len(self._left))):
            wanted = self._left.popleft()
            path = wanted.closed.page.address(wanted.lang)
            self._pages[path] = self._page(path, wanted)

    def manifest(self) -> MonthManifest:
        """Of what was written. What the pages load is written now."""
        loaded = dict(self._loaded()) if self._pages else {}
        data = dict(self._data()) if self._month.is_over else {}
        return MonthManifest(
            pages=self._pages | data | loaded,
            listed=tuple(
                {lang.value: page.page.address(lang) for lang in self._langs}
                for page in self._listed
            ),
            gone=self._month.gone,
            figures=self._month.figures,
            is_over=self._month.is_over,
            is_final=self._month.is_final,
        )

    def _page(self, path: str, wanted: _Wanted) -> ArchivedPage:
        context = self._context(wanted)
        site_context = SiteContext.of(context)
        page_context = PageContext.of(wanted.closed.page, context)
        key = fingerprint(
            program().encode(), site_context.fingerprint, page_context.fingerprint
        ).hex()
        former = self._former.get(path)
        if former is not None and former.key == key and self._folder.has(former):
            return former
        return self._folder.put(
            written(wanted.closed.page, page_context, site_context),
            ArchivedPage(
                digest="",
                size=0,
                key=key,
                content_type=HTML,
                caching=Caching.REVALIDATE.value,
                language=wanted.lang.value,
            ),
        )

    def _context(self, wanted: _Wanted) -> Context:
        if self._history is None:
            self._history = history_of(self._month.view)
        return Context(
            view=replace(self._month.view, at=wanted.closed.at),
            history=self._history,
            lang=wanted.lang,
            linked=self._month.linked,
        )

    def _data(self) -> Iterator[tuple[str, ArchivedPage]]:
        """The same figures for programs, of all components in one file."""
        content = readable(month_document(self._month))
        page = ArchivedPage(
            digest="",
            size=0,
            key=fingerprint(content).hex(),
            content_type=JSON,
            caching=Caching.REVALIDATE.value,
        )
        yield breakdown_data_path(self._month.first), self._folder.put(content, page)

    def _loaded(self) -> Iterator[tuple[str, ArchivedPage]]:
        files = static_files() | brand_files(self._month.view.brand)
        for path, file in files.items():
            if file.caching is not Caching.FOREVER:
                # A logo is the present one.
                continue
            former = self._former.get(path)
            if former is not None and self._folder.has(former):
                yield path, former
                continue
            page = ArchivedPage(
                digest="",
                size=0,
                key=_STATIC_KEY,
                content_type=file.content_type,
                caching=file.caching.value,
            )
            yield path, self._folder.put(file.fresh.content, page)


@cache
def program() -> str:
    """What says the same things in the same way: the digest of the sources, templates and words."""
    state = blake2b(digest_size=8)
    try:
        state.update(version("estado").encode())
    except PackageNotFoundError:
        state.update(b"from its sources")
    for folder in (Path(__file__).parents[2], Path(monitor.i18n.__path__[0])):
        _add_files(state, folder, "*.py")
    _add_files(state, templates_folder(), "*.html")
    _add_files(state, templates_folder(), "*.css")
    return state.hexdigest()


def _add_files(state: blake2b, folder: Path, pattern: str) -> None:
    for path in sorted(folder.rglob(pattern)):
        state.update(path.read_bytes())

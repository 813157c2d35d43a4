"""Every address of the page from one view: HTML in each language, the API, the static files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from zlib import compress, crc32, decompress

from monitor.domain.addresses import (
    NEGOTIATED,
    availability_path,
    component_path,
    history_path,
    home_path,
    incident_path,
    maintenance_path,
)
from monitor.domain.interval import Second
from monitor.domain.public import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicView,
    Shown,
)
from statuspage.age import Age, age_of
from statuspage.api import api_documents
from statuspage.availability_page import availability_page
from statuspage.component_page import component_page
from statuspage.context import Context
from statuspage.formats import Lang
from statuspage.history_page import history_page
from statuspage.home import home_page, home_title
from statuspage.incident_page import incident_page
from statuspage.maintenance_page import maintenance_page
from statuspage.past import Past, past_of
from statuspage.rendered import HTML, JSON, Rendered
from statuspage.site import frame, languages, site
from statuspage.templating import environment, static_files

OK, MISSING = 200, 404
NOT_FOUND = "/404"
"""The default language's page for what is not there; `/en/404` for addresses below `/en/`."""
Address = Callable[[str], str]
_Model = Mapping[str, object]
_PACKING = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page before it is written: its template, its addresses, its model in a context."""

    template: str
    address: Address
    section: str
    model: Callable[[Context], object]
    title: Callable[[Context], str]
    is_section_page: bool = False
    is_soon_old: bool = False
    """Its age is told anew at every rendering."""
    status: int = 200


class Press:
    """Renders views one after the other. A page of which nothing has changed but its age is not
    made again: the home page tells its new age at once, another one when its old one is about to
    be too old to be called fresh. All else is what `render` gives."""

    def __init__(self) -> None:
        self._past: Past | None = None
        self._sheets: dict[str, _Sheet] = {}

    def render(self, view: PublicView) -> dict[str, Rendered]:
        """Addresses to bytes, each in its fresh and its stale form."""
        spoken = languages(view)
        self._past = past = past_of(view, self._past)
        contexts = {
            lang: tuple(
                Context(view=view, past=past, lang=lang, is_stale=is_stale)
                for is_stale in (False, True)
            )
            for lang in spoken
        }
        sheets = {
            page.address(lang): self._sheet(page, page.address(lang), *contexts[lang])
            for page in _pages(view)
            for lang in spoken
        }
        self._sheets = sheets
        found = {address: sheet.rendered() for address, sheet in sheets.items()}
        found[NEGOTIATED] = replace(
            found[home_path(spoken[0])],
            alternates={lang.value: home_path(lang) for lang in spoken[1:]},
        )
        found[NOT_FOUND] = found[_not_found_path(spoken[0])]
        return found | _api(view, spoken[0]) | static_files()

    def _sheet(self, page: _Page, address: str, fresh: Context, stale: Context) -> _Sheet:
        before, view = self._sheets.get(address), fresh.view
        models = (_model(page, fresh), _model(page, stale))
        mark = _mark(models)
        if before is None or before.mark != mark:
            return _Sheet.made(page, models, mark, (fresh, stale))
        if page.is_soon_old or _turn(address, before.at, view) != _turn(address, view.at, view):
            return replace(before, at=view.at, ages=(age_of(fresh), age_of(stale)))
        return before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A page as it was rendered, as small as thousands of them must be: packed and without its
    words of age, which stand beside it; of what it was rendered from, a mark."""

    at: Second
    mark: bytes
    packed: tuple[bytes, bytes]
    ages: tuple[Age, Age]
    status: int
    language: str

    @classmethod
    def made(
        cls,
        page: _Page,
        models: tuple[_Model, _Model],
        mark: bytes,
        contexts: tuple[Context, Context],
    ) -> _Sheet:
        template = environment().get_template(page.template)
        fresh, stale = contexts
        return cls(
            at=fresh.view.at,
            mark=mark,
            packed=(_packed(template.render(models[0])), _packed(template.render(models[1]))),
            ages=(age_of(fresh), age_of(stale)),
            status=page.status,
            language=fresh.lang.value,
        )

    def rendered(self) -> Rendered:
        return Rendered(
            fresh=self.ages[0].told_in(decompress(self.packed[0])),
            stale=self.ages[1].told_in(decompress(self.packed[1])),
            content_type=HTML,
            status=self.status,
            language=self.language,
        )


def _packed(text: str) -> bytes:
    return compress(text.encode(), _PACKING)


def _mark(models: tuple[_Model, _Model]) -> bytes:
    """The same for models that say the same."""
    told = [(name, model[name]) for model in models for name in sorted(model) if name != "w"]
    return blake2b(repr(told).encode(), digest_size=16).digest()


def render(view: PublicView) -> dict[str, Rendered]:
    """One view alone: addresses to bytes, each in its fresh and its stale form."""
    return Press().render(view)


def _turn(address: str, at: Second, view: PublicView) -> int:
    """It changes when a page's words of age are due again. Each page has moments of its own, so
    that they are not all written in one minute."""
    return (at + crc32(address.encode()) % view.stale_after) // view.stale_after


def _api(view: PublicView, lang: Lang) -> dict[str, Rendered]:
    fresh = api_documents(view, lang, is_stale=False)
    stale = api_documents(view, lang, is_stale=True)
    return {
        path: Rendered(fresh=document, stale=stale[path], content_type=JSON, language=lang.value)
        for path, document in fresh.items()
    }


def _model(page: _Page, context: Context) -> _Model:
    """Everything that the template is told; `w` is the same for each page of a language."""
    states = context.words.states
    return {
        "page": page.model(context),
        "frame": frame(
            context,
            title=page.title(context),
            section=page.section,
            address=page.address if page.status == OK else None,
            is_section_page=page.is_section_page,
            says_age_itself=page.template == "home.html",
        ),
        "site": site(context),
        "w": context.words,
        "legend": {
            "slow": states[Shown.SLOW].one,
            "maintenance": states[Shown.MAINTENANCE].one,
            "no_data": states[Shown.NO_DATA].one,
        },
    }


def _pages(view: PublicView) -> Iterator[_Page]:
    yield from _fixed_pages()
    yield from map(_component, view.components)
    yield from map(_incident, view.incidents)
    yield from map(_maintenance, view.maintenance)


def _fixed_pages() -> Iterator[_Page]:
    yield _Page(
        template="home.html",
        address=home_path,
        section="home",
        model=home_page,
        title=home_title,
        is_section_page=True,
        is_soon_old=True,
    )
    yield _Page(
        template="history.html",
        address=history_path,
        section="history",
        model=history_page,
        title=lambda context: context.words.history,
        is_section_page=True,
    )
    yield _Page(
        template="availability.html",
        address=availability_path,
        section="",
        model=availability_page,
        title=lambda context: context.words.calc_title,
    )
    yield _Page(
        template="not_found.html",
        address=_not_found_path,
        section="",
        model=lambda context: None,
        title=lambda context: context.words.not_found.rstrip("."),
        status=MISSING,
    )


def _component(component: PublicComponent) -> _Page:
    return _Page(
        template="component.html",
        address=partial(component_path, component.id),
        section="home",
        model=partial(component_page, component),
        title=lambda context: context.text(component.name),
    )


def _incident(incident: PublicIncident) -> _Page:
    return _Page(
        template="incident.html",
        address=partial(incident_path, incident.id),
        section="history",
        model=partial(incident_page, incident),
        title=lambda context: context.text(incident.title),
    )


def _maintenance(window: PublicMaintenance) -> _Page:
    return _Page(
        template="maintenance.html",
        address=partial(maintenance_path, window.id),
        section="history",
        model=partial(maintenance_page, window),
        title=lambda context: context.text(window.title),
    )


def _not_found_path(lang: str) -> str:
    return f"/{lang}{NOT_FOUND}"

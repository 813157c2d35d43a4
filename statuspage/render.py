"""Every address of the page from one view: HTML in each language, the API, the static files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from monitor.domain.addresses import (
    NEGOTIATED,
    availability_path,
    component_path,
    history_path,
    home_path,
    incident_path,
    maintenance_path,
)
from monitor.domain.public import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicView,
    Shown,
)
from statuspage.api import api_documents
from statuspage.availability_page import availability_page
from statuspage.component_page import component_page
from statuspage.context import Context
from statuspage.formats import Lang
from statuspage.history_page import history_page
from statuspage.home import home_page, home_title
from statuspage.incident_page import incident_page
from statuspage.maintenance_page import maintenance_page
from statuspage.past import past_of
from statuspage.rendered import HTML, JSON, Rendered
from statuspage.site import frame, languages, site
from statuspage.templating import environment, static_files

OK, MISSING = 200, 404
NOT_FOUND = "/404"
"""The default language's page for what is not there; `/en/404` for addresses below `/en/`."""
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page before it is written: its template, its addresses, its model in a context."""

    template: str
    address: Address
    section: str
    model: Callable[[Context], object]
    title: Callable[[Context], str]
    is_section_page: bool = False
    status: int = 200


def render(view: PublicView) -> dict[str, Rendered]:
    """Addresses to bytes, each in its fresh and its stale form."""
    static = static_files()
    spoken = languages(view)
    past = past_of(view)
    contexts = {
        lang: tuple(
            Context(view=view, past=past, lang=lang, is_stale=is_stale)
            for is_stale in (False, True)
        )
        for lang in spoken
    }
    found = {
        page.address(lang): _rendered(page, *contexts[lang])
        for page in _pages(view)
        for lang in spoken
    }
    found[NEGOTIATED] = replace(
        found[home_path(spoken[0])], alternates={lang.value: home_path(lang) for lang in spoken[1:]}
    )
    found[NOT_FOUND] = found[_not_found_path(spoken[0])]
    return found | _api(view, spoken[0]) | static


def _api(view: PublicView, lang: Lang) -> dict[str, Rendered]:
    fresh = api_documents(view, lang, is_stale=False)
    stale = api_documents(view, lang, is_stale=True)
    return {
        path: Rendered(fresh=document, stale=stale[path], content_type=JSON, language=lang.value)
        for path, document in fresh.items()
    }


def _rendered(page: _Page, fresh: Context, stale: Context) -> Rendered:
    return Rendered(
        fresh=_html(page, fresh),
        stale=_html(page, stale),
        content_type=HTML,
        status=page.status,
        language=fresh.lang.value,
    )


def _html(page: _Page, context: Context) -> bytes:
    states = context.words.states
    text = (
        environment()
        .get_template(page.template)
        .render(
            page=page.model(context),
            frame=frame(
                context,
                title=page.title(context),
                section=page.section,
                address=page.address if page.status == OK else None,
                is_section_page=page.is_section_page,
                says_age_itself=page.template == "home.html",
            ),
            site=site(context),
            w=context.words,
            legend={
                "slow": states[Shown.SLOW].one,
                "maintenance": states[Shown.MAINTENANCE].one,
                "no_data": states[Shown.NO_DATA].one,
            },
        )
    )
    return text.encode()


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

"""Which pages there are: each with its template, its addresses and its model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.rollup import Shown
from monitor.domain.subscriptions.note import STATUS, Note
from monitor.i18n.addresses import (
    affected_path,
    availability_path,
    calendar_path,
    component_calendar_path,
    component_feed_path,
    component_path,
    embed_path,
    history_path,
    home_path,
    incident_path,
    maintenance_path,
    problem_path,
    problem_received_path,
    subscribe_path,
    subscription_note_path,
)
from statuspage.pages.affected import affected_page, affected_title
from statuspage.pages.availability import availability_page
from statuspage.pages.component import component_page
from statuspage.pages.embed import embed_page
from statuspage.pages.history import history_page
from statuspage.pages.home import home_page, home_title
from statuspage.pages.incident import incident_page, incident_title
from statuspage.pages.maintenance import maintenance_page, maintenance_title
from statuspage.pages.problem import problem_page, problem_title, received_page, received_title
from statuspage.pages.site import FeedLink, feed_links
from statuspage.pages.subscription import (
    LinkAction,
    link_page,
    link_title,
    note_page,
    note_title,
    subscribe_page,
    subscribe_title,
)
from statuspage.parts.answer import answer
from statuspage.parts.context import Context
from statuspage.parts.state import incident_shown
from statuspage.view.model import PublicComponent, PublicIncident, PublicMaintenance, PublicView

OK, MISSING = 200, 404
_AHEAD = (MaintenancePhase.SCHEDULED, MaintenancePhase.IN_PROGRESS)
NOT_FOUND = "/404"
"""The default language's page for what is not there; `/en/404` for addresses below `/en/`."""
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page before it is written: its template, its addresses, its model in a context.

    `has_stale_model` where the model itself differs once the data is old. `shows_age` on a page
    that states the time of its data at every rendering. `shown` is the state that the page is
    about, whose icon its tab gets: not that of the whole, for then a fall would change every page.
    """

    template: str
    address: Address
    section: str
    model: Callable[[Context], object]
    title: Callable[[Context], str]
    description: Callable[[Context], str] = lambda context: context.words.description.format(
        x=context.view.page.company
    )
    shown: Callable[[Context], Shown | None] = lambda _: None
    feeds: Callable[[Context], tuple[FeedLink, ...]] = lambda _: ()
    calendar: Address = calendar_path
    is_section_page: bool = False
    has_stale_model: bool = False
    shows_age: bool = False
    status: int = OK
    has_picture: bool = False
    """It is about the state of everything, which its preview shows as a picture."""
    is_listed: bool = True
    """Whether people find it by itself: in the sitemap."""


def pages_of(view: PublicView) -> Iterator[Page]:
    yield from _fixed_pages()
    yield from map(_component, view.components)
    yield from map(page_of_incident, view.incidents)
    yield from map(page_of_window, view.maintenance)
    if view.answers_names:
        yield _affected()
    if view.page.problem_form:
        yield from _problem_pages()
    if view.takes_subscribers:
        yield from _subscription_pages()


def _fixed_pages() -> Iterator[Page]:
    yield _home()
    yield Page(
        template="history.html",
        address=history_path,
        section="history",
        model=history_page,
        title=lambda context: context.words.history,
        is_section_page=True,
    )
    yield Page(
        template="availability.html",
        address=availability_path,
        section="",
        model=availability_page,
        title=lambda context: context.words.calc_title,
    )
    yield _embed()
    yield Page(
        template="not_found.html",
        address=not_found_path,
        section="",
        model=embed_page,
        title=lambda context: context.words.not_found.rstrip("."),
        shown=_state_of_all,
        has_stale_model=True,
        status=MISSING,
        is_listed=False,
    )


def _home() -> Page:
    return Page(
        template="home.html",
        address=home_path,
        section="home",
        model=home_page,
        title=home_title,
        description=lambda context: (
            answer(context.view, context.lang, is_stale=context.is_stale).lead
        ),
        shown=_state_of_all,
        is_section_page=True,
        has_stale_model=True,
        has_picture=True,
        shows_age=True,
    )


def _embed() -> Page:
    return Page(
        template="embed.html",
        address=embed_path,
        section="",
        model=embed_page,
        title=home_title,
        shown=_state_of_all,
        has_stale_model=True,
        is_listed=False,
    )


def _state_of_all(context: Context) -> Shown:
    return answer(context.view, context.lang).shown


def _component(component: PublicComponent) -> Page:
    return Page(
        template="component.html",
        address=partial(component_path, component.id),
        section="home",
        model=partial(component_page, component),
        title=lambda context: context.text(component.name),
        shown=lambda _: component.shown,
        feeds=lambda context: feed_links(partial(component_feed_path, component.id, context.lang)),
        calendar=partial(component_calendar_path, component.id),
    )


def page_of_incident(incident: PublicIncident) -> Page:
    return Page(
        template="incident.html",
        address=partial(incident_path, incident.id),
        section="history",
        model=partial(incident_page, incident),
        has_stale_model=True,
        title=partial(incident_title, incident),
        shown=partial(incident_shown, incident),
    )


def page_of_window(window: PublicMaintenance) -> Page:
    return Page(
        template="maintenance.html",
        address=partial(maintenance_path, window.id),
        section="history",
        model=partial(maintenance_page, window),
        title=partial(maintenance_title, window),
        shown=lambda _: Shown.MAINTENANCE if window.phase in _AHEAD else None,
    )


def _affected() -> Page:
    return Page(
        template="affected.html",
        address=affected_path,
        section="",
        model=affected_page,
        title=affected_title,
        shown=_state_of_all,
        has_picture=True,
        has_stale_model=True,
    )


def _problem_pages() -> Iterator[Page]:
    yield Page(
        template="problem.html",
        address=problem_path,
        section="",
        model=problem_page,
        title=problem_title,
        has_stale_model=True,
    )
    yield Page(
        template="problem_received.html",
        address=problem_received_path,
        section="",
        model=received_page,
        title=received_title,
        has_stale_model=True,
        is_listed=False,
    )


def _subscription_pages() -> Iterator[Page]:
    yield Page(
        template="subscribe.html",
        address=subscribe_path,
        section="",
        model=subscribe_page,
        title=subscribe_title,
    )
    for action in LinkAction:
        yield Page(
            template="subscription_link.html",
            address=action.address,
            section="",
            model=partial(link_page, action),
            title=partial(link_title, action),
            is_listed=False,
        )
    for note in Note:
        yield Page(
            template="subscription_note.html",
            address=partial(subscription_note_path, note.value),
            section="",
            model=partial(note_page, note),
            title=partial(note_title, note),
            status=STATUS[note],
            is_listed=False,
        )


def not_found_path(lang: str) -> str:
    return f"/{lang}{NOT_FOUND}"

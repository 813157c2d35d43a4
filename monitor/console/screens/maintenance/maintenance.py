"""Planned work: what runs and comes, what was, and announcing more of it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.commands import maintenance_commands
from monitor.console.month_grid import day_of, proposed
from monitor.console.screens.choices import ServiceChoices, component_choices
from monitor.console.screens.maintenance.calendar import Calendar, calendar
from monitor.console.screens.maintenance.window_card import WindowCard, window_card
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePage:
    calendar: Calendar
    coming: tuple[WindowCard, ...]
    past: tuple[WindowCard, ...]
    services: tuple[ServiceChoices, ...]
    may_plan: bool
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPage:
    card: WindowCard
    excludes: bool
    """Its time is left out of the guarantee by the default terms."""
    may_plan: bool
    end: str
    """As a form has it."""


def every(visit: Visit) -> Page:
    windows = [window_card(w, visit) for w in maintenance_commands(visit).listed(with_past=True)]
    form = visit.form
    start, end = _proposed(visit)
    return Page(
        template="maintenance.html",
        title=visit.words.nav["maintenance"],
        page=MaintenancePage(
            calendar=calendar(visit),
            coming=tuple(w for w in windows if not w.is_over),
            past=tuple(w for w in reversed(windows) if w.is_over),
            services=component_choices(visit),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
            start=form.line("start") or visit.speech.typed(start),
            end=form.line("end") or visit.speech.typed(end),
        ),
    )


def _proposed(visit: Visit) -> tuple[Second, Second]:
    """On the day that was chosen in the calendar, else this time tomorrow."""
    now = visit.speech.now
    chosen = day_of(visit.query.get("day", ""))
    if chosen is not None:
        return proposed(chosen, visit.catalogue.maintenance.hours, visit.speech.zone, now)
    tomorrow = Second(now - now % 3_600 + 86_400)
    return tomorrow, Second(tomorrow + 3_600)


def show(visit: Visit) -> Page:
    commands = maintenance_commands(visit)
    window = commands.show(visit.name)
    card = window_card(window, visit)
    return Page(
        template="window.html",
        title=card.title,
        page=WindowPage(
            card=card,
            excludes=commands.is_excluded(window),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
            end=visit.form.line("end") or visit.speech.typed(window.end),
        ),
    )


def add(visit: Visit) -> Shown:
    form, zone = visit.form, visit.speech.zone
    saved = maintenance_commands(visit, is_writing=True).add(
        title=form.required_words("title", "title"),
        impact=form.required_words("impact", "impact"),
        start=form.moment("start", zone),
        end=form.moment("end", zone),
        components=form.many("component"),
        reason=form.line("reason"),
    )
    return Redirect(to=f"/maintenance/{saved.id}?done=announced")


def cancel(visit: Visit) -> Shown:
    saved = maintenance_commands(visit, is_writing=True).cancel(
        visit.name, reason=visit.form.line("reason"), revision=visit.form.number("revision")
    )
    return Redirect(to=f"/maintenance/{saved.id}?done=cancelled")


def extend(visit: Visit) -> Shown:
    form = visit.form
    saved = maintenance_commands(visit, is_writing=True).extend(
        visit.name,
        end=form.moment("end", visit.speech.zone),
        reason=form.line("reason"),
        revision=form.number("revision"),
    )
    return Redirect(to=f"/maintenance/{saved.id}?done=extended")


SCREENS = (
    Screen(method="GET", path="/maintenance", handle=every, scope=Scope.STATE_READ),
    Screen(
        method="POST", path="/maintenance", handle=add, again=every, scope=Scope.MAINTENANCE_WRITE
    ),
    Screen(method="GET", path="/maintenance/{id}", handle=show, scope=Scope.STATE_READ),
    Screen(
        method="POST", path="/maintenance/{id}/cancellation", handle=cancel, again=show,
        back="/maintenance/{id}",
        scope=Scope.MAINTENANCE_WRITE,
    ),
    Screen(
        method="POST", path="/maintenance/{id}/extension", handle=extend, again=show,
        back="/maintenance/{id}",
        scope=Scope.MAINTENANCE_WRITE,
    ),
)  # fmt: skip

"""Planned work: what runs and comes, what was, and announcing more of it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.screens.choices import ServiceChoices, component_choices
from monitor.console.screens.window_card import WindowCard, window_card
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.incidents.maintenance_commands import MaintenanceCommands


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePage:
    coming: tuple[WindowCard, ...]
    past: tuple[WindowCard, ...]
    services: tuple[ServiceChoices, ...]
    hours: tuple[str, ...]
    may_plan: bool
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPage:
    card: WindowCard
    excludes: bool
    """Its time is left out of the guarantee by the default terms."""
    may_plan: bool


def every(visit: Visit) -> Page:
    now = visit.speech.now
    windows = [window_card(w, visit) for w in _commands(visit).listed(with_past=True)]
    tomorrow = Second(now - now % 3_600 + 86_400)
    form = visit.form
    return Page(
        template="maintenance.html",
        title=visit.words.nav["maintenance"],
        page=MaintenancePage(
            coming=tuple(w for w in windows if not w.is_over),
            past=tuple(w for w in reversed(windows) if w.is_over),
            services=component_choices(visit),
            hours=(),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
            start=form.line("start") or visit.speech.typed(tomorrow),
            end=form.line("end") or visit.speech.typed(Second(tomorrow + 3_600)),
        ),
    )


def show(visit: Visit) -> Page:
    commands = _commands(visit)
    window = commands.show(visit.name)
    card = window_card(window, visit)
    return Page(
        template="window.html",
        title=card.title,
        page=WindowPage(
            card=card,
            excludes=commands.is_excluded(window),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
        ),
    )


def add(visit: Visit) -> Shown:
    form, zone = visit.form, visit.speech.zone
    saved = _commands(visit, is_writing=True).add(
        title=_required(form.words("title"), "title"),
        impact=_required(form.words("impact"), "impact"),
        start=form.moment("start", zone),
        end=form.moment("end", zone),
        components=form.many("component"),
        reason=form.line("reason"),
    )
    return Redirect(to=f"/maintenance/{saved.id}?done=announced")


def cancel(visit: Visit) -> Shown:
    saved = _commands(visit, is_writing=True).cancel(
        visit.name, reason=visit.form.line("reason"), revision=visit.form.number("revision")
    )
    return Redirect(to=f"/maintenance/{saved.id}?done=cancelled")


def _required(text: Text | None, what: str) -> Text:
    if text is None:
        raise Refused("text.empty", what=what)
    return text


def _commands(visit: Visit, *, is_writing: bool = False) -> MaintenanceCommands:
    journal = visit.backend.writing if is_writing else visit.backend.reading
    return MaintenanceCommands(
        journal=journal, catalogue=visit.catalogue, clock=visit.backend.clock, actor=visit.actor
    )


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
)  # fmt: skip

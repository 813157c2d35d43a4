"""Every incident of some days, with search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.console.commands import incident_commands
from monitor.console.screens.incident_card import IncidentCard, incident_card
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.incidents.incident import Incident

_SPANS = (7, 30, 90, 365)
_USUAL = 90
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsPage:
    """`spans` are the choices of days; `hidden` is how many are left out of the list."""

    cards: tuple[IncidentCard, ...]
    searched: str
    days: int
    spans: tuple[int, ...]
    hidden: int
    found: int
    may_write: bool


def show(visit: Visit) -> Shown:
    days, searched = _days(visit), visit.query.get("q", "").strip()
    commands = incident_commands(visit)
    found = [i for i in commands.recent(days) if _is_found(i, searched, visit)]
    return Page(
        template="incidents.html",
        title=visit.words.nav["incidents"],
        page=IncidentsPage(
            cards=tuple(incident_card(i, visit.catalogue, visit.speech) for i in found[:_MOST]),
            searched=searched,
            days=days,
            spans=_SPANS,
            hidden=max(0, len(found) - _MOST),
            found=len(found),
            may_write=visit.may(Scope.INCIDENTS_WRITE),
        ),
    )


def _days(visit: Visit) -> int:
    written = visit.query.get("days", "")
    return int(written) if written in {str(days) for days in _SPANS} else _USUAL


def _is_found(incident: Incident, searched: str, visit: Visit) -> bool:
    """Every word stands somewhere in it: in its id, names, causes or what was written."""
    if not searched:
        return True
    said = " ".join(_said(incident, visit)).casefold()
    return all(word in said for word in searched.casefold().split())


def _said(incident: Incident, visit: Visit) -> Sequence[str]:
    names = [
        visit.speech.text(visit.catalogue.component(c).name)
        for c in incident.concerned
        if visit.catalogue.has(c)
    ]
    texts = [incident.title, *(u.shown for u in incident.updates if u.shown is not None)]
    words = [words for text in texts for words in text.by_locale.values()]
    return [
        incident.id,
        *incident.concerned,
        *names,
        *words,
        *(p.cause for p in incident.affected),
    ]


SCREENS = (Screen(method="GET", path="/incidents", handle=show, scope=Scope.STATE_READ),)

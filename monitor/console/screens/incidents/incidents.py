"""Every incident of some days, with search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.console.commands import incident_commands
from monitor.console.screens.incidents.incident_card import IncidentCard, incident_card, names_of
from monitor.console.screens.paging import PAGE, first_of, next_url
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.incidents.incident import Incident, IncidentId
from monitor.incidents.commands import IncidentCommands
from monitor.journal.ports import IncidentHead

_SPANS = (7, 30, 90, 365)
_USUAL = 90
_AT_ONCE = 100
_BELOW = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsPage:
    """`spans` are the choices of days; `hidden` is how many are left out of the list."""

    cards: tuple[IncidentCard, ...]
    searched: str
    days: int
    spans: tuple[int, ...]
    hidden: int
    next_url: str
    found: int
    may_write: bool


def show(visit: Visit) -> Shown:
    days, searched = _days(visit), visit.query.get("q", "").strip()
    commands = incident_commands(visit)
    found = _searched(commands.heads(days), searched, commands, visit)
    first = first_of(visit)
    shown = commands.some(found[first : first + PAGE])
    return Page(
        template="incidents.html",
        title=visit.words.nav["incidents"],
        page=IncidentsPage(
            cards=tuple(incident_card(i, visit.catalogue, visit.speech) for i in shown),
            searched=searched,
            days=days,
            spans=_SPANS,
            hidden=max(0, len(found) - first - PAGE),
            next_url=next_url(visit, "/incidents", first, len(found)),
            found=len(found),
            may_write=visit.may(Scope.INCIDENTS_WRITE),
        ),
    )


def _days(visit: Visit) -> int:
    written = visit.query.get("days", "")
    return int(written) if written in {str(days) for days in _SPANS} else _USUAL


def _searched(
    heads: Sequence[IncidentHead], searched: str, commands: IncidentCommands, visit: Visit
) -> Sequence[IncidentHead]:
    """Every word stands somewhere in it: in its id, names, causes or what was written."""
    if not searched:
        return heads
    words, said, names = searched.casefold().split(), _said(heads, commands, visit), _names(visit)
    return [h for h in heads if all(word in _with_names(said[h.id], names) for word in words)]


def _said(
    heads: Sequence[IncidentHead], commands: IncidentCommands, visit: Visit
) -> Mapping[IncidentId, str]:
    """What is written in each, and below it which components it concerns. An incident is read for
    that once for each of its revisions."""
    parts, kind = visit.backend.parts, visit.call.own_kind("said")
    with visit.backend.reading.transaction() as tx:
        parts.follow(tx)
    found = {head.id: parts.find((kind, head.id), head.revision) for head in heads}
    missing = [head for head in heads if found[head.id] is None]
    for first in range(0, len(missing), _AT_ONCE):
        for incident in commands.some(missing[first : first + _AT_ONCE]):
            found[incident.id] = _text(incident)
            parts.put((kind, incident.id), incident.revision, _text(incident))
    return {name: (text or b"").decode("utf-8", "replace") for name, text in found.items()}


def _text(incident: Incident) -> bytes:
    texts = [incident.title, *(u.shown for u in incident.updates if u.shown is not None)]
    words = [words for text in texts for words in text.by_locale.values()]
    said = " ".join([incident.id, *words, *(p.cause for p in incident.affected)])
    return f"{said.casefold()}{_BELOW}{' '.join(incident.concerned)}".encode("utf-8", "replace")


def _with_names(said: str, names: Mapping[str, str]) -> str:
    """With what its components are called now."""
    words, _, concerned = said.partition(_BELOW)
    return " ".join([words, concerned.casefold(), *(names.get(c, "") for c in concerned.split())])


def _names(visit: Visit) -> Mapping[str, str]:
    return {n: name.casefold() for n, name in names_of(visit.catalogue, visit.speech).items()}


SCREENS = (Screen(method="GET", path="/incidents", handle=show, scope=Scope.STATE_READ),)

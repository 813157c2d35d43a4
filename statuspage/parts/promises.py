"""When the next update of an incident is promised, and what is said once that time has passed.

The machine keeps a promise that nobody kept, so a page that is refreshed never shows one that has
passed. Once the core is dead nobody does: the stale form has a placeholder, and the page role fills
in what is true when the page is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.time.interval import Second
from statuspage.parts.context import Context
from statuspage.parts.html import Html, fill
from statuspage.parts.placeholders import placeholder
from statuspage.view.model import PublicIncident


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Words for until a second, and for from then on; both are HTML."""

    until: Second
    before: str
    after: str


def next_update(incident: PublicIncident, context: Context) -> Html | None:
    """`Antes de las 14:40.`; None where nothing is promised."""
    if incident.next_update_by is None:
        return None
    if context.is_stale:
        return placeholder(_name(incident))
    return _before(incident.next_update_by, context)


def promises(context: Context) -> dict[str, Promise]:
    """What replaces the placeholders of a language, by name."""
    return {
        _name(incident): Promise(
            until=incident.next_update_by,
            before=_before(incident.next_update_by, context),
            after=_after(incident, incident.next_update_by, context),
        )
        for incident in context.view.incidents
        if incident.next_update_by is not None
    }


def _name(incident: PublicIncident) -> str:
    return f"promise-{incident.id}"


def _before(at: Second, context: Context) -> Html:
    return fill(context.words.before_time, t=context.the(at))


def _after(incident: PublicIncident, at: Second, context: Context) -> Html:
    last = incident.updates[0].at if incident.updates else incident.created_at
    return fill(context.words.none_came, t=context.the(at), u=context.the(last))

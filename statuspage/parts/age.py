"""The words that say how old a page's data is. They change with every minute and little else does,
so they are placeholders in the page (`statuspage.parts.placeholders`): a page whose other content
is the same does not change.

Those of the home page are replaced at each rendering. Any other page states the time of its data
only once the data is old: its stale form has the placeholders, and the page role replaces them.

When the next update is promised belongs to these words. The machine keeps a promise that nobody
kept, at its time; a core that was away publishes what it has before it does, and says that none has
come. While it is dead nobody does: the stale form has a placeholder, and the page role fills in
what is true when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.time.interval import Second
from monitor.i18n.formats import long_date
from statuspage.parts.answer import stale_answer
from statuspage.parts.context import Context
from statuspage.parts.html import Html, escaped, fill
from statuspage.parts.placeholders import placeholder
from statuspage.view.model import PublicIncident

AS_OF = placeholder("as-of")
"""Stands for `Datos de las 14:35:00 ...`."""
STALE_SINCE = placeholder("stale-since")
"""Stands for `Estos datos son de las 14:35.`, the title of a page that is no longer refreshed."""
STALE_TITLE = placeholder("stale-title")
"""The same as the title of a document: without its full stop."""


def age_words(context: Context) -> dict[str, str]:
    """What replaces the placeholders of a language's pages."""
    since = stale_answer(context.view, context.lang).title
    return {
        "as-of": _as_of(context),
        "stale-since": escaped(since),
        "stale-title": escaped(since.rstrip(".")),
    }


def age_line(context: Context) -> Html:
    """The line in which a page other than home states its age: no minute makes it untrue."""
    if context.is_closed:
        return escaped(context.words.record)
    return AS_OF if context.is_stale else escaped(context.words.renewed)


def _as_of(context: Context) -> Html:
    """`Datos de las 14:35:00 del jueves 16 de abril de 2026, hora de Argentina (UTC−3).`"""
    return fill(
        context.words.as_of,
        t=context.time(context.view.at, with_seconds=True),
        d=long_date(context.today, context.lang),
        z=context.zone_note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Words for until a second, and for from then on; both are HTML."""

    until: Second
    before: str
    after: str


def next_update(incident: PublicIncident, context: Context) -> Html | None:
    """`Antes de las 14:40.`; None where nothing is promised."""
    promised = incident.next_update_by
    if promised is None:
        return None
    if context.is_stale:
        return placeholder(_name(incident))
    if promised <= context.view.at:
        return _after(incident, promised, context)
    return _before(promised, context)


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

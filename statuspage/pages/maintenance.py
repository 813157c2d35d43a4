"""The page of one maintenance window: when, what to expect, whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.addresses import component_path
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.rollup import Shown
from monitor.i18n.formats import long_date
from statuspage.parts.context import Context
from statuspage.parts.episodes import window_in_words
from statuspage.parts.html import Html, fill
from statuspage.parts.state import State, state_of
from statuspage.view.model import PublicMaintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePage:
    """`components` are (name, address); no address where the configuration dropped it."""

    state: State
    title: str
    lead: Html
    meta: Html
    impact: tuple[Html, ...]
    components: tuple[tuple[str, str | None], ...]


def maintenance_page(window: PublicMaintenance, context: Context) -> MaintenancePage:
    words = context.words
    known = {c.id for c in context.view.components}
    shown = Shown.MAINTENANCE
    if window.phase is MaintenancePhase.COMPLETED:
        shown = Shown.OPERATIONAL
    lead = fill(words.maintenance_lead[window.phase.value], w=_mid(window, context))
    published = context.day(window.published_at)
    return MaintenancePage(
        state=state_of(shown, context),
        title=context.text(window.title),
        lead=lead,
        meta=fill(
            words.maintenance_meta,
            d=long_date(published, context.lang),
            t=fill(words.at_time, t=context.time(window.published_at)),
            z=context.zone_note,
        ),
        impact=context.paragraphs(window.impact),
        components=tuple(
            (context.text(name), component_path(id_, context.lang) if id_ in known else None)
            for id_, name in window.components
        ),
    )


def _mid(window: PublicMaintenance, context: Context) -> Html:
    """The window inside a sentence; Spanish weekdays stay in lower case there."""
    sentence = window_in_words(window, context)
    return Html(sentence[0].lower() + sentence[1:]) if context.lang == "es" else sentence

"""The page of one maintenance window: when, what to expect, whom it concerns, what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.maintenance_steps import MaintenanceStep, StepKind
from monitor.i18n.addresses import component_path
from monitor.i18n.formats import on_long_date
from statuspage.parts.context import Context
from statuspage.parts.episodes import mid_sentence, planned_in_words
from statuspage.parts.html import Html, escaped, fill, html
from statuspage.parts.maintenance_record import SHOWN, step_name, step_text
from statuspage.parts.state import State, maintenance_state, state_of
from statuspage.view.model import PublicMaintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntry:
    """One step of its record."""

    state: State
    at: Html
    paragraphs: tuple[Html, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePage:
    """`components` are (name, address); no address where the configuration dropped it. `entries`
    are newest first. `to_do` is empty once there is nothing to come."""

    state: State
    title: Html
    lead: Html
    past_lead: Html
    """Of what was to come or ran, once the data is old: nobody knows what became of it."""
    meta: Html
    impact: tuple[Html, ...]
    components: tuple[tuple[str, str | None], ...]
    entries: tuple[StepEntry, ...]
    to_do: str


def maintenance_page(window: PublicMaintenance, context: Context) -> MaintenancePage:
    words = context.words
    known = context.known
    published = context.day(window.published_at)
    is_over = window.phase in (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED)
    return MaintenancePage(
        state=maintenance_state(window, context),
        title=_heading(window, context),
        lead=_lead(window, context),
        past_lead=_past_lead(window, context),
        meta=fill(
            words.maintenance_meta,
            d=on_long_date(published, context.lang),
            t=fill(words.at_time, t=context.time(window.published_at)),
            z=context.zone_note,
        ),
        impact=context.paragraphs(window.impact),
        components=tuple(
            (context.text(name), component_path(id_, context.lang) if id_ in known else None)
            for id_, name in window.components
        ),
        entries=tuple(_entry(step, window, context) for step in reversed(window.steps)),
        to_do="" if is_over else words.to_do_meaning,
    )


def maintenance_title(window: PublicMaintenance, context: Context) -> str:
    """`Terminado: Servidor web 1: cambio de disco`."""
    title, became = context.text(window.title), _became(window, context)
    return f"{became}: {title}" if became else title


def _heading(window: PublicMaintenance, context: Context) -> Html:
    """The title, marked where it is in another language than the page."""
    title, became = context.marked(window.title), _became(window, context)
    return html("{became}: {title}", became=became, title=title) if became else title


def _became(window: PublicMaintenance, context: Context) -> str:
    """`Terminado`; empty while it is to come or goes on."""
    match window.phase:
        case MaintenancePhase.COMPLETED:
            return context.words.step_names[StepKind.ENDED]
        case MaintenancePhase.CANCELLED:
            return context.words.step_names[StepKind.CANCELLED]
        case MaintenancePhase.SCHEDULED | MaintenancePhase.IN_PROGRESS:
            return ""


def _lead(window: PublicMaintenance, context: Context) -> Html:
    words = context.words
    lead = fill(
        words.maintenance_lead[window.phase.value],
        w=mid_sentence(window, context),
        p=planned_in_words(window, context),
    )
    if window.phase is MaintenancePhase.CANCELLED:
        return lead
    if window.is_ended_early:
        return Html(f"{lead} {fill(words.was_ended_early, t=context.at(window.end))}")
    if window.is_extended:
        return Html(f"{lead} {fill(words.was_extended, t=context.at(window.planned_end))}")
    return lead


def _past_lead(window: PublicMaintenance, context: Context) -> Html:
    words = context.words
    match window.phase:
        case MaintenancePhase.SCHEDULED:
            return fill(words.maintenance_was_planned, p=planned_in_words(window, context))
        case MaintenancePhase.IN_PROGRESS:
            return fill(words.maintenance_was_under_way, w=mid_sentence(window, context))
        case MaintenancePhase.COMPLETED | MaintenancePhase.CANCELLED:
            return Html("")


def _entry(step: MaintenanceStep, window: PublicMaintenance, context: Context) -> StepEntry:
    said = escaped(step_text(step, window, context.lang, context.view.zone))
    is_impact = step.kind is StepKind.ANNOUNCED
    return StepEntry(
        state=state_of(SHOWN[step.kind], context, word=step_name(step, context.lang)),
        at=context.long_dated(step.at),
        paragraphs=context.paragraphs(window.impact) if is_impact else (said,),
    )

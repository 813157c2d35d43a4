"""An exclusion in a few words, for lists and for the page of an incident."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.screens.incidents.incident_card import name_of
from monitor.console.states import State
from monitor.console.visit import Visit
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionStatus
from statuspage.parts.html import Html

_STYLES = {
    ExclusionStatus.PROPOSED: "slow",
    ExclusionStatus.APPROVED: "ok",
    ExclusionStatus.REFUSED: "nd",
    ExclusionStatus.WITHDRAWN: "nd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionCard:
    reference: str
    url: str
    state: State
    component: str
    span: Html
    cause: str
    proposed_by: str
    decided_by: str


def exclusion_card(record: ExclusionRecord, visit: Visit) -> ExclusionCard:
    newest, speech = record.newest, visit.speech
    words, style = speech.words.exclusion, _STYLES[record.status]
    word = words.statuses[record.status]
    if record.pending is not None and newest.is_withdrawal:
        word = f"{word} ({words.withdrawal})"
    return ExclusionCard(
        reference=record.reference,
        url=f"/exclusions/{record.reference}",
        state=State(css=f"is-{style}", icon=f"i-{style}", word=word),
        component=name_of(newest.component, visit.catalogue, speech),
        span=speech.span(newest.interval.start, newest.interval.end),
        cause=words.causes.get(newest.cause, newest.cause),
        proposed_by=newest.proposed_by,
        decided_by=newest.decided_by or "",
    )

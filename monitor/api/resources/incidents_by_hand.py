"""Incidents that people open, open again, merge, split and link."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from monitor.api.operation import Answer, Call, Operation
from monitor.api.resources.incidents import (
    IncidentDocument,
    Stated,
    incident_answer,
    outcomes,
    show,
)
from monitor.api.schema import Body, Id, Moment, Words, second_of
from monitor.domain.accounts.permissions import Scope
from monitor.domain.incidents.incident import Phase
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.joining import IncidentJoining

_MOST_COMPONENTS = 1_000


class NewIncident(Body):
    """`components` with what is said of each; none where it concerns all. `started_at` lies in the
    last 90 days, `ended_at` is for what is resolved."""

    title: Words
    text: Words
    components: Stated = Field(default_factory=dict)
    phase: Phase = Phase.INVESTIGATING
    started_at: Moment | None = None
    ended_at: Moment | None = None


class Reopening(Body):
    text: Words
    title: Words | None = None


class Merger(Body):
    """`into` is where it goes on; the text is published in both."""

    into: Id
    text: Words


class Split(Body):
    """The components that get an incident of their own; the text is published in both."""

    components: Annotated[list[Id], Field(max_length=_MOST_COMPONENTS)]
    title: Words
    text: Words


class Link(Body):
    incident: Id


def open_by_hand(call: Call) -> Answer:
    body = call.sent(NewIncident)
    saved = _by_hand(call).open(
        title=body.title.text,
        text=body.text.text,
        statuses=outcomes(body.components),
        phase=body.phase,
        started_at=None if body.started_at is None else second_of(body.started_at),
        ended_at=None if body.ended_at is None else second_of(body.ended_at),
    )
    return incident_answer(call, saved)


def reopen(call: Call) -> Answer:
    body = call.sent(Reopening)
    saved = _by_hand(call).reopen(
        call.path["id"],
        text=body.text.text,
        title=body.title.text if body.title else None,
        revision=call.revision,
    )
    return incident_answer(call, saved)


def merge(call: Call) -> Answer:
    body = call.sent(Merger)
    saved = _joining(call).merge(
        call.path["id"], body.into, text=body.text.text, revision=call.revision
    )
    return incident_answer(call, saved)


def split(call: Call) -> Answer:
    body = call.sent(Split)
    saved = _joining(call).split(
        call.path["id"],
        body.components,
        title=body.title.text,
        text=body.text.text,
        revision=call.revision,
    )
    return incident_answer(call, saved)


def link(call: Call) -> Answer:
    other = call.sent(Link).incident
    return incident_answer(
        call, _joining(call).link(call.path["id"], other, revision=call.revision)
    )


def unlink(call: Call) -> Answer:
    saved = _joining(call).unlink(call.path["id"], call.path["other"], revision=call.revision)
    return incident_answer(call, saved)


def _by_hand(call: Call) -> IncidentsByHand:
    backend = call.backend
    return IncidentsByHand(
        journal=backend.writing, catalogue=call.catalogue, clock=backend.clock, actor=call.actor
    )


def _joining(call: Call) -> IncidentJoining:
    backend = call.backend
    return IncidentJoining(
        journal=backend.writing, catalogue=call.catalogue, clock=backend.clock, actor=call.actor,
        failures=backend.failures,
    )  # fmt: skip


_SCOPE = Scope.INCIDENTS_WRITE
OPERATIONS = (
    Operation(
        method="POST", path="/incidents", name="open_incident", scope=_SCOPE, status=201,
        summary="Tell of an incident, now or of the past, with or without components.",
        body=NewIncident, answer=IncidentDocument, handle=open_by_hand, creates=True,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/reopening", name="reopen_incident", scope=_SCOPE,
        summary="Say that it is not over, within 14 days.", status=201, body=Reopening,
        answer=IncidentDocument, handle=reopen, creates=True, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/merger", name="merge_incident", scope=_SCOPE,
        summary="Let it go on in another, which is answered.", status=201, body=Merger,
        answer=IncidentDocument, handle=merge, creates=True, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/split", name="split_incident", scope=_SCOPE,
        summary="Give components an incident of their own, which is answered.", status=201,
        body=Split, answer=IncidentDocument, handle=split, creates=True, current=show,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/links", name="link_incident", scope=_SCOPE,
        summary="Show it and another as related.", status=201, body=Link,
        answer=IncidentDocument, handle=link, creates=True, current=show, has_revision=True,
    ),
    Operation(
        method="DELETE", path="/incidents/{id}/links/{other}", name="unlink_incident",
        scope=_SCOPE, summary="Take a link back.", answer=IncidentDocument, handle=unlink,
        current=show, has_revision=True,
    ),
)  # fmt: skip

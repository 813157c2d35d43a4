"""Time that two accounts leave out of the guarantee: proposed, shown with its effect, decided."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from credits.classification.commands import Classified, ExclusionCommands
from credits.classification.draft import Draft
from credits.classification.effect import MonthEffect
from credits.classification.fields import classified_fields, effect_fields, exclusion_fields
from credits.classified import LONGEST_LINK, MOST_FILES, MOST_LINKS
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.requests.limits import beside
from monitor.api.schema import (
    WHOLE,
    Body,
    Document,
    Id,
    Instant,
    Line,
    Moment,
    Parameters,
    Prose,
    second_of,
)
from monitor.domain.accounts.permissions import Scope
from monitor.domain.exclusions.classification import (
    Evidence,
    EvidenceFile,
    ExclusionCause,
    ExclusionStatus,
)

_LARGEST = 2**53
_Link = Annotated[str, StringConstraints(max_length=LONGEST_LINK)]


class ExclusionsQuery(Parameters):
    status: Literal["", "proposed", "approved", "refused", "withdrawn"] = ""
    """Only those that stand so."""


class FileBody(Body):
    """It stays where it is; what is kept is how to recognise it."""

    name: Line
    sha256: Line
    """64 hexadecimal digits."""
    bytes: Annotated[int, Field(ge=0, le=_LARGEST), WHOLE]


class EvidenceBody(Body):
    """Never public."""

    text: Prose
    files: Annotated[list[FileBody], Field(max_length=MOST_FILES)] = Field(default_factory=list)
    links: Annotated[list[_Link], Field(max_length=MOST_LINKS)] = Field(default_factory=list)
    """https alone."""


class ExclusionBody(Body):
    """Component and times that are not given are those of the incident, or, in a revision, those
    of the step before."""

    component: Id | None = None
    incident: Id | None = None
    start: Moment | None = None
    end: Moment | None = None
    cause: ExclusionCause
    evidence: EvidenceBody


class Reason(Body):
    reason: Prose


class FileDocument(Document):
    name: str
    sha256: str
    bytes: int


class EvidenceDocument(Document):
    text: str
    files: list[FileDocument]
    links: list[str]


class StepDocument(Document):
    """A proposal, or a decision about the one before it. `reason` is the decider's."""

    revision: int
    state: str
    is_withdrawal: bool
    component: str
    start: Instant
    end: Instant
    cause: str
    evidence: EvidenceDocument
    incident_id: str | None
    proposed_by: str
    decided_by: str | None
    reason: str
    at: Instant


class StandingDocument(Document):
    reference: str
    status: str
    in_force_revision: int | None


class ExclusionHeadDocument(StepDocument, StandingDocument):
    """`status` is of the whole, the rest of the newest step. `in_force_revision` is null where
    nothing of it is in force."""


class ExclusionDocument(ExclusionHeadDocument):
    """`overlaps` are others of the same component and cause that share time with it."""

    steps: list[StepDocument]
    overlaps: list[str]


class ExclusionsDocument(Document):
    """The one with the newest step first."""

    exclusions: list[ExclusionHeadDocument]


class CurrencyEffectDocument(Document):
    currency: str
    before: str
    after: str


class AmountDocument(Document):
    currency: str
    amount: str


class DueDocument(Document):
    """As the report's row has it."""

    downtime_s: int | str
    state: str
    amounts: list[AmountDocument]


class ContractEffectDocument(Document):
    contract_id: str
    client_id: str
    product: str
    start: Instant
    end: Instant
    before: DueDocument
    after: DueDocument


class MonthEffectDocument(Document):
    """Seconds are the component's public ones. `contracts` counts those that require it, `changed`
    those whose figures differ, of which the first are listed. A report that was issued stays as it
    is; its next revision shows the difference."""

    month: str
    start: Instant
    end: Instant
    is_over: bool
    issued_revision: int | None
    down_before_s: int
    down_after_s: int
    excluded_before_s: int
    excluded_after_s: int
    contracts: int
    changed: int
    totals: list[CurrencyEffectDocument]
    listed: list[ContractEffectDocument]


class EffectDocument(Document):
    """Of a proposal that waits, what approving it changes; else what is in force takes out."""

    months: list[MonthEffectDocument]


def every(call: Call) -> Answer:
    found = _commands(call, call.backend.reading).listed(_status(call))
    return Answer(
        document=ExclusionsDocument(
            exclusions=[
                ExclusionHeadDocument(**exclusion_fields(record, call.zone)) for record in found
            ]
        )
    )


def _status(call: Call) -> ExclusionStatus | None:
    wanted = call.asked(ExclusionsQuery).status
    return ExclusionStatus(wanted) if wanted else None


def show(call: Call) -> Answer:
    return _answer(call, _commands(call, call.backend.reading).show(call.path["id"]))


def effect(call: Call) -> Answer:
    record = _commands(call, call.backend.reading).weighed(call.path["id"])
    computed = call.backend.effects.of(call.backend, record)
    return Answer(later=partial(_effect, call, computed))


async def _effect(call: Call, computed: Future[tuple[MonthEffect, ...]]) -> Answer:
    months = await beside(computed)
    return Answer(document=EffectDocument(**effect_fields(months, call.zone)))


def propose(call: Call) -> Answer:
    return _answer(call, _writing(call).propose(_draft(call.sent(ExclusionBody))))


def revise(call: Call) -> Answer:
    draft = _draft(call.sent(ExclusionBody))
    return _answer(call, _writing(call).revise(call.path["id"], draft, revision=call.revision))


def withdraw(call: Call) -> Answer:
    reason = call.sent(Reason).reason
    saved = _writing(call).withdraw(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, saved)


def approve(call: Call) -> Answer:
    reason = call.sent(Reason).reason
    saved = _writing(call).approve(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, saved)


def refuse(call: Call) -> Answer:
    reason = call.sent(Reason).reason
    saved = _writing(call).refuse(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, saved)


def _writing(call: Call) -> ExclusionCommands:
    return _commands(call, call.backend.writing)


def _commands(call: Call, journal: ApiJournal) -> ExclusionCommands:
    return ExclusionCommands(
        journal=journal, catalogues=call.backend.source.catalogues(), clock=call.backend.clock,
        actor=call.actor,
    )  # fmt: skip


def _draft(body: ExclusionBody) -> Draft:
    evidence = body.evidence
    return Draft(
        component=body.component,
        incident=body.incident,
        start=None if body.start is None else second_of(body.start),
        end=None if body.end is None else second_of(body.end),
        cause=body.cause,
        evidence=Evidence(
            text=evidence.text,
            files=tuple(
                EvidenceFile(name=f.name, sha256=f.sha256, bytes=f.bytes) for f in evidence.files
            ),
            links=tuple(evidence.links),
        ),
    )


def _answer(call: Call, found: Classified) -> Answer:
    return Answer(
        document=ExclusionDocument(**classified_fields(found, call.zone)),
        revision=found.record.newest.revision,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/exclusions", name="list_exclusions", scope=Scope.STATE_READ,
        summary="Time that people left out of the guarantee, or ask to.",
        query=ExclusionsQuery, answer=ExclusionsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/exclusions/{id}", name="show_exclusion", scope=Scope.STATE_READ,
        summary="One exclusion with every step.", answer=ExclusionDocument, handle=show,
        has_revision=True,
    ),
    Operation(
        method="GET", path="/exclusions/{id}/effect", name="show_effect",
        scope=Scope.BILLING_READ,
        summary="What it changes: seconds, contracts and money of the months that it touches.",
        answer=EffectDocument, handle=effect,
    ),
    Operation(
        method="POST", path="/exclusions", name="propose_exclusion",
        scope=Scope.EXCLUSIONS_PROPOSE, summary="Ask for time to be left out.", status=201,
        body=ExclusionBody, answer=ExclusionDocument, handle=propose, creates=True,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/exclusions/{id}/revisions", name="revise_exclusion",
        scope=Scope.EXCLUSIONS_PROPOSE, summary="Propose it anew; what is in force stays.",
        status=201, body=ExclusionBody, answer=ExclusionDocument, handle=revise, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/exclusions/{id}/withdrawal", name="withdraw_exclusion",
        scope=Scope.EXCLUSIONS_PROPOSE, summary="Ask for what is in force to count again.",
        status=201, body=Reason, answer=ExclusionDocument, handle=withdraw, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/exclusions/{id}/approval", name="approve_exclusion",
        scope=Scope.EXCLUSIONS_APPROVE,
        summary="Put the proposal in force; never by whoever proposed any revision of it.",
        status=201, body=Reason, answer=ExclusionDocument, handle=approve, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/exclusions/{id}/refusal", name="refuse_exclusion",
        scope=Scope.EXCLUSIONS_APPROVE, summary="Refuse the proposal; what is in force stays.",
        status=201, body=Reason, answer=ExclusionDocument, handle=refuse, creates=True,
        current=show, has_revision=True,
    ),
)  # fmt: skip

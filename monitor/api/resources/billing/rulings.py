"""Unknown time that credits wait for: where it came from, what somebody says it was, and the
decision by somebody else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from credits.life.ruling import Chosen, RulingStatus
from credits.unknown.commands import MOST_NAMED, Ruled, RulingCommands, RulingDraft
from credits.unknown.fields import ruled_fields, ruling_fields, source_fields
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.resources.exclusions import EvidenceBody, EvidenceDocument, Reason
from monitor.api.schema import Body, Document, Id, Instant, Moment, Parameters, second_of
from monitor.domain.accounts.permissions import Scope
from monitor.domain.exclusions.classification import Evidence, EvidenceFile
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval

_Month = Annotated[str, StringConstraints(max_length=40)]


class WaitingQuery(Parameters):
    month: _Month = ""
    """Of this one alone, such as 2026-10."""


class RulingsQuery(Parameters):
    status: Literal["", "proposed", "approved", "refused"] = ""
    """Only those that stand so."""


class ChosenBody(Body):
    """Credits that wait of a month, of which every unknown second lies between `start` and `end`
    and has that cause. They must have one cause between them."""

    month: _Month
    start: Moment | None = None
    end: Moment | None = None
    cause: Id | None = None


class RulingBody(Body):
    """Either `chosen` or `credits`."""

    assumed: Literal["up", "down", "closed"]
    chosen: ChosenBody | None = None
    credits: Annotated[list[Id], Field(max_length=MOST_NAMED)] = Field(default_factory=list)
    evidence: EvidenceBody


class ChosenDocument(Document):
    month: str
    start: Instant | None
    end: Instant | None
    cause: str


class EpisodeDocument(Document):
    start: Instant
    end: Instant
    seconds: int
    cause: str


class EitherWayDocument(Document):
    """What is due if the unknown seconds were up, and if they were down."""

    currency: str
    if_up: str
    if_down: str


class RulingTotalDocument(EitherWayDocument):
    """`before` is what is due while nobody has decided: nothing."""

    before: str
    after: str


class SourceDocument(Document):
    """Credits of a month that wait for the same reason. Without episodes no invoice prices them
    (`no_invoice`), or nothing is unknown any more and the next close counts anew (`known_since`).
    `chosen` names all of them in a proposal; it is null where they have several causes. Of many the
    first checks, components and credits are listed."""

    month: str
    causes: list[str]
    episodes: list[EpisodeDocument]
    checks: list[str]
    checks_count: int
    components: list[str]
    contracts: int
    credits: int
    asked_before: int
    totals: list[EitherWayDocument]
    chosen: ChosenDocument | None
    listed: list[str]


class WaitingDocument(Document):
    """The latest month first."""

    sources: list[SourceDocument]


class RulingStepDocument(Document):
    """A proposal, or a decision about the one before it. `credits` is how many it covers; `chosen`
    is null where each was named; `reason` is the decider's."""

    revision: int
    state: str
    assumed: str
    credits: int
    chosen: ChosenDocument | None
    evidence: EvidenceDocument
    proposed_by: str
    decided_by: str | None
    reason: str
    at: Instant


class RulingStandingDocument(Document):
    reference: str
    status: str


class RulingHeadDocument(RulingStepDocument, RulingStandingDocument):
    """`status` is of the whole, the rest of the newest step."""


class FormerDocument(Document):
    """What was decided of the same time before the month was counted anew."""

    credit_id: str
    assumed: str
    state: str
    reason: str
    totals: list[RulingTotalDocument]


class RuledCreditDocument(Document):
    credit_id: str
    contract_id: str
    client_id: str
    product: str
    state: str
    start: Instant
    end: Instant
    totals: list[EitherWayDocument]
    former: list[FormerDocument]


class RulingDocument(RulingHeadDocument):
    """Of many the first credits are listed. `unfit` are those that this can decide no more, for
    something has happened to them since: it has to be proposed anew. `overlaps` are other proposals
    that wait about some of the same credits."""

    steps: list[RulingStepDocument]
    sources: list[SourceDocument]
    contracts: int
    totals: list[RulingTotalDocument]
    listed: list[RuledCreditDocument]
    unfit: list[str]
    unfit_count: int
    overlaps: list[str]


class RulingsDocument(Document):
    """The one with the newest step first."""

    rulings: list[RulingHeadDocument]


def waiting(call: Call) -> Answer:
    found = _reading(call).sources(call.asked(WaitingQuery).month)
    return Answer(
        document=WaitingDocument(
            sources=[SourceDocument(**source_fields(one, call.zone)) for one in found]
        )
    )


def every(call: Call) -> Answer:
    wanted = call.asked(RulingsQuery).status
    found = _reading(call).listed(RulingStatus(wanted) if wanted else None)
    return Answer(
        document=RulingsDocument(
            rulings=[RulingHeadDocument(**ruling_fields(one, call.zone)) for one in found]
        )
    )


def show(call: Call) -> Answer:
    return _answer(call, _reading(call).show(call.path["id"]))


def propose(call: Call) -> Answer:
    return _answer(call, _writing(call).propose(_draft(call)))


def revise(call: Call) -> Answer:
    found = _writing(call).revise(call.path["id"], _draft(call), revision=call.revision)
    return _answer(call, found)


def approve(call: Call) -> Answer:
    reason = call.sent(Reason).reason
    saved = _writing(call).approve(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, saved)


def refuse(call: Call) -> Answer:
    reason = call.sent(Reason).reason
    saved = _writing(call).refuse(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, saved)


def _reading(call: Call) -> RulingCommands:
    return _commands(call, call.backend.reading)


def _writing(call: Call) -> RulingCommands:
    return _commands(call, call.backend.writing)


def _commands(call: Call, journal: ApiJournal) -> RulingCommands:
    return RulingCommands(
        journal=journal, catalogues=call.backend.source.catalogues(), clock=call.backend.clock,
        actor=call.actor,
    )  # fmt: skip


def _draft(call: Call) -> RulingDraft:
    body = call.sent(RulingBody)
    evidence = body.evidence
    return RulingDraft(
        assumed=body.assumed,
        chosen=None if body.chosen is None else _chosen(body.chosen),
        credits=tuple(body.credits),
        evidence=Evidence(
            text=evidence.text,
            files=tuple(
                EvidenceFile(name=f.name, sha256=f.sha256, bytes=f.bytes) for f in evidence.files
            ),
            links=tuple(evidence.links),
        ),
    )


def _chosen(body: ChosenBody) -> Chosen:
    if (body.start is None) is not (body.end is None):
        raise Refused("ruling.half_a_span")
    span = None
    if body.start is not None and body.end is not None:
        start, end = second_of(body.start), second_of(body.end)
        if end <= start:
            raise Refused("exclusion.ends_before_start")
        span = Interval(start, end)
    return Chosen(month=body.month, span=span, cause=body.cause or "")


def _answer(call: Call, found: Ruled) -> Answer:
    sources = _reading(call).sources_of(found)
    return Answer(
        document=RulingDocument(**ruled_fields(found, sources, call.zone)),
        revision=found.record.newest.revision,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/unknown-time", name="list_unknown_time", scope=Scope.BILLING_READ,
        summary="Credits that wait because of unknown time, by where that came from.",
        query=WaitingQuery, answer=WaitingDocument, handle=waiting,
    ),
    Operation(
        method="GET", path="/rulings", name="list_rulings", scope=Scope.BILLING_READ,
        summary="What people say that unknown time was.",
        query=RulingsQuery, answer=RulingsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/rulings/{id}", name="show_ruling", scope=Scope.BILLING_READ,
        summary="One ruling with every step, what it covers, and the money before and after.",
        answer=RulingDocument, handle=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/rulings", name="propose_ruling", scope=Scope.UNKNOWN_PROPOSE,
        summary="Say what unknown time was, of all credits with one cause, or of some by name.",
        status=201, body=RulingBody, answer=RulingDocument, handle=propose, creates=True,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/rulings/{id}/revisions", name="revise_ruling",
        scope=Scope.UNKNOWN_PROPOSE, summary="Propose it anew, of what waits now.",
        status=201, body=RulingBody, answer=RulingDocument, handle=revise, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/rulings/{id}/approval", name="approve_ruling",
        scope=Scope.UNKNOWN_APPROVE,
        summary="Decide all that it covers, or nothing; never by whoever proposed any revision.",
        status=201, body=Reason, answer=RulingDocument, handle=approve, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/rulings/{id}/refusal", name="refuse_ruling",
        scope=Scope.UNKNOWN_APPROVE, summary="Refuse it; what it covers goes on waiting.",
        status=201, body=Reason, answer=RulingDocument, handle=refuse, creates=True,
        current=show, has_revision=True,
    ),
)  # fmt: skip

"""Credits: found, told with their story, asked for by ticket, reviewed, approved and rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, WithJsonSchema

from credits.handling.commands import MOST_AT_ONCE, Chosen, CreditCommands, Judged
from credits.handling.fields import credit_fields, judged_fields, story_fields
from credits.handling.reading import CreditReading, CreditStory, story_of
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState
from credits.ports import WantedCredits
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import WHOLE, Body, Document, Id, Instant, Line, Parameters, Prose
from monitor.domain.accounts.permissions import Scope
from monitor.i18n.refusals import sentence

_LIMIT, _MOST = 100, 500
_LARGEST = 2**31
_Named = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


_State = Annotated[
    CreditState, WithJsonSchema({"type": "string", "enum": [str(state) for state in CreditState]})
]


class CreditsQuery(Parameters):
    state: _State | None = None
    month: Annotated[str, StringConstraints(pattern=r"^(|\d{4}-\d{2})$")] = ""
    """Whose close made them."""
    client: _Named = ""
    contract: _Named = ""
    before: _Named = ""
    """The cursor: what `next_before` of the answer before says."""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = _LIMIT


class RequestBody(Body):
    """`ticket` has to be one of this `client`, and the credit too."""

    ticket: Line
    client: Line


class ReviewBody(Body):
    pass


class ApprovalBody(Body):
    reason: Prose = ""


class RejectionBody(Body):
    reason: Prose
    clause: Line
    """Of the contract."""


class ChosenBody(Body):
    credit_id: Id
    revision: Annotated[int, Field(ge=1, le=_LARGEST), WHOLE] | None = None
    """The one that was seen; refused where it has changed since."""


class ReviewsBody(Body):
    credits: Annotated[list[ChosenBody], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ApprovalsBody(ReviewsBody):
    """One reason for all of them; each is judged by itself."""

    reason: Prose = ""


class CreditAmountDocument(Document):
    currency: str
    amount: str


class BesideDocument(Document):
    credit_id: str
    type: str
    adjusts_credit_id: str | None
    month: str
    state: str
    amounts: list[CreditAmountDocument]
    tickets: list[str]


class CreditHeadDocument(Document):
    """`amounts` by currency, never across; `at` is its newest step's."""

    credit_id: str
    type: str
    adjusts_credit_id: str | None
    month: str
    contract_id: str
    client_id: str
    service_id: str
    product: str
    start: Instant
    end: Instant
    state: str
    revision: int
    amounts: list[CreditAmountDocument]
    tickets: list[str]
    at: Instant


class DueLineDocument(CreditAmountDocument):
    """`amount_if_unknown_down` where two people have to say what the unknown seconds were."""

    invoice_id: str
    invoice_line_id: str
    amount_if_unknown_down: str | None


class MovedDocument(CreditAmountDocument):
    """What a step put into an account of the ledger; a negative amount left it."""

    account: str
    invoice_id: str
    invoice_line_id: str


class CreditStepDocument(Document):
    """A ticket that joins leaves the state as it is, and moves nothing."""

    revision: int
    before: str | None
    after: str
    at: Instant
    actor: str
    via: str
    ticket: str
    reason: str
    clause: str
    assumed: str | None
    reference: str
    moved: list[MovedDocument]


class BarredDocument(Document):
    """An account that may not approve it, and by what it took part: `asked`, `decided`,
    `proposed`."""

    account: str
    why: list[str]


class CreditDocument(CreditHeadDocument):
    """`beside` are others of the same time of its contract: what it replaced, and adjustments."""

    terms_snapshot_id: str
    evidence_hash: str
    components: list[str]
    incident_ids: list[str]
    lines: list[DueLineDocument]
    steps: list[CreditStepDocument]
    beside: list[BesideDocument]
    expires_at: Instant | None
    """Until when it may be asked for; null where that is for ever, or it was."""
    barred: list[BarredDocument]


class CreditsDocument(Document):
    """The newest month first. `next_before` is null where nothing older follows."""

    credits: list[CreditHeadDocument]
    next_before: str | None


class JudgedDocument(Document):
    """`code` and `detail` say why nothing was done with it."""

    credit_id: str
    is_done: bool
    state: str | None
    revision: int | None
    code: str | None
    detail: str | None


class JudgedCreditsDocument(Document):
    """In the order in which they were sent."""

    done: int
    credits: list[JudgedDocument]


def every(call: Call) -> Answer:
    query = call.asked(CreditsQuery)
    wanted = WantedCredits(
        state=query.state, period=query.month, client=query.client, contract=query.contract
    )
    found = _reading(call).page(wanted, query.before, query.limit + 1)
    shown = found[: query.limit]
    return Answer(
        document=CreditsDocument(
            credits=[CreditHeadDocument(**credit_fields(one, call.zone)) for one in shown],
            next_before=shown[-1].id if len(found) > query.limit else None,
        )
    )


def show(call: Call) -> Answer:
    return _answer(call, _reading(call).show(call.path["id"]))


def request(call: Call) -> Answer:
    sent = call.sent(RequestBody)
    done = _commands(call).request(
        call.path["id"], ticket=sent.ticket, client=sent.client, revision=call.revision
    )
    return _told(call, done)


def review(call: Call) -> Answer:
    return _told(call, _commands(call).review(call.path["id"], revision=call.revision))


def approve(call: Call) -> Answer:
    reason = call.sent(ApprovalBody).reason
    done = _commands(call).approve(call.path["id"], reason=reason, revision=call.revision)
    return _told(call, done)


def reject(call: Call) -> Answer:
    sent = call.sent(RejectionBody)
    done = _commands(call).reject(
        call.path["id"], reason=sent.reason, clause=sent.clause, revision=call.revision
    )
    return _told(call, done)


def review_all(call: Call) -> Answer:
    return _judged(_commands(call).review_all(_chosen(call.sent(ReviewsBody))))


def approve_all(call: Call) -> Answer:
    sent = call.sent(ApprovalsBody)
    return _judged(_commands(call).approve_all(_chosen(sent), reason=sent.reason))


def _chosen(sent: ReviewsBody) -> list[Chosen]:
    return [Chosen(credit=CreditId(o.credit_id), revision=o.revision) for o in sent.credits]


def _judged(found: Sequence[Judged]) -> Answer:
    documents = [JudgedDocument(**judged_fields(one), detail=_detail(one)) for one in found]
    done = sum(one.is_done for one in documents)
    return Answer(document=JudgedCreditsDocument(done=done, credits=documents))


def _detail(one: Judged) -> str | None:
    return None if one.refusal is None else sentence(one.refusal)


def _reading(call: Call) -> CreditReading:
    return CreditReading(journal=call.backend.reading, actor=call.actor)


def _commands(call: Call) -> CreditCommands:
    backend = call.backend
    return CreditCommands(
        journal=backend.writing, clock=backend.clock, actor=call.actor, tickets=backend.tickets
    )


def _told(call: Call, done: CreditRecord) -> Answer:
    """To whoever took the step, with the whole story, as it is after it."""
    with call.backend.reading.transaction() as tx:
        return _answer(call, story_of(tx, done.id))


def _answer(call: Call, story: CreditStory) -> Answer:
    found: dict[str, Any] = story_fields(story, call.zone)
    return Answer(document=CreditDocument(**found), revision=story.record.revision)


OPERATIONS = (
    Operation(
        method="GET", path="/credits", name="list_credits", scope=Scope.CREDITS_READ,
        summary="Credits, the newest month first, behind a cursor.",
        query=CreditsQuery, answer=CreditsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/credits/{id}", name="show_credit", scope=Scope.CREDITS_READ,
        summary="One credit with every step, what they moved, and who may not approve it.",
        answer=CreditDocument, handle=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/credits/{id}/request", name="request_credit",
        scope=Scope.CREDITS_REQUEST, summary="Ask for it by a ticket; another ticket joins.",
        status=201, body=RequestBody, answer=CreditDocument, handle=request, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/credits/{id}/review", name="review_credit",
        scope=Scope.CREDITS_REQUEST, summary="Take the request up.", status=201,
        body=ReviewBody, answer=CreditDocument, handle=review, creates=True, current=show,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/credits/{id}/approval", name="approve_credit",
        scope=Scope.CREDITS_APPROVE,
        summary="Approve it; never by who asked for it, or said what it rests on.", status=201,
        body=ApprovalBody, answer=CreditDocument, handle=approve, creates=True, current=show,
        has_revision=True,
    ),
    Operation(
        method="POST", path="/credits/{id}/rejection", name="reject_credit",
        scope=Scope.CREDITS_APPROVE, summary="Reject it, with a reason and by a clause.",
        status=201, body=RejectionBody, answer=CreditDocument, handle=reject, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/credits/reviews", name="review_credits",
        scope=Scope.CREDITS_REQUEST, summary="Take up to 500 requests up, each by itself.",
        body=ReviewsBody, answer=JudgedCreditsDocument, handle=review_all, creates=True,
    ),
    Operation(
        method="POST", path="/credits/approvals", name="approve_credits",
        scope=Scope.CREDITS_APPROVE,
        summary="Approve up to 500 for one reason, each judged by itself.",
        body=ApprovalsBody, answer=JudgedCreditsDocument, handle=approve_all, creates=True,
    ),
)  # fmt: skip

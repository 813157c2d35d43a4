"""Approved credits on their way into the billing panel: asked for, carried, confirmed, released."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from credits.billing.brake import Brake, BrakeCommands
from credits.billing.by_hand import MOST_CONFIRMED, AppliedByHand
from credits.billing.fields import (
    brake_fields,
    handed_out_fields,
    pass_fields,
    step_taken_fields,
)
from credits.billing.requests import ApplyingRequests, Pass, Task
from credits.life.credit import CreditId, CreditRecord
from monitor.api.operation import ROOT, Answer, Call, Operation
from monitor.api.resources.billing.credits import CreditAmountDocument
from monitor.api.schema import Body, Document, Id, Instant, Line, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import NotFound, Refused

_MOST_DIGITS = 18
_LIMIT, _MOST = 500, 1_000


class ApplyingBody(Body):
    """`rehearse` reads everything and applies nothing; `reconcile` searches the panel for what it
    gave no answer about."""

    task: Literal["apply", "rehearse", "reconcile"]
    month: Annotated[str, StringConstraints(max_length=7)] = ""
    """`2026-10`: credits that the close of that month made; empty: of all."""


class HandedOutQuery(Parameters):
    after: Annotated[str, StringConstraints(max_length=64)] = ""
    """The cursor: what `next_after` of the answer before says."""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = _LIMIT


class Confirmed(Body):
    credit_id: Id
    reference: Line
    """Under which the panel has it."""


class ConfirmationBody(Body):
    """All of them, or none."""

    confirmed: Annotated[list[Confirmed], Field(min_length=1, max_length=MOST_CONFIRMED)]


class ReleaseBody(Body):
    reason: Line


class BrakeBody(Body):
    """`is_on` true: nothing more is applied, also of a pass that is under way."""

    is_on: bool
    reason: Line


class BrakeDocument(Document):
    """`since` is null where nobody has ever pulled it."""

    is_on: bool
    since: Instant | None
    by: str
    reason: str


class CameDocument(Document):
    """`client_id` is empty, and `amounts` too, where an earlier version wrote it."""

    credit_id: str
    client_id: str = ""
    amounts: list[CreditAmountDocument] = Field(default_factory=list)
    came: str
    detail: str


class PassDocument(Document):
    """`state` is pending until the core has done it: then `counts` says how many credits came to
    what, and `listed` the first 200. `look_at` says it again."""

    id: int
    task: str
    month: str | None
    state: str
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None
    failed: str
    counts: dict[str, int]
    listed: list[CameDocument]
    look_at: str


class HandedOutDocument(Document):
    credit_id: str
    client_id: str
    service_id: str
    invoice_ids: list[str]
    amount: str
    currency: str
    description: str
    handed_out_at: Instant
    reference: str


class HandedOutPage(Document):
    """`next_after` is null where nothing follows."""

    credits: list[HandedOutDocument]
    next_after: str | None


class StepTakenDocument(Document):
    credit_id: str
    state: str
    revision: int
    at: Instant
    by: str
    reference: str


class StepsTakenDocument(Document):
    credits: list[StepTakenDocument]


def ask(call: Call) -> Answer:
    body = call.sent(ApplyingBody)
    backend = call.backend
    requests = ApplyingRequests(journal=backend.writing, clock=backend.clock, actor=call.actor)
    return Answer(document=_pass(call, requests.ask(Task(body.task), body.month)))


def show(call: Call) -> Answer:
    wanted = call.path["id"]
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
        raise NotFound("applying.no_request", id=wanted)
    backend = call.backend
    requests = ApplyingRequests(journal=backend.reading, clock=backend.clock, actor=call.actor)
    return Answer(document=_pass(call, requests.show(int(wanted))))


def handed_out(call: Call) -> Answer:
    query = call.asked(HandedOutQuery)
    waiting = _by_hand(call, is_writing=False).waiting(after=CreditId(query.after))
    found = list(islice(waiting, query.limit + 1))
    shown = found[: query.limit]
    rows = [HandedOutDocument(**handed_out_fields(one, call.zone)) for one in shown]
    more = shown[-1].payment.credit if len(found) > query.limit else None
    return Answer(document=HandedOutPage(credits=rows, next_after=more))


def confirm(call: Call) -> Answer:
    given = call.sent(ConfirmationBody).confirmed
    references = {one.credit_id: one.reference for one in given}
    if len(references) < len(given):
        raise Refused("applying.file", wanted="each credit once")
    found = _by_hand(call).confirm(references)
    return Answer(document=StepsTakenDocument(credits=[_taken(call, one) for one in found]))


def release(call: Call) -> Answer:
    reason = call.sent(ReleaseBody).reason
    found = _by_hand(call).release(call.path["id"], reason=reason, revision=call.revision)
    return Answer(document=_taken(call, found), revision=found.revision)


def standing(call: Call) -> Answer:
    """What a refused If-Match is answered with."""
    found = _by_hand(call, is_writing=False).show(call.path["id"])
    return Answer(document=_taken(call, found), revision=found.revision)


def show_brake(call: Call) -> Answer:
    backend = call.backend
    commands = BrakeCommands(journal=backend.reading, clock=backend.clock, actor=call.actor)
    return Answer(document=_brake(call, commands.show()))


def set_brake(call: Call) -> Answer:
    body, backend = call.sent(BrakeBody), call.backend
    commands = BrakeCommands(journal=backend.writing, clock=backend.clock, actor=call.actor)
    set_ = commands.pause if body.is_on else commands.resume
    return Answer(document=_brake(call, set_(body.reason)))


def _brake(call: Call, found: Brake) -> BrakeDocument:
    return BrakeDocument(**brake_fields(found, call.zone))


def _by_hand(call: Call, *, is_writing: bool = True) -> AppliedByHand:
    backend = call.backend
    return AppliedByHand(
        journal=backend.writing if is_writing else backend.reading, clock=backend.clock,
        actor=call.actor, description=call.catalogue.billing.description,
    )  # fmt: skip


def _pass(call: Call, found: Pass) -> PassDocument:
    fields: dict[str, Any] = pass_fields(found, call.zone)
    return PassDocument(**fields, look_at=f"{ROOT}/billing/applications/{found.id}")


def _taken(call: Call, record: CreditRecord) -> StepTakenDocument:
    return StepTakenDocument(**step_taken_fields(record, call.zone))


OPERATIONS = (
    Operation(
        method="POST", path="/billing/applications", name="apply_credits",
        scope=Scope.CREDITS_APPLY, status=202,
        summary="Let the core apply what is approved, rehearse it, or search for what is unknown.",
        body=ApplyingBody, answer=PassDocument, handle=ask,
    ),
    Operation(
        method="GET", path="/billing/applications/{id}", name="show_applying",
        scope=Scope.CREDITS_READ, summary="What came of that.", answer=PassDocument, handle=show,
    ),
    Operation(
        method="GET", path="/billing/brake", name="show_brake", scope=Scope.CREDITS_READ,
        summary="Whether anything is applied now.", answer=BrakeDocument, handle=show_brake,
    ),
    Operation(
        method="POST", path="/billing/brake", name="set_brake", scope=Scope.CREDITS_APPLY,
        summary="Stop applying between two credits, or let it go on.",
        body=BrakeBody, answer=BrakeDocument, handle=set_brake,
    ),
    Operation(
        method="GET", path="/billing/handed-out", name="list_handed_out",
        scope=Scope.CREDITS_READ,
        summary="Credits that people carry to the panel and have not confirmed.",
        query=HandedOutQuery, answer=HandedOutPage, handle=handed_out,
    ),
    Operation(
        method="POST", path="/billing/confirmations", name="confirm_credits",
        scope=Scope.CREDITS_APPLY, summary="Say under which references the panel has credits.",
        body=ConfirmationBody, answer=StepsTakenDocument, handle=confirm,
    ),
    Operation(
        method="POST", path="/credits/{id}/release", name="release_credit",
        scope=Scope.CREDITS_APPLY, status=201, creates=True, current=standing, has_revision=True,
        summary="Let what is not in the panel be applied again, once that is settled.",
        body=ReleaseBody, answer=StepTakenDocument, handle=release,
    ),
)  # fmt: skip

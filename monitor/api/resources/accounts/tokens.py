"""Keys for programs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from monitor.accounts.tokens import TokenCommands
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.schema import WHOLE, Body, Document, Instant, Line, Name, instant, instant_or_none
from monitor.domain.accounts.account import DEFAULT_DAYS, MOST_DAYS, AccessToken, TokenState
from monitor.domain.accounts.permissions import Scope


class NewToken(Body):
    label: Line = ""
    scopes: Annotated[list[Scope], Field(max_length=len(Scope))] | None
    """Null: all that the owner may today."""
    owner: Name | None = None
    """Who asks, where none is named."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS), WHOLE] | None = DEFAULT_DAYS
    """How long it lasts; null: until it is revoked."""


class TokenDocument(Document):
    """`state`: valid, expired, revoked, or owner disabled."""

    id: str
    label: str
    owner: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None
    state: str


class NewTokenDocument(Document):
    """`secret` is for `Authorization: Bearer`, and is said this once."""

    token: TokenDocument
    secret: str


class TokensDocument(Document):
    tokens: list[TokenDocument]


def every(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    found = commands.visible()
    states = commands.states(found)
    return Answer(
        document=TokensDocument(tokens=[_document(call, one, states[one.id]) for one in found])
    )


def add(call: Call) -> Answer:
    body = call.sent(NewToken)
    token, secret = _commands(call, call.backend.writing).create(
        body.label,
        owner=body.owner or call.actor.id,
        scopes=body.scopes,
        days=body.days,
    )
    return Answer(document=NewTokenDocument(token=_shown(call, token), secret=secret))


def revoke(call: Call) -> Answer:
    revoked = _commands(call, call.backend.writing).revoke(call.path["id"])
    return Answer(document=_shown(call, revoked))


def _commands(call: Call, journal: ApiJournal) -> TokenCommands:
    return TokenCommands(
        journal=journal,
        randomness=call.backend.randomness,
        clock=call.backend.clock,
        actor=call.actor,
    )


def _shown(call: Call, token: AccessToken) -> TokenDocument:
    states = _commands(call, call.backend.reading).states([token])
    return _document(call, token, states[token.id])


def _document(call: Call, token: AccessToken, state: TokenState) -> TokenDocument:
    zone = call.zone
    return TokenDocument(
        id=token.id,
        label=token.label,
        owner=token.owner,
        scopes=sorted(token.scopes),
        created_at=instant(token.created_at, zone),
        expires_at=instant_or_none(token.expires_at, zone),
        last_used_at=instant_or_none(token.last_used_at, zone),
        revoked_at=instant_or_none(token.revoked_at, zone),
        state=str(state),
    )


OPERATIONS = (
    Operation(
        method="GET", path="/tokens", name="list_tokens",
        summary="One's own tokens; everybody's, for who looks after accounts.",
        answer=TokensDocument, handle=every,
    ),
    Operation(
        method="POST", path="/tokens", name="add_token", status=201,
        summary="A new token, within what its owner may; a token makes none.",
        body=NewToken, answer=NewTokenDocument, handle=add, creates=True,
    ),
    Operation(
        method="DELETE", path="/tokens/{id}", name="revoke_token",
        summary="It opens nothing from the next request on.",
        answer=TokenDocument, handle=revoke,
    ),
)  # fmt: skip

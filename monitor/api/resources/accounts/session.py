"""Signing in, who one is, and signing out."""

from __future__ import annotations

from monitor.accounts.sign_in.sign_in import Attempt, SignIn, sign_out
from monitor.api.caller import Caller, caller_of
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Body, Document, Instant, Line, Name, instant, instant_or_none
from monitor.domain.change import Via
from monitor.domain.refusals import Refused


class SignInBody(Body):
    name: Name
    password: str
    code: Line = ""
    """Of the authenticator, or a recovery code."""


class SessionDocument(Document):
    """`token` is the id of the token that asks, and null in a session. `services` null: all. Who
    `must_enrol` has no scopes before a second factor is set up. `zone` is the company's time zone,
    `now` the time here."""

    account: str
    scopes: list[str]
    services: list[str] | None
    token: str | None
    expires_at: Instant | None
    must_enrol: bool
    zone: str
    now: Instant


class NewSessionDocument(SessionDocument):
    key: str
    """For `Authorization: Bearer`. It is said this once."""


def begin(call: Call) -> Answer:
    body, backend = call.sent(SignInBody), call.backend
    sign_in = SignIn(
        reading=backend.reading,
        journal=backend.writing,
        passwords=backend.passwords,
        second_factor=backend.second_factor,
        sealer=backend.sealer,
        randomness=backend.randomness,
        clock=backend.clock,
        throttle=backend.throttle,
        refused_tries=backend.refused_tries,
    )
    key = sign_in.sign_in(
        Attempt(
            name=body.name,
            password=body.password,
            code=body.code,
            address=call.address,
            user_agent=call.user_agent,
            via=Via.API,
        )
    )
    found = _document(call, caller_of(backend, key, call.address))
    return Answer(document=NewSessionDocument(key=key, **found.model_dump()))


def show(call: Call) -> Answer:
    return Answer(document=_document(call, call.known))


def end(call: Call) -> Answer:
    session = call.known.session
    if session is None:
        raise Refused("session.by_token")
    sign_out(call.backend.writing, session, call.actor, call.backend.clock.now())
    return Answer()


def _document(call: Call, caller: Caller) -> SessionDocument:
    actor = caller.actor
    return SessionDocument(
        account=actor.id,
        scopes=sorted(actor.scopes or ()),
        services=None if actor.services is None else sorted(actor.services),
        token=actor.token or None,
        expires_at=instant_or_none(caller.expires_at, call.zone),
        must_enrol=caller.must_enrol,
        zone=call.zone.key,
        now=instant(call.backend.clock.now(), call.zone),
    )


OPERATIONS = (
    Operation(
        method="POST", path="/session", name="begin_session", needs_sign_in=False, status=201,
        summary="Sign in with name, password and code.", signs_in=True,
        body=SignInBody, answer=NewSessionDocument, handle=begin,
    ),
    Operation(
        method="GET", path="/session", name="show_session",
        summary="Who asks, and what they may.", answer=SessionDocument, handle=show, enrols=True,
    ),
    Operation(
        method="DELETE", path="/session", name="end_session", status=204,
        summary="Sign out: the key opens nothing any more.", handle=end, enrols=True,
    ),
)  # fmt: skip

"""The account that is signed in: its password, its second factor, and where it is open."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from monitor.accounts.own_account.own_account import OwnAccount
from monitor.accounts.own_account.proof import Proof, Prover
from monitor.accounts.own_account.qr_code import qr_code
from monitor.accounts.own_account.second_factor import OwnSecondFactor
from monitor.accounts.sign_in.codes import Codes
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.schema import Body, Document, Instant, Line, instant
from monitor.domain.accounts.account import AccountSession
from monitor.domain.refusals import Refused

_Enrolment = Annotated[str, StringConstraints(max_length=300, pattern=r"^[A-Za-z0-9_=-]*$")]


class ProofBody(Body):
    """The present password, where the account has one, and a code where it has a second factor."""

    password: str = ""
    code: Line = ""


class PasswordBody(ProofBody):
    new_password: str


class EnrolmentBody(ProofBody):
    """`code` is of the second factor that is replaced; empty where there is none."""

    enrolment: _Enrolment
    new_code: Line
    """Of the authenticator that has just read the seed."""


class OwnAccountDocument(Document):
    """`services` null: all of them."""

    name: str
    full_name: str
    roles: list[str]
    services: list[str] | None
    has_second_factor: bool
    must_enrol: bool
    recovery_codes_left: int
    password_changed_at: Instant
    created_at: Instant


class LiveToken(Document):
    id: str
    label: str


class PasswordChangedDocument(Document):
    """`tokens` open as before: revoke those that somebody may have copied."""

    key: str
    """Of the session that goes on: its former key opens nothing any more."""
    sessions_ended: int
    tokens: list[LiveToken]


class EnrolmentDocument(Document):
    enrolment: str
    """To be sent back with a code of the authenticator, by the same session."""
    secret: str
    """The seed, to be typed."""
    otpauth: str
    """The seed as an address."""
    svg: str
    """The address as a QR code."""
    expires_at: Instant


class EnrolledDocument(Document):
    key: str
    """Of the session that goes on: its former key opens nothing any more."""
    recovery_codes: Annotated[list[str], Field(min_length=1)]
    """Each opens once. They are said this once."""


class RecoveryCodesDocument(Document):
    recovery_codes: list[str]


class NewKeyDocument(Document):
    key: str
    """Of the session that goes on: its former key opens nothing any more."""


class OwnSessionDocument(Document):
    id: str
    is_current: bool
    address: str
    user_agent: str
    created_at: Instant
    opened_by: str
    """`password`, `provider`, or `provider_two_factor`."""
    last_used_at: Instant
    expires_at: Instant


class OwnSessionsDocument(Document):
    sessions: list[OwnSessionDocument]


def show(call: Call) -> Answer:
    account = own_account(call, call.backend.reading).show()
    document = OwnAccountDocument(
        name=account.name,
        full_name=account.full_name,
        roles=sorted(account.roles),
        services=sorted(account.services) or None,
        has_second_factor=account.has_second_factor,
        must_enrol=call.known.must_enrol,
        recovery_codes_left=len(account.recovery_hashes),
        password_changed_at=instant(account.password_changed_at, call.zone),
        created_at=instant(account.created_at, call.zone),
    )
    return Answer(document=document)


def change_password(call: Call) -> Answer:
    body = call.sent(PasswordBody)
    changed = own_account(call, call.backend.writing).change_password(
        _proof(body), body.new_password
    )
    tokens = [LiveToken(id=token.id, label=token.label) for token in changed.tokens]
    document = PasswordChangedDocument(
        key=changed.key, sessions_ended=changed.sessions_ended, tokens=tokens
    )
    return Answer(document=document)


def begin_second_factor(call: Call) -> Answer:
    begun = own_second_factor(call).begin()
    document = EnrolmentDocument(
        enrolment=begun.text,
        secret=begun.secret,
        otpauth=begun.address,
        svg=qr_code(begun.address),
        expires_at=instant(begun.expires_at, call.zone),
    )
    return Answer(document=document)


def confirm_second_factor(call: Call) -> Answer:
    body = call.sent(EnrolmentBody)
    enrolled = own_second_factor(call).confirm(_proof(body), body.enrolment, body.new_code)
    document = EnrolledDocument(key=enrolled.key, recovery_codes=list(enrolled.recovery_codes))
    return Answer(document=document)


def remove_second_factor(call: Call) -> Answer:
    return Answer(document=NewKeyDocument(key=own_second_factor(call).remove(_sent_proof(call))))


def renew_recovery_codes(call: Call) -> Answer:
    codes = own_second_factor(call).renew_recovery_codes(_sent_proof(call))
    return Answer(document=RecoveryCodesDocument(recovery_codes=list(codes)))


def sessions(call: Call) -> Answer:
    known = own_account(call, call.backend.reading).sessions()
    return Answer(document=OwnSessionsDocument(sessions=[_document(call, one) for one in known]))


def end_session(call: Call) -> Answer:
    own_account(call, call.backend.writing).end_session(call.path["id"])
    return Answer()


def own_account(call: Call, journal: ApiJournal) -> OwnAccount:
    backend = call.backend
    return OwnAccount(
        journal=journal,
        passwords=backend.passwords,
        randomness=backend.randomness,
        clock=backend.clock,
        prover=_prover(call),
        actor=call.actor,
        session=_session(call),
    )


def own_second_factor(call: Call) -> OwnSecondFactor:
    backend = call.backend
    return OwnSecondFactor(
        second_factor=backend.second_factor,
        sealer=backend.sealer,
        randomness=backend.randomness,
        clock=backend.clock,
        prover=_prover(call),
        actor=call.actor,
        session=_session(call),
        two_factor_roles=backend.two_factor_roles,
    )


def _prover(call: Call) -> Prover:
    backend = call.backend
    return Prover(
        journal=backend.writing,
        passwords=backend.passwords,
        codes=Codes(second_factor=backend.second_factor, sealer=backend.sealer),
        throttle=backend.throttle,
        clock=backend.clock,
        actor=call.actor,
        session=_session(call),
    )


def _session(call: Call) -> AccountSession:
    session = call.known.session
    if session is None:
        raise Refused("session.in_person")
    return session


def _proof(body: ProofBody) -> Proof:
    return Proof(password=body.password, code=body.code)


def _sent_proof(call: Call) -> Proof:
    return _proof(call.sent(ProofBody))


def _document(call: Call, session: AccountSession) -> OwnSessionDocument:
    zone = call.zone
    return OwnSessionDocument(
        id=session.id,
        is_current=session.key_hash == _session(call).key_hash,
        address=session.address,
        user_agent=session.user_agent,
        created_at=instant(session.created_at, zone),
        opened_by=session.opened_by,
        last_used_at=instant(session.last_used_at, zone),
        expires_at=instant(session.expires_at, zone),
    )


OPERATIONS = (
    Operation(
        method="GET", path="/account", name="show_own_account",
        summary="One's own account.", in_person=True, enrols=True,
        answer=OwnAccountDocument, handle=show,
    ),
    Operation(
        method="POST", path="/account/password", name="change_own_password",
        summary="Another password: every other session ends, and this one has another key.",
        in_person=True, enrols=True, signs_in=True,
        body=PasswordBody, answer=PasswordChangedDocument, handle=change_password,
    ),
    Operation(
        method="POST", path="/account/second-factor", name="begin_second_factor",
        summary="A new seed for an authenticator, said once; it counts once it is confirmed.",
        in_person=True, enrols=True, answer=EnrolmentDocument, handle=begin_second_factor,
    ),
    Operation(
        method="POST", path="/account/second-factor/confirm", name="confirm_second_factor",
        summary="The seed counts from here on; the recovery codes are said once.",
        in_person=True, enrols=True, signs_in=True,
        body=EnrolmentBody, answer=EnrolledDocument, handle=confirm_second_factor,
    ),
    Operation(
        method="DELETE", path="/account/second-factor", name="remove_second_factor",
        summary="No second factor any more, where no role demands one.",
        in_person=True, enrols=True, signs_in=True,
        body=ProofBody, answer=NewKeyDocument, handle=remove_second_factor,
    ),
    Operation(
        method="POST", path="/account/recovery-codes", name="renew_recovery_codes",
        summary="Ten new ones, said once; those before open nothing any more.",
        in_person=True, signs_in=True,
        body=ProofBody, answer=RecoveryCodesDocument, handle=renew_recovery_codes,
    ),
    Operation(
        method="GET", path="/account/sessions", name="list_own_sessions",
        summary="Where one's own account is open.", in_person=True, enrols=True,
        answer=OwnSessionsDocument, handle=sessions,
    ),
    Operation(
        method="DELETE", path="/account/sessions/{id}", name="end_own_session", status=204,
        summary="It opens nothing from the next request on.", in_person=True, enrols=True,
        handle=end_session,
    ),
)  # fmt: skip

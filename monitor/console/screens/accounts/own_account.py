"""One's own account: password, second factor, and where it is open."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.accounts.own_account.own_account import OwnAccount
from monitor.accounts.own_account.proof import Proof
from monitor.accounts.own_account.qr_code import qr_code
from monitor.accounts.own_account.second_factor import OwnSecondFactor
from monitor.api.resources.accounts.own_account import own_account, own_second_factor
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.account import AccountSession
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.refusals import Refused
from statuspage.parts.html import Html


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    id: str
    address: str
    user_agent: str
    began: Html
    last_used: Html
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """What an authenticator reads, and what the form brings back."""

    enrolment: str
    secret: str
    address: str
    picture: Html


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccountPage:
    name: str
    full_name: str
    roles: tuple[str, ...]
    has_password: bool
    has_second_factor: bool
    must_enrol: bool
    codes_left: int
    sessions: tuple[OpenSession, ...]
    enrolling: Enrolling | None
    codes: tuple[str, ...]
    """Recovery codes, said this once."""


def show(visit: Visit) -> Page:
    return _page(visit)


def change_password(visit: Visit) -> Shown:
    form = visit.form
    if form.text("new_password") != form.text("new_password_again"):
        raise Refused("password.differs")
    changed = _own(visit, is_writing=True).change_password(_proof(visit), form.text("new_password"))
    return Redirect(to="/account?done=password_changed", session_key=changed.key)


def begin(visit: Visit) -> Page:
    begun = _second_factor(visit).begin()
    return _page(
        visit,
        enrolling=Enrolling(
            enrolment=begun.text,
            secret=begun.secret,
            address=begun.address,
            picture=Html(qr_code(begun.address)),
        ),
    )


def confirm(visit: Visit) -> Shown:
    form = visit.form
    enrolled = _second_factor(visit).confirm(
        _proof(visit), form.text("enrolment"), form.line("new_code")
    )
    return _page(visit, codes=enrolled.recovery_codes, session_key=enrolled.key)


def confirm_again(visit: Visit) -> Page:
    """The same seed once more: a mistyped code does not cost another look with the telephone."""
    form = visit.form
    if visit.refusal is not None and visit.refusal.code == "second_factor.begin_again":
        return _page(visit)
    address = form.text("address")
    enrolling = Enrolling(
        enrolment=form.text("enrolment"), secret=form.text("secret"), address=address,
        picture=Html(qr_code(address)) if address.startswith("otpauth://") else Html(""),
    )  # fmt: skip
    return _page(visit, enrolling=enrolling)


def remove(visit: Visit) -> Shown:
    key = _second_factor(visit).remove(_proof(visit))
    return Redirect(to="/account?done=second_factor_removed", session_key=key)


def renew_codes(visit: Visit) -> Shown:
    return _page(visit, codes=_second_factor(visit).renew_recovery_codes(_proof(visit)))


def end_session(visit: Visit) -> Shown:
    _own(visit, is_writing=True).end_session(visit.name)
    return Redirect(to="/account?done=session_ended")


def _page(
    visit: Visit,
    *,
    enrolling: Enrolling | None = None,
    codes: tuple[str, ...] = (),
    session_key: str | None = None,
) -> Page:
    own = _own(visit)
    account = own.show()
    return Page(
        template="own_account.html",
        title=visit.words.own.title,
        session_key=session_key,
        page=OwnAccountPage(
            name=account.name,
            full_name=account.full_name,
            roles=tuple(visit.words.roles[r] for r in AccountRole if r in account.roles),
            has_password=bool(account.password_hash),
            has_second_factor=account.has_second_factor,
            must_enrol=visit.caller is not None and visit.caller.must_enrol and not codes,
            codes_left=len(account.recovery_hashes),
            sessions=tuple(_session(one, visit) for one in own.sessions()),
            enrolling=enrolling,
            codes=codes,
        ),
    )


def _session(session: AccountSession, visit: Visit) -> OpenSession:
    caller = visit.caller
    own = caller.session if caller is not None else None
    return OpenSession(
        id=session.id,
        address=session.address,
        user_agent=session.user_agent,
        began=visit.speech.dated(session.created_at),
        last_used=visit.speech.ago(session.last_used_at),
        is_current=own is not None and own.key_hash == session.key_hash,
    )


def _proof(visit: Visit) -> Proof:
    return Proof(password=visit.form.text("password"), code=visit.form.line("code"))


def _own(visit: Visit, *, is_writing: bool = False) -> OwnAccount:
    backend = visit.backend
    return own_account(visit.call, backend.writing if is_writing else backend.reading)


def _second_factor(visit: Visit) -> OwnSecondFactor:
    return own_second_factor(visit.call)


SCREENS = (
    Screen(method="GET", path="/account", handle=show, enrols=True),
    Screen(
        method="POST",
        path="/account/password",
        handle=change_password,
        again=show,
        back="/account",
        hashes=True,
        enrols=True,
    ),
    Screen(
        method="POST",
        path="/account/second-factor",
        handle=begin,
        again=show,
        back="/account",
        enrols=True,
    ),
    Screen(
        method="POST",
        path="/account/second-factor/confirm",
        handle=confirm,
        again=confirm_again,
        back="/account",
        hashes=True,
        enrols=True,
    ),
    Screen(
        method="POST",
        path="/account/second-factor/removal",
        handle=remove,
        again=show,
        back="/account",
        hashes=True,
    ),
    Screen(
        method="POST",
        path="/account/recovery-codes",
        handle=renew_codes,
        again=show,
        back="/account",
        hashes=True,
    ),
    Screen(
        method="POST",
        path="/account/sessions/{id}/end",
        handle=end_session,
        again=show,
        back="/account",
        enrols=True,
    ),
)

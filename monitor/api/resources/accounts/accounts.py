"""Accounts, for those who look after them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import Field

from monitor.accounts.commands import AccountCommands
from monitor.accounts.elsewhere import Elsewhere
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.schema import Body, Document, Id, Instant, Line, Name, instant, instant_or_none
from monitor.domain.accounts.account import Account
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import no_such
from monitor.domain.time.interval import Second

_MOST = 200

Roles = Annotated[list[AccountRole], Field(max_length=len(AccountRole))]
Services = Annotated[list[Id], Field(min_length=1, max_length=_MOST)]


class ElsewhereBody(Body):
    """A `subject` of the configured provider; or an `email`, by which the first one is bound whose
    address the provider has verified; with neither it opens by password alone."""

    email: Line | None = None
    subject: Line | None = None


class NewAccount(Body):
    """Without a password one is made, and said once. `services` null: all of them."""

    name: Name
    roles: Roles
    services: Services | None = None
    full_name: Line = ""
    password: str | None = None
    elsewhere: ElsewhereBody | None = None
    """Who it is at the OpenID provider; then it has no password where none is given."""


class AccountChange(Body):
    """What is left out stays. `services` null: all of them."""

    roles: Roles | None = None
    services: Services | None = None
    elsewhere: ElsewhereBody | None = None
    """In place of whom it was at the OpenID provider; its sessions end."""


class NewPassword(Body):
    """Without a password one is made, and said once."""

    password: str | None = None


class AccountDocument(Document):
    """`services` null: all of them. `subject` is whose it is at the provider `issuer`.
    `last_signed_in_at` is of the newest session that is known."""

    name: str
    full_name: str
    roles: list[str]
    services: list[str] | None
    is_enabled: bool
    has_password: bool
    has_second_factor: bool
    email: str | None
    issuer: str | None
    subject: str | None
    follows_groups: bool
    """Its roles are those of its groups at the provider, as of its last sign-in."""
    created_at: Instant
    disabled_at: Instant | None
    password_changed_at: Instant
    last_signed_in_at: Instant | None
    revision: int


class AccountsDocument(Document):
    accounts: list[AccountDocument]


class PasswordDocument(Document):
    """`password` is the one that was made; null where it was given."""

    account: AccountDocument
    password: str | None


def every(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    found = commands.every()
    signed_in = commands.last_sign_ins(found)
    return Answer(
        document=AccountsDocument(accounts=[_document(call, a, signed_in[a.name]) for a in found])
    )


def show(call: Call) -> Answer:
    known, wanted = _commands(call, call.backend.reading).every(), call.path["name"]
    for account in known:
        if account.name == wanted:
            return _answer(call, account)
    raise no_such("account", wanted, [account.name for account in known])


def add(call: Call) -> Answer:
    body = call.sent(NewAccount)
    saved, password = _commands(call, call.backend.writing).add(
        body.name,
        roles=body.roles,
        services=_services(body.services),
        full_name=body.full_name,
        password=body.password,
        has_password=body.elsewhere is None or body.password is not None,
        elsewhere=_elsewhere(call, body.elsewhere),
    )
    return _with_password(call, saved, password if body.password is None else None)


def change(call: Call) -> Answer:
    body = call.sent(AccountChange)
    saved = _commands(call, call.backend.writing).change(
        call.path["name"],
        roles=body.roles,
        services=_services(body.services) if "services" in body.model_fields_set else None,
        elsewhere=_elsewhere(call, body.elsewhere),
        revision=call.revision,
    )
    return _answer(call, saved)


def disable(call: Call) -> Answer:
    commands = _commands(call, call.backend.writing)
    return _answer(call, commands.disable(call.path["name"], revision=call.revision))


def enable(call: Call) -> Answer:
    commands = _commands(call, call.backend.writing)
    return _answer(call, commands.enable(call.path["name"], revision=call.revision))


def reset(call: Call) -> Answer:
    body = call.sent(NewPassword)
    commands = _commands(call, call.backend.writing)
    saved, password = commands.reset(
        call.path["name"], password=body.password, revision=call.revision
    )
    return _with_password(call, saved, password if body.password is None else None)


def _commands(call: Call, journal: ApiJournal) -> AccountCommands:
    return AccountCommands(
        journal=journal,
        passwords=call.backend.passwords,
        randomness=call.backend.randomness,
        clock=call.backend.clock,
        actor=call.actor,
        known_services={service.id for service in call.catalogue.services},
    )


def _elsewhere(call: Call, body: ElsewhereBody | None) -> Elsewhere | None:
    if body is None:
        return None
    oidc = call.catalogue.operations.console.oidc
    issuer = None if oidc is None else oidc.issuer
    return Elsewhere(issuer=issuer, email=body.email, subject=body.subject)


def _services(wanted: Sequence[str] | None) -> Collection[ServiceId]:
    return [ServiceId(name) for name in wanted or ()]


def _answer(call: Call, account: Account) -> Answer:
    return Answer(document=_shown(call, account), revision=account.revision)


def _with_password(call: Call, account: Account, password: str | None) -> Answer:
    document = PasswordDocument(account=_shown(call, account), password=password or None)
    return Answer(document=document, revision=account.revision)


def _shown(call: Call, account: Account) -> AccountDocument:
    signed_in = _commands(call, call.backend.reading).last_sign_ins([account])
    return _document(call, account, signed_in[account.name])


def _document(call: Call, account: Account, signed_in: Second | None) -> AccountDocument:
    zone = call.zone
    return AccountDocument(
        name=account.name,
        full_name=account.full_name,
        roles=sorted(account.roles),
        services=sorted(account.services) or None,
        is_enabled=account.is_enabled,
        has_password=bool(account.password_hash),
        has_second_factor=account.has_second_factor,
        email=account.email,
        issuer=account.issuer,
        subject=account.subject,
        follows_groups=account.follows_groups,
        created_at=instant(account.created_at, zone),
        disabled_at=instant_or_none(account.disabled_at, zone),
        password_changed_at=instant(account.password_changed_at, zone),
        last_signed_in_at=instant_or_none(signed_in, zone),
        revision=account.revision,
    )


_SCOPE = Scope.ACCOUNTS_WRITE

OPERATIONS = (
    Operation(
        method="GET", path="/accounts", name="list_accounts", scope=_SCOPE,
        summary="Every account, disabled ones too.", answer=AccountsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/accounts/{name}", name="show_account", scope=_SCOPE,
        summary="One account.", answer=AccountDocument, handle=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/accounts", name="add_account", scope=_SCOPE, status=201,
        summary="A new account; its password is said once where none is given.",
        body=NewAccount, answer=PasswordDocument, handle=add, creates=True, has_revision=True,
    ),
    Operation(
        method="PATCH", path="/accounts/{name}", name="change_account", scope=_SCOPE,
        summary="Other roles or services, from the next request on.",
        body=AccountChange, answer=AccountDocument, handle=change, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/accounts/{name}/disable", name="disable_account", scope=_SCOPE,
        summary="Its sessions end, and its tokens open nothing.",
        answer=AccountDocument, handle=disable, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/accounts/{name}/enable", name="enable_account", scope=_SCOPE,
        summary="It may sign in again.",
        answer=AccountDocument, handle=enable, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/accounts/{name}/reset", name="reset_account", scope=_SCOPE,
        summary="Another password, no second factor, no session and no token any more.",
        body=NewPassword, answer=PasswordDocument, handle=reset, creates=True, current=show,
        has_revision=True,
    ),
)  # fmt: skip

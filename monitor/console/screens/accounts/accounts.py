"""Accounts and tokens: who may what, and whose keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from monitor.accounts.commands import AccountCommands
from monitor.accounts.tokens import TokenCommands
from monitor.console.browser.form import Form
from monitor.console.screens.paging import PAGE, first_of, next_url
from monitor.console.speech import Speech
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.account import AccessToken, Account
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import Refused
from statuspage.parts.html import Html

_MOST_BOXES = 2_000
"""With many accounts and services a page of all forms would be megabytes: each has its own then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    id: str
    name: str
    meaning: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    name: str
    full_name: str
    roles: tuple[str, ...]
    services: tuple[str, ...]
    is_enabled: bool
    has_second_factor: bool
    revision: int
    is_own: bool
    role_choices: tuple[Choice, ...]
    service_choices: tuple[Choice, ...]
    form_url: str
    """Where its form is; empty where it is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    id: str
    label: str
    owner: str
    scopes: tuple[str, ...]
    created: Html
    expires: Html | None
    last_used: Html | None
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What is said this once: a password or a token, and whose."""

    kind: str
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """`opened` is the one whose form was asked for."""

    accounts: tuple[AccountRow, ...]
    next_url: str
    opened: str
    roles: tuple[Choice, ...]
    services: tuple[Choice, ...]
    tokens: tuple[TokenRow, ...]
    scopes: tuple[Choice, ...]
    owners: tuple[str, ...]
    secret: Secret | None


def every(visit: Visit) -> Page:
    return _page(visit)


def add(visit: Visit) -> Shown:
    form = visit.form
    saved, password = _accounts(visit, is_writing=True).add(
        form.line("name"),
        roles=_roles(form.many("role")),
        services=_services(form),
        full_name=form.line("full_name"),
    )
    return _page(visit, Secret(kind="password", name=saved.name, words=password))


def change(visit: Visit) -> Shown:
    form = visit.form
    roles = frozenset(_roles(form.many("role")))
    services = frozenset(_services(form))
    before = next((a for a in _accounts(visit).every() if a.name == visit.name), None)
    # Only what was changed is sent: a role that is set here follows no group any more, and a
    # service of an older configuration is kept and not known.
    _accounts(visit, is_writing=True).change(
        visit.name,
        roles=None if before is not None and before.roles == roles else roles,
        services=None if before is not None and before.services == services else services,
        revision=form.number("revision"),
    )
    return Redirect(to="/accounts?done=account_changed")


def disable(visit: Visit) -> Shown:
    commands = _accounts(visit, is_writing=True)
    commands.disable(visit.name, revision=visit.form.number("revision"))
    return Redirect(to="/accounts?done=account_disabled")


def enable(visit: Visit) -> Shown:
    commands = _accounts(visit, is_writing=True)
    commands.enable(visit.name, revision=visit.form.number("revision"))
    return Redirect(to="/accounts?done=account_enabled")


def reset(visit: Visit) -> Shown:
    commands = _accounts(visit, is_writing=True)
    saved, password = commands.reset(visit.name, revision=visit.form.number("revision"))
    return _page(visit, Secret(kind="password", name=saved.name, words=password))


def create_token(visit: Visit) -> Shown:
    form = visit.form
    token, words = _tokens(visit, is_writing=True).create(
        form.line("label"),
        owner=form.line("owner") or visit.actor.id,
        scopes=_scopes(form.many("scope")),
        days=form.number("days"),
    )
    return _page(visit, Secret(kind="token", name=token.id, words=words))


def revoke_token(visit: Visit) -> Shown:
    _tokens(visit, is_writing=True).revoke(visit.name)
    return Redirect(to="/accounts?done=token_revoked")


def _page(visit: Visit, secret: Secret | None = None) -> Page:
    accounts, tokens = _accounts(visit).every(), _tokens(visit).visible()
    chosen, first = visit.form.many("role"), first_of(visit)
    shown = accounts[first : first + PAGE]
    has_room = len(shown) * len(visit.catalogue.services) <= _MOST_BOXES
    return Page(
        template="accounts.html",
        title=visit.words.nav["accounts"],
        page=AccountsPage(
            accounts=tuple(_row(account, visit, has_room=has_room) for account in shown),
            next_url=next_url(visit, "/accounts", first, len(accounts)),
            opened=_opened(visit),
            roles=_role_choices(chosen, visit.speech),
            services=_service_choices(visit.form.many("service"), visit),
            tokens=tuple(_token_row(t, visit.speech) for t in reversed(tokens)),
            scopes=tuple(
                Choice(
                    id=s,
                    name=s,
                    meaning=visit.words.scopes[s],
                    is_chosen=s in visit.form.many("scope"),
                )
                for s in Scope
                if visit.may(s)
            ),
            owners=tuple(a.name for a in accounts if a.is_enabled),
            secret=secret,
        ),
    )


def _opened(visit: Visit) -> str:
    """Whose form was asked for, or was refused."""
    return visit.query.get("account") or visit.call.path.get("id", "")


def _row(account: Account, visit: Visit, *, has_room: bool) -> AccountRow:
    has_form = has_room or _opened(visit) == account.name
    here = {n: v for n, v in visit.query.items() if n == "from"} | {"account": account.name}
    return AccountRow(
        name=account.name,
        full_name=account.full_name,
        roles=tuple(visit.words.roles[r] for r in AccountRole if r in account.roles),
        services=tuple(sorted(account.services)),
        is_enabled=account.is_enabled,
        has_second_factor=account.has_second_factor,
        revision=account.revision,
        is_own=account.name == visit.actor.id,
        role_choices=_role_choices(account.roles, visit.speech) if has_form else (),
        service_choices=_service_choices(account.services, visit) if has_form else (),
        form_url="" if has_form else f"/accounts?{urlencode(here)}",
    )


def _role_choices(
    chosen: Sequence[str] | frozenset[AccountRole], speech: Speech
) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            id=role, name=speech.words.roles[role], meaning=speech.words.role_meanings[role],
            is_chosen=role in chosen,
        )
        for role in AccountRole
    )  # fmt: skip


def _service_choices(
    chosen: Sequence[str] | frozenset[ServiceId], visit: Visit
) -> tuple[Choice, ...]:
    """Those of the configuration, and those that the account has of an older one."""
    known = {s.id: visit.speech.text(s.name) for s in visit.catalogue.services}
    former = {ServiceId(s): str(s) for s in sorted(chosen) if s not in known}
    return tuple(
        Choice(id=service, name=name, meaning="", is_chosen=service in chosen)
        for service, name in {**known, **former}.items()
    )


def _token_row(token: AccessToken, speech: Speech) -> TokenRow:
    return TokenRow(
        id=token.id,
        label=token.label,
        owner=token.owner,
        scopes=tuple(sorted(token.scopes)),
        created=speech.dated(token.created_at),
        expires=speech.dated(token.expires_at) if token.expires_at is not None else None,
        last_used=speech.ago(token.last_used_at) if token.last_used_at is not None else None,
        is_over=token.is_over(speech.now),
    )


def _services(form: Form) -> list[ServiceId]:
    """None of them is all of them, and that has to be said: a box that was unticked, or a service
    that is gone, must not open everything. Raises Refused."""
    chosen = [ServiceId(s) for s in form.many("service")]
    if not chosen and not form.has("every_service"):
        raise Refused("form.no_service")
    return [] if form.has("every_service") else chosen


def _roles(written: Sequence[str]) -> list[AccountRole]:
    unknown = [role for role in written if role not in list(AccountRole)]
    if unknown:
        raise Refused("form.choice", field="role", got=unknown[0][:40])
    return [AccountRole(role) for role in written]


def _scopes(written: Sequence[str]) -> list[Scope]:
    unknown = [scope for scope in written if scope not in list(Scope)]
    if unknown:
        raise Refused("form.choice", field="scope", got=unknown[0][:40])
    return [Scope(scope) for scope in written]


def _accounts(visit: Visit, *, is_writing: bool = False) -> AccountCommands:
    backend = visit.backend
    return AccountCommands(
        journal=backend.writing if is_writing else backend.reading,
        passwords=backend.passwords,
        randomness=backend.randomness,
        clock=backend.clock,
        actor=visit.actor,
        known_services={s.id for s in visit.catalogue.services},
    )


def _tokens(visit: Visit, *, is_writing: bool = False) -> TokenCommands:
    backend = visit.backend
    return TokenCommands(
        journal=backend.writing if is_writing else backend.reading,
        randomness=backend.randomness,
        clock=backend.clock,
        actor=visit.actor,
    )


_WRITE = Scope.ACCOUNTS_WRITE
SCREENS = (
    Screen(method="GET", path="/accounts", handle=every, scope=_WRITE),
    Screen(method="POST", path="/accounts", handle=add, again=every, scope=_WRITE, hashes=True),
    Screen(
        method="POST",
        path="/accounts/{id}",
        handle=change,
        again=every,
        back="/accounts",
        scope=_WRITE,
    ),
    Screen(
        method="POST",
        path="/accounts/{id}/disable",
        handle=disable,
        again=every,
        back="/accounts",
        scope=_WRITE,
    ),
    Screen(
        method="POST",
        path="/accounts/{id}/enable",
        handle=enable,
        again=every,
        back="/accounts",
        scope=_WRITE,
    ),
    Screen(
        method="POST",
        path="/accounts/{id}/reset",
        handle=reset,
        again=every,
        back="/accounts",
        scope=_WRITE,
        hashes=True,
    ),
    Screen(
        method="POST",
        path="/tokens",
        handle=create_token,
        again=every,
        back="/accounts",
        scope=_WRITE,
    ),
    Screen(
        method="POST",
        path="/tokens/{id}/revocation",
        handle=revoke_token,
        again=every,
        back="/accounts",
        scope=_WRITE,
    ),
)

"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.accounts.sign_in.sign_in import Attempt, SignIn, sign_out
from monitor.console.browser.origin import own_path
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.change import Via
from monitor.domain.refusals import Refused
from monitor.i18n.languages import OPERATORS_LANGUAGES
from monitor.i18n.provider_words import PROVIDER_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """`has_account` is false where nobody has made the first one yet."""

    name: str
    next: str
    has_account: bool
    provider: str
    """What leads to the OpenID provider is called; empty where there is none."""


def ask(visit: Visit) -> Page:
    with visit.backend.reading.transaction() as tx:
        has_account = bool(tx.accounts.every())
    wanted = visit.form.text("next") or visit.query.get("next", "")
    return Page(
        template="sign_in.html",
        title=visit.words.sign_in,
        page=SignInPage(
            name=visit.form.line("name"),
            next=own_path(wanted),
            has_account=has_account,
            provider=_provider(visit),
        ),
    )


def _provider(visit: Visit) -> str:
    oidc = visit.catalogue.operations.console.oidc
    if oidc is None:
        return ""
    words = PROVIDER_WORDS[visit.speech.lang]
    return words.sign_in_at.format(host=urlsplit(oidc.issuer).hostname)


def begin(visit: Visit) -> Shown:
    """A new session, always: a key that was there before opens nothing of it."""
    backend, form = visit.backend, visit.form
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
            name=form.line("name"),
            password=form.text("password"),
            code=form.line("code"),
            address=visit.call.address,
            user_agent=visit.call.user_agent,
            via=Via.CONSOLE,
        )
    )
    return Redirect(to=own_path(form.text("next")), session_key=key)


def end(visit: Visit) -> Shown:
    caller = visit.caller
    if caller is None or caller.session is None:
        raise Refused("signin.needed")
    sign_out(visit.backend.writing, caller.session, visit.actor, visit.backend.clock.now())
    return Redirect(to="/sign-in?done=signed_out", session_key="")


def speak(visit: Visit) -> Shown:
    chosen = visit.form.text("language")
    return Redirect(
        to=own_path(visit.form.text("next")) if visit.caller else "/sign-in",
        language=chosen if chosen in OPERATORS_LANGUAGES else "",
    )


SCREENS = (
    Screen(method="GET", path="/sign-in", handle=ask, needs_sign_in=False),
    Screen(
        method="POST", path="/sign-in", handle=begin, needs_sign_in=False, again=ask, hashes=True
    ),
    Screen(method="POST", path="/sign-out", handle=end),
    Screen(method="POST", path="/language", handle=speak, needs_sign_in=False),
)

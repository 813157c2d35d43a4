"""Pages as HTML: the templates, compiled once, and the frame around each page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.console.speech import Speech
from monitor.console.visit import Page, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused
from monitor.i18n.formats import Lang
from monitor.i18n.words import CONSOLE, PAGE
from statuspage.parts.assets import static_file, static_url, templates_folder
from statuspage.parts.html import shown

STATIC: Mapping[str, str] = {
    "page.css": "text/css",
    "console.css": "text/css",
    "console.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_NAV: tuple[tuple[str, str, Scope | None], ...] = (
    ("now", "/", Scope.STATE_READ),
    ("checks", "/checks", Scope.STATE_READ),
    ("incidents", "/incidents", Scope.STATE_READ),
    ("maintenance", "/maintenance", Scope.STATE_READ),
    ("problems", "/problems", Scope.PROBLEMS_READ),
    ("exclusions", "/exclusions", Scope.STATE_READ),
    ("unknown", "/unknown-time", Scope.BILLING_READ),
    ("monitor", "/monitor", Scope.STATE_READ),
    ("credits", "/credits", Scope.CREDITS_READ),
    ("forecast", "/forecast", Scope.BILLING_READ),
    ("reports", "/reports", Scope.BILLING_READ),
    ("configuration", "/configuration", Scope.CONFIG_READ),
    ("audit", "/audit", Scope.AUDIT_READ),
    ("accounts", "/accounts", Scope.ACCOUNTS_WRITE),
)
_WHOLE = frozenset(
    {"unknown", "monitor", "credits", "forecast", "reports", "configuration", "audit", "accounts"}
)
"""What is for accounts that are not bounded to services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    url: str
    word: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page. `account` is empty where nobody is signed in; `done` says what
    has just been done."""

    title: str
    company: str
    account: str
    token: str
    once: str
    """What a form of this page is known by; it is made anew for each page."""
    here: str
    links: tuple[Link, ...]
    other: Lang
    other_name: str
    public_url: str
    done: str


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that nobody set is an error, not a gap in the page."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def compile_templates() -> None:
    """Takes some tenths of a second of CPU, once in a process."""
    for name in environment().list_templates(filter_func=lambda name: name.startswith("console/")):
        environment().get_template(name)


@cache
def static_files() -> Mapping[str, tuple[bytes, str]]:
    """By address, which changes with the content: the content and its type."""
    return {static_url(name): (static_file(name), kind) for name, kind in STATIC.items()}


def rendered(page: Page, visit: Visit) -> bytes:
    template = environment().get_template(f"console/{page.template}")
    frame = _frame(page, visit)
    refusal = None if visit.refusal is None else visit.speech.refusal(visit.refusal)
    text = template.render(
        page=page.page, frame=frame, say=visit.speech, w=visit.words, refusal=refusal,
        form=visit.form, static=static_url,
    )  # fmt: skip
    return text.encode("utf-8", "replace")


def rendered_problem(refused: Refused, speech: Speech) -> bytes:
    """A page that needs nothing but the words."""
    template = environment().get_template("console/problem.html")
    text = template.render(
        say=speech, w=speech.words, why=speech.refusal(refused), static=static_url
    )
    return text.encode("utf-8", "replace")


def _frame(page: Page, visit: Visit) -> Frame:
    words, lang = visit.words, visit.speech.lang
    other = Lang.EN if lang is Lang.ES else Lang.ES
    path = visit.path.partition("?")[0]
    return Frame(
        title=page.title,
        company=visit.speech.text(visit.catalogue.page.name),
        account=visit.actor.id if visit.caller else "",
        token=visit.token,
        once=visit.backend.randomness.key() if visit.caller else "",
        here=visit.path,
        links=tuple(
            Link(url=url, word=words.nav[name], is_here=_is_here(url, path))
            for name, url in open_screens(visit).items()
        ),
        other=other,
        other_name=PAGE[other].own_name,
        public_url=visit.catalogue.page.url,
        done=CONSOLE[lang].done.get(visit.query.get("done", ""), ""),
    )


def open_screens(visit: Visit) -> Mapping[str, str]:
    """The addresses in the bar of who asks, by name; none where nobody is signed in."""
    return {
        name: url
        for name, url, scope in _NAV
        if visit.caller is not None and _is_open(name, scope, visit)
    }


def _is_open(name: str, scope: Scope | None, visit: Visit) -> bool:
    is_bounded = visit.actor.services is not None
    return (scope is None or visit.may(scope)) and not (is_bounded and name in _WHOLE)


def _is_here(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(f"{url}/"))

"""The configuration: what is in force, with its lines; a text checked; the core's file applied."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from monitor.config.revisions.application import Application, ApplyState, ConfigurationRequests
from monitor.config.revisions.reading import ConfigurationReading
from monitor.console.states import State
from monitor.console.visit import Page, Redirect, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import NotFound, Refused, require_every_service
from monitor.domain.time.interval import Second
from statuspage.parts.html import Html

_VALUES, _REVISIONS, _ERRORS = 300, 20, 50
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    path: str
    line: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    number: int
    url: str
    since: Html
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    line: int
    path: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `estado config check` would say of the text."""

    is_valid: bool
    count: int
    mistakes: tuple[Mistake, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationPage:
    revision: int
    is_in_force: bool
    since: Html
    file: str
    under: str
    values: tuple[Value, ...]
    more_url: str
    revisions: tuple[Revision, ...]
    may_apply: bool
    checked: Checked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPage:
    id: int
    state: State
    is_pending: bool
    asked: Html
    by: str
    revision: int | None
    effective: Html | None
    difference: str
    errors: tuple[str, ...]


def show(visit: Visit) -> Page:
    return _page(visit)


def check(visit: Visit) -> Shown:
    require_every_service(visit.actor)
    text = visit.form.text("text")
    if not text.strip():
        raise Refused("text.empty", what="text")
    found: Any = visit.backend.posted_checks.check(io.BytesIO(text.encode("utf-8", "replace")))
    checked = Checked(
        is_valid=not found["error_count"],
        count=found["error_count"],
        mistakes=tuple(_mistake(one) for one in found["errors"][:_ERRORS]),
        warnings=tuple(found["warnings"][:_ERRORS]),
    )
    return _page(visit, checked)


def apply(visit: Visit) -> Shown:
    asked = _requests(visit, is_writing=True).ask()
    return Redirect(to=f"/configuration/applications/{asked.id}")


def show_application(visit: Visit) -> Page:
    if not (visit.name.isascii() and visit.name.isdigit() and len(visit.name) <= _MOST_DIGITS):
        raise NotFound("configuration.no_request", id=visit.name)
    found = _requests(visit).show(int(visit.name))
    return Page(
        template="application.html",
        title=visit.words.configuration.apply,
        page=_application(found, visit),
    )


def _page(visit: Visit, checked: Checked | None = None) -> Page:
    reading = ConfigurationReading(
        journal=visit.backend.reading, last=visit.backend.last_listing,
        clock=visit.backend.clock, actor=visit.actor,
    )  # fmt: skip
    under = visit.query.get("under", "")
    found = reading.values(_number(visit, "revision"), under, _number(visit, "after") or 0, _VALUES)
    header, speech = found.header, visit.speech
    revisions = reading.revisions(None, _REVISIONS)
    chosen = {"revision": str(header.number), **({"under": under} if under else {})}
    more = {**chosen, "after": str(found.next_after)} if found.next_after is not None else {}
    return Page(
        template="configuration.html",
        title=visit.words.nav["configuration"],
        page=ConfigurationPage(
            revision=header.number,
            is_in_force=any(r.is_in_force and r.header.number == header.number for r in revisions),
            since=speech.dated(header.effective_from),
            file=visit.backend.config_file() or "",
            under=under,
            values=tuple(
                Value(path=v.path, line=v.line, words=_said(v.value)) for v in found.values
            ),
            more_url=f"/configuration?{urlencode(more)}" if more else "",
            revisions=tuple(
                Revision(
                    number=one.header.number,
                    url=f"/configuration?revision={one.header.number}",
                    since=speech.dated(one.header.effective_from),
                    is_in_force=one.is_in_force,
                )
                for one in revisions
            ),
            may_apply=visit.may(Scope.CONFIG_APPLY),
            checked=checked,
        ),
    )


def _application(found: Application, visit: Visit) -> ApplicationPage:
    outcome: Any = found.outcome
    since = outcome.get("effective_from")
    styles = {ApplyState.PENDING: "slow", ApplyState.APPLIED: "ok"}
    css = styles.get(found.state, "down")
    return ApplicationPage(
        id=found.id,
        state=State(css=f"is-{css}", icon=f"i-{css}", word=visit.words.applications[found.state]),
        is_pending=found.state is ApplyState.PENDING,
        asked=visit.speech.dated(found.asked_at),
        by=found.asked_by,
        revision=outcome.get("revision"),
        effective=None if since is None else visit.speech.dated(Second(since)),
        difference=outcome.get("difference", ""),
        errors=tuple(outcome.get("errors", [])),
    )


def _requests(visit: Visit, *, is_writing: bool = False) -> ConfigurationRequests:
    journal = visit.backend.writing if is_writing else visit.backend.reading
    return ConfigurationRequests(journal=journal, clock=visit.backend.clock, actor=visit.actor)


def _number(visit: Visit, name: str) -> int | None:
    written = visit.query.get(name, "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Refused("form.number", field=name, got=written[:40])
    return int(written)


def _mistake(found: Any) -> Mistake:
    words = f"{found['wanted']}: {found['got']}" if found["got"] else found["wanted"]
    return Mistake(line=found["line"], path=found["path"], words=words)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_READ = Scope.CONFIG_READ
SCREENS = (
    Screen(method="GET", path="/configuration", handle=show, scope=_READ),
    Screen(method="POST", path="/configuration/check", handle=check, again=show, is_long=True,
        back="/configuration", scope=_READ),
    Screen(
        method="POST", path="/configuration/apply", handle=apply, again=show, back="/configuration",
        scope=Scope.CONFIG_APPLY,
    ),
    Screen(
        method="GET", path="/configuration/applications/{id}", handle=show_application, scope=_READ
    ),
)  # fmt: skip

"""Refusals as RFC 9457 has them: a status, a code for programs, a sentence for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import get_args

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.api.operation import Answer
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.i18n.refusals import sentence_in

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[str, HTTPStatus] = {
    "request.bad": HTTPStatus.BAD_REQUEST,
    "request.no_json": HTTPStatus.BAD_REQUEST,
    "request.no_revision": HTTPStatus.BAD_REQUEST,
    "request.if_match": HTTPStatus.BAD_REQUEST,
    "idempotency.key": HTTPStatus.BAD_REQUEST,
    "signin.needed": HTTPStatus.UNAUTHORIZED,
    "signin.refused": HTTPStatus.UNAUTHORIZED,
    "signin.no_account": HTTPStatus.FORBIDDEN,
    "signin.code": HTTPStatus.UNAUTHORIZED,
    "session.not_fresh": HTTPStatus.FORBIDDEN,
    "token.invalid": HTTPStatus.UNAUTHORIZED,
    "key.invalid": HTTPStatus.UNAUTHORIZED,
    "session.over": HTTPStatus.UNAUTHORIZED,
    "scope.missing": HTTPStatus.FORBIDDEN,
    "scope.service": HTTPStatus.FORBIDDEN,
    "scope.every_service": HTTPStatus.FORBIDDEN,
    "token.by_token": HTTPStatus.FORBIDDEN,
    "account.by_token": HTTPStatus.FORBIDDEN,
    "account.needed": HTTPStatus.FORBIDDEN,
    "exclusion.own": HTTPStatus.FORBIDDEN,
    "credit.two_people": HTTPStatus.FORBIDDEN,
    "credit.ticket_code": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.ticket_required": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.ticket_unknown": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.ticket_of_other": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.of_other_client": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.reason_required": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.too_many": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.none_chosen": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.twice": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.which_revision": HTTPStatus.PRECONDITION_REQUIRED,
    "ruling.own": HTTPStatus.FORBIDDEN,
    "ruling.which_revision": HTTPStatus.PRECONDITION_REQUIRED,
    "session.in_person": HTTPStatus.FORBIDDEN,
    "second_factor.required": HTTPStatus.FORBIDDEN,
    "password.wrong": HTTPStatus.FORBIDDEN,
    "proof.wrong": HTTPStatus.FORBIDDEN,
    "request.unknown_path": HTTPStatus.NOT_FOUND,
    "events.gone": HTTPStatus.GONE,
    "request.method": HTTPStatus.METHOD_NOT_ALLOWED,
    "request.host": HTTPStatus.MISDIRECTED_REQUEST,
    "request.foreign": HTTPStatus.FORBIDDEN,
    "password.differs": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.no_service": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.number": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.no_spanish": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.time": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.no_such_time": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.choice": HTTPStatus.UNPROCESSABLE_ENTITY,
    "form.month": HTTPStatus.BAD_REQUEST,
    "form.day": HTTPStatus.BAD_REQUEST,
    "paper.no_library": HTTPStatus.NOT_IMPLEMENTED,
    "paper.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "request.too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "request.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request.media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "request.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency.reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "configuration.unchecked": HTTPStatus.UNPROCESSABLE_ENTITY,
    "contracts.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "applying.month": HTTPStatus.UNPROCESSABLE_ENTITY,
    "applying.file": HTTPStatus.UNPROCESSABLE_ENTITY,
    "credit.too_many_confirmed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "text.not_plain": HTTPStatus.UNPROCESSABLE_ENTITY,
    "text.empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "text.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.reserved": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.email": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.no_way_in": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.no_role": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.short": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.has_name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.repeats": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.same": HTTPStatus.UNPROCESSABLE_ENTITY,
    "second_factor.code": HTTPStatus.UNPROCESSABLE_ENTITY,
    "token.no_scope": HTTPStatus.UNPROCESSABLE_ENTITY,
    "token.beyond_owner": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.itself": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.split_nothing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.split_whole": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.not_yet": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.too_early": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.ends_before_start": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incident.end_without_resolution": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.no_components": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.ends_before_start": HTTPStatus.UNPROCESSABLE_ENTITY,
    "update.next_range": HTTPStatus.UNPROCESSABLE_ENTITY,
    "update.next_of_resolved": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.ends_no_later": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.overran": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.has_passed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.too_far_ahead": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.ends_before_start": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.not_over": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.cause": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.too_much_evidence": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.file_name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.file_hash": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.link": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.no_component": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.no_time": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.not_of_incident": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.which_component": HTTPStatus.UNPROCESSABLE_ENTITY,
    "exclusion.other_component": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.nothing_waits": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.causes": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.which_credits": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.too_many_named": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.assumed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.half_a_span": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ruling.month": HTTPStatus.UNPROCESSABLE_ENTITY,
    "oidc.away": HTTPStatus.SERVICE_UNAVAILABLE,
    "oidc.no_extra": HTTPStatus.SERVICE_UNAVAILABLE,
    "oidc.untrusted": HTTPStatus.BAD_GATEWAY,
    "oidc.not_signed_in": HTTPStatus.FORBIDDEN,
    "oidc.begin_again": HTTPStatus.BAD_REQUEST,
    "signin.wait": HTTPStatus.TOO_MANY_REQUESTS,
    "events.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "request.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "request.failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "probe.full": HTTPStatus.SERVICE_UNAVAILABLE,
    "probe.failed": HTTPStatus.SERVICE_UNAVAILABLE,
    "events.full": HTTPStatus.SERVICE_UNAVAILABLE,
    "events.slow": HTTPStatus.SERVICE_UNAVAILABLE,
    "events.closing": HTTPStatus.SERVICE_UNAVAILABLE,
    "request.busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "journal.away": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of the codes that are no matter of state; the others are 404, 412 or 409."""
_CHALLENGE = 'Bearer realm="estado"'
_LONGEST = 300
_MOST_ERRORS = 100
_MOST_BUILT = 1_000
"""Errors of a body of the largest size would take seconds, in which nothing else goes on: they are
built all or none."""
_LONGEST_NEAR = 64
"""Names that are longer are near none of ours."""
_MOST_LISTED = 1_000
"""Of a file's mistakes; all are counted."""
_LONGEST_GOT = 60
_TIME = "a time with offset such as 2026-12-01T02:00:00-03:00"
_HERE = {
    "incident.still_down": {
        "en": "; with although_down: true it is closed all the same",
        "es": "; con although_down: true se cierra igual",
    }
}
"""What helps over HTTP alone."""


def invalid(error: ValidationError, model: type[BaseModel], *, is_query: bool) -> Refused:
    """Every field that is not as it is wanted. A value is repeated only where a time or a boolean
    is wanted: others may be secrets."""
    count = error.error_count()
    if count > _MOST_BUILT:
        place = {"parameter": "*"} if is_query else {"pointer": "#"}
        errors = [{**place, "detail": f"{count} mistakes are too many to be listed"}]
    else:
        found = error.errors(include_url=False, include_context=False)
        errors = [_field(one, model, is_query=is_query) for one in found[:_MOST_ERRORS]]
    return Refused("request.invalid", count=count, errors=errors)


def is_no_json(error: ValidationError) -> bool:
    """It is the only error then."""
    return error.error_count() == 1 and error.errors(include_url=False)[0]["type"] == "json_invalid"


def status_of(refused: Refused) -> HTTPStatus:
    if refused.code in STATUS:
        return STATUS[refused.code]
    if isinstance(refused, NotFound):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.PRECONDITION_FAILED if isinstance(refused, Stale) else HTTPStatus.CONFLICT


def problem(refused: Refused, accepted: str, current: Answer | None = None) -> web.Response:
    """The answer. `accepted` is the request's Accept-Language; `current` is what a stale revision
    was of, as it is now."""
    status = status_of(refused)
    said, language = sentence_in(refused, language_of(accepted))
    body: dict[str, object] = {
        "type": f"urn:estado:problem:{refused.code}",
        "title": status.phrase,
        "status": int(status),
        "detail": said + _HERE.get(refused.code, {}).get(language, ""),
        "code": refused.code,
        "fields": {n: _plain(v) for n, v in refused.fields.items() if n != "errors"},
    }
    if isinstance(found := refused.fields.get("errors"), Sequence):
        body["errors"] = found[:_MOST_LISTED]
    if current is not None and current.document is not None:
        body["current"] = current.document.model_dump(mode="json")
    answer = web.Response(
        status=status,
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        content_type=MEDIA_TYPE,
        headers={"Content-Language": language, **_headers(refused, status)},
    )
    if current is not None and current.revision is not None:
        answer.headers["ETag"] = f'"{current.revision}"'
    return answer


def language_of(accepted: str) -> str:
    """Spanish or English, whichever an Accept-Language prefers; English where it says neither.

    >>> language_of("es-AR,es;q=0.9,en;q=0.5"), language_of("en, es;q=0.8"), language_of("")
    ('es', 'en', 'en')
    """
    weights = {"en": 0.0, "es": 0.0}
    for item in accepted.split(","):
        tag, _, weight = item.partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in weights:
            weights[name] = max(weights[name], _weight(weight))
    return "es" if weights["es"] > weights["en"] else "en"


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def _headers(refused: Refused, status: HTTPStatus) -> dict[str, str]:
    headers = retry_headers(refused)
    if status is HTTPStatus.UNAUTHORIZED:
        is_wrong = refused.code in ("token.invalid", "session.over", "key.invalid")
        headers["WWW-Authenticate"] = _CHALLENGE + (', error="invalid_token"' if is_wrong else "")
    if "allowed" in refused.fields:
        headers["Allow"] = str(refused.fields["allowed"])
    return headers


def retry_headers(refused: Refused) -> dict[str, str]:
    """When to come again, where that is known."""
    is_for_now = status_of(refused) in (
        HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT,
    )  # fmt: skip
    seconds = refused.fields.get("seconds")
    return {} if seconds is None or not is_for_now else {"Retry-After": str(seconds)}


def _field(error: ErrorDetails, model: type[BaseModel], *, is_query: bool) -> dict[str, str]:
    place = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
    where = {"parameter": place} if is_query else {"pointer": f"#/{place}" if place else "#"}
    said = _said(error, model, is_query=is_query)
    return {name: text[:_LONGEST] for name, text in {**where, "detail": said}.items()}


def _said(error: ErrorDetails, model: type[BaseModel], *, is_query: bool) -> str:
    """What is wanted and what was got."""
    kind = error["type"]
    if kind == "extra_forbidden":
        what = "parameter" if is_query else "field"
        return f"unknown {what}; {_instead(str(error['loc'][-1]), _known(model, error['loc']))}"
    if kind.startswith(("datetime", "timezone")):
        return f"want {_TIME}, got {_got(error['input'])}"
    if kind.startswith("bool"):
        return f"want true or false, got {_got(error['input'])}"
    return error["msg"]


def _instead(wanted: str, known: Sequence[str]) -> str:
    near = get_close_matches(wanted, known, n=1) if len(wanted) <= _LONGEST_NEAR else []
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(known)}" if known else "there is none"


def _known(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The fields of the object that a place is in."""
    for part in place[:-1]:
        field = model.model_fields.get(str(part))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        inner = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if not inner:
            return []
        model = inner[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _got(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value, ensure_ascii=False, default=str)[:_LONGEST_GOT]


def _plain(value: object) -> object:
    """What a sentence names, as JSON; texts of the request are short enough to be repeated."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

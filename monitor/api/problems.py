"""Refusals as RFC 9457 has them: a status, a code for programs, a sentence for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.api.operation import Answer
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.i18n.refusals import sentence_in

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[str, HTTPStatus] = {
    "request.bad": HTTPStatus.BAD_REQUEST,
    "request.no_json": HTTPStatus.BAD_REQUEST,
    "request.if_match": HTTPStatus.BAD_REQUEST,
    "idempotency.key": HTTPStatus.BAD_REQUEST,
    "signin.needed": HTTPStatus.UNAUTHORIZED,
    "signin.refused": HTTPStatus.UNAUTHORIZED,
    "token.invalid": HTTPStatus.UNAUTHORIZED,
    "session.over": HTTPStatus.UNAUTHORIZED,
    "scope.missing": HTTPStatus.FORBIDDEN,
    "scope.service": HTTPStatus.FORBIDDEN,
    "scope.every_service": HTTPStatus.FORBIDDEN,
    "token.by_token": HTTPStatus.FORBIDDEN,
    "request.unknown_path": HTTPStatus.NOT_FOUND,
    "request.method": HTTPStatus.METHOD_NOT_ALLOWED,
    "request.too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "request.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request.media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "request.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency.reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "text.empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "text.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "account.no_role": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.short": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "password.obvious": HTTPStatus.UNPROCESSABLE_ENTITY,
    "token.no_scope": HTTPStatus.UNPROCESSABLE_ENTITY,
    "token.beyond_owner": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.no_components": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.ends_before_start": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.has_passed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "maintenance.too_far_ahead": HTTPStatus.UNPROCESSABLE_ENTITY,
    "signin.wait": HTTPStatus.TOO_MANY_REQUESTS,
    "request.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "request.failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "request.busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "journal.away": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of the codes that are no matter of state; the others are 404, 412 or 409."""
_CHALLENGE = 'Bearer realm="estado"'
_LONGEST = 300
_MOST_ERRORS = 100


def invalid(error: ValidationError, *, is_query: bool) -> Refused:
    """Every field that is not as it is wanted, without the values, which may be secrets."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    errors = [_field(one, is_query=is_query) for one in found[:_MOST_ERRORS]]
    return Refused("request.invalid", count=len(found), errors=errors)


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
        "detail": said,
        "code": refused.code,
        "fields": {n: _plain(v) for n, v in refused.fields.items() if n != "errors"},
    }
    if "errors" in refused.fields:
        body["errors"] = refused.fields["errors"]
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
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        is_wrong = refused.code in ("token.invalid", "session.over")
        headers["WWW-Authenticate"] = _CHALLENGE + (', error="invalid_token"' if is_wrong else "")
    if "seconds" in refused.fields and status in (
        HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT,
    ):  # fmt: skip
        headers["Retry-After"] = str(refused.fields["seconds"])
    if "allowed" in refused.fields:
        headers["Allow"] = str(refused.fields["allowed"])
    return headers


def _field(error: ErrorDetails, *, is_query: bool) -> dict[str, str]:
    place = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
    where = {"parameter": place} if is_query else {"pointer": f"#/{place}" if place else "#"}
    return {name: text[:_LONGEST] for name, text in {**where, "detail": error["msg"]}.items()}


def _plain(value: object) -> object:
    """What a sentence names, as JSON; texts of the request are short enough to be repeated."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

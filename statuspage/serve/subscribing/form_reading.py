"""What a form of subscribers says: of a browser, as JSON, and of Statuspage's clients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.contact import EMAIL, TYPED, WEBHOOK, Contact
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.subscription import MOST_COMPONENTS, Severity, Wanted
from monitor.domain.subscriptions.wishes import Request
from monitor.i18n.ways import is_of_others, read_any_contact
from statuspage.serve.subscribing.filled_form import Filled, filled_form

_MOST_FIELDS = MOST_COMPONENTS + 10
_OF_JSON = {"kind", "address", "components", "incident", "severity"}
_OF_STATUSPAGE = {"email", "endpoint", "component_id", "incident", "incident_id"}


class BadHook(BadAddress):
    """No address of a webhook."""


def read_filled(body: bytes | None, *, is_json: bool, is_statuspages: bool) -> Filled | None:
    """What a form was sent with, in the page's own form or in that of
    `POST /api/v2/subscribers.json`; None where it is neither, or did not come."""
    if body is None:
        return None
    if not is_json and not is_statuspages:
        return filled_form(body)
    try:
        if is_statuspages:
            return _from_statuspage(_subscriber(_object(body)) if is_json else _in_brackets(body))
        return _from_json(_object(body))
    except ValueError:
        return None


def request_of(filled: Filled, locale: str) -> Request:
    """What it asks for. Raises BadAddress, BadHook, or ValueError where it is no form of ours."""
    wanted = Wanted(
        components=tuple(ComponentId(_slug(c)) for c in dict.fromkeys(filled.components)),
        incident=IncidentId(_slug(filled.incident)) if filled.incident else None,
        severity=Severity(filled.severity),
    )
    return Request(contact=_contact(filled), wanted=wanted, locale=locale)


def _contact(filled: Filled) -> Contact:
    """Raises BadAddress, BadHook, ValueError."""
    if filled.kind not in TYPED and not is_of_others(filled.kind):
        raise ValueError("no kind that people type an address of")
    try:
        return read_any_contact(filled.kind, filled.address)
    except BadAddress as error:
        if filled.kind == EMAIL:
            raise
        # What is wrong with an address of another distribution's kind, we have no words for.
        refused = BadHook if filled.kind in TYPED else ValueError
        raise refused(str(error)) from error


def _from_json(found: Mapping[str, object]) -> Filled:
    components = found.get("components", [])
    texts = {name: value for name, value in found.items() if name != "components"}
    if found.keys() - _OF_JSON or "address" not in found or not isinstance(components, list):
        raise ValueError("has what a form has not, or no address")
    if len(components) > MOST_COMPONENTS or not all(map(_is_text, components)):
        raise ValueError("components are names")
    return Filled(**_texts(texts), components=tuple(components))


def _from_statuspage(fields: Mapping[str, str]) -> Filled:
    """With an `endpoint` it is a webhook, whose mailbox is kept nowhere."""
    if fields.keys() - _OF_STATUSPAGE:
        raise ValueError("has what a subscriber has not")
    endpoint, component = fields.get("endpoint", ""), fields.get("component_id", "")
    return Filled(
        kind=WEBHOOK if endpoint else EMAIL,
        address=endpoint or fields.get("email", ""),
        components=(component,) if component else (),
        incident=fields.get("incident_id", "") or fields.get("incident", ""),
    )


def _subscriber(found: Mapping[str, object]) -> Mapping[str, str]:
    inner = found.get("subscriber")
    if found.keys() != {"subscriber"} or not isinstance(inner, dict):
        raise ValueError("wanted a subscriber")
    return _texts({name: value for name, value in inner.items() if value is not None})


def _in_brackets(body: bytes) -> Mapping[str, str]:
    """`subscriber[email]=ana@example.com`"""
    found: dict[str, str] = {}
    fields = parse_qs(body.decode("utf-8"), max_num_fields=_MOST_FIELDS, keep_blank_values=True)
    for name, values in fields.items():
        if not name.startswith("subscriber[") or not name.endswith("]") or len(values) != 1:
            raise ValueError("wanted fields of a subscriber")
        found[name.removeprefix("subscriber[").removesuffix("]")] = values[0]
    return found


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(found, dict):
        raise ValueError("wanted an object")
    return found


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    if not all(map(_is_text, fields.values())):
        raise ValueError("wanted texts")
    return {name: str(value) for name, value in fields.items()}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _slug(text: str) -> str:
    """An id of a component or an incident. Raises ValueError."""
    if not 0 < len(text) <= 64 or not text.isascii() or not text.isprintable():
        raise ValueError("no id")
    return text

"""Removes the faulty parts of a document. The rest is enough to find the faults that only show in
the whole document, so that a person gets all of them at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config.errors import Path
from monitor.config.schema.services import ConfigSchema

_ROUNDS = 8
_SECTIONS: dict[str, Any] = {
    "page": {"name": "?", "company": "?", "url": "http://localhost/"},
    "timezone": "UTC",
    "services": [],
}
_FIELDS: dict[str, Any] = {
    "id": "unnamed",
    "name": "?",
    "company": "?",
    "url": "http://localhost/",
    "channels": "?",
    "purpose": "?",
    "hours": "always",
    "guarantee": "1",
}
"""Substitutes for required fields, so that their owners can be checked. They are never shown."""


class _Gone:
    """Stands in the place of a list's item that was removed: the others keep their indexes."""


_GONE = _Gone()


@dataclass(frozen=True, slots=True)
class RecoveredSchema:
    """A shape that validates, and how its paths lead back to those of the document."""

    shape: ConfigSchema
    _remains: Any = None

    def original(self, path: Path) -> Path:
        here, found = self._remains, []
        for part in path:
            if isinstance(part, int) and isinstance(here, list):
                part = _nth_remaining(here, part)
            found.append(part)
            here = _child(here, part)
        return tuple(found)


def recovered_schema(value: Any) -> tuple[RecoveredSchema | None, list[ErrorDetails]]:
    """The shape of the whole document, or what can be recovered of it, with the errors of the
    whole; None where nothing can be recovered."""
    try:
        return RecoveredSchema(_validate(value)), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    return _recover(value, errors), errors


def _validate(value: Any) -> ConfigSchema:
    # JSON has the right strictness: no conversion from text to number or back, and a list may
    # still become a tuple.
    return ConfigSchema.model_validate_json(json.dumps(value))


def _recover(value: Any, errors: list[ErrorDetails]) -> RecoveredSchema | None:
    if not isinstance(value, dict):
        return None
    # Copied through JSON, so that what an alias repeats is not one object in two places.
    remains = json.loads(json.dumps(value))
    for _ in range(_ROUNDS):
        _remove(remains, errors)
        for key, substitute in _SECTIONS.items():
            remains.setdefault(key, deepcopy(substitute))
        try:
            return RecoveredSchema(_validate(_compact(remains)), remains)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return None


def _remove(remains: Any, errors: Iterable[ErrorDetails]) -> None:
    # All places are found before anything is removed: one removal must not renumber the next.
    places = [(error, _holder_and_key(remains, error["loc"])) for error in errors]
    for error, (holder, part) in ((error, place) for error, place in places if place):
        key = error["loc"][-1]
        owner = _child(holder, part)
        if error["type"] == "missing" and key in _FIELDS and isinstance(owner, dict):
            owner[str(key)] = _FIELDS[str(key)]
        elif isinstance(holder, list):
            holder[part] = _GONE
        else:
            holder.pop(part, None)


def _holder_and_key(here: Any, place: Path) -> tuple[Any, Any] | None:
    """The holder and key of the deepest part of the place that exists."""
    found: tuple[Any, Any] | None = None
    for part in place:
        if isinstance(part, int) and isinstance(here, list):
            part = _nth_remaining(here, part)
        child = _child(here, part)
        if child is _GONE:
            break
        found, here = (here, part), child
    return found


def _child(here: Any, part: str | int) -> Any:
    if isinstance(here, dict) and part in here:
        return here[part]
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return here[part]
    return _GONE


def _nth_remaining(items: list[Any], wanted: int) -> int:
    remaining = [index for index, item in enumerate(items) if item is not _GONE]
    return remaining[wanted] if wanted < len(remaining) else wanted


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _compact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_compact(item) for item in value if item is not _GONE]
    return value

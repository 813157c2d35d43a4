"""What is left of a document when its faulty parts are taken out: enough to find the faults that
only a look at the whole can find, so that a person hears of all of them at once."""

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
"""What stands in for a required field, so that its owner can be looked at: nobody will see it."""


class _Gone:
    """The place of a list's item that was taken out: the others keep their numbers."""


_GONE = _Gone()


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A shape that validates, and the way back from its paths to those of the document."""

    shape: ConfigSchema
    _remains: Any = None

    def original(self, path: Path) -> Path:
        here, found = self._remains, []
        for part in path:
            if isinstance(part, int) and isinstance(here, list):
                part = _nth_left(here, part)
            found.append(part)
            here = _below(here, part)
        return tuple(found)


def recovered_schema(value: Any) -> tuple[Salvaged | None, list[ErrorDetails]]:
    """The document's shape, whole, or what can be salvaged of it with the errors of the whole;
    None where nothing can."""
    try:
        return Salvaged(_validate(value)), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    return _salvage(value, errors), errors


def _validate(value: Any) -> ConfigSchema:
    # JSON's strictness is the right one: no guessing from text to number or back, and a list
    # may still become a tuple.
    return ConfigSchema.model_validate_json(json.dumps(value))


def _salvage(value: Any, errors: list[ErrorDetails]) -> Salvaged | None:
    if not isinstance(value, dict):
        return None
    # Through JSON, so that what an alias repeats is not one object in two places.
    remains = json.loads(json.dumps(value))
    for _ in range(_ROUNDS):
        _take_out(remains, errors)
        for key, stand_in in _SECTIONS.items():
            remains.setdefault(key, deepcopy(stand_in))
        try:
            return Salvaged(_validate(_compact(remains)), remains)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return None


def _take_out(remains: Any, errors: Iterable[ErrorDetails]) -> None:
    # All ways are found before anything goes: removing one must not renumber the next.
    ways = [(error, _way(remains, error["loc"])) for error in errors]
    for error, (holder, part) in ((error, way) for error, way in ways if way):
        key = error["loc"][-1]
        owner = _below(holder, part)
        if error["type"] == "missing" and key in _FIELDS and isinstance(owner, dict):
            owner[str(key)] = _FIELDS[str(key)]
        elif isinstance(holder, list):
            holder[part] = _GONE
        else:
            holder.pop(part, None)


def _way(here: Any, place: Path) -> tuple[Any, Any] | None:
    """The holder and key of the deepest part of the place that exists."""
    found: tuple[Any, Any] | None = None
    for part in place:
        if isinstance(part, int) and isinstance(here, list):
            part = _nth_left(here, part)
        below = _below(here, part)
        if below is _GONE:
            break
        found, here = (here, part), below
    return found


def _below(here: Any, part: str | int) -> Any:
    if isinstance(here, dict) and part in here:
        return here[part]
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return here[part]
    return _GONE


def _nth_left(items: list[Any], wanted: int) -> int:
    left = [index for index, item in enumerate(items) if item is not _GONE]
    return left[wanted] if wanted < len(left) else wanted


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _compact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_compact(item) for item in value if item is not _GONE]
    return value

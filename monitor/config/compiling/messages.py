"""Turns a validator's errors into our own messages: what is wanted, what was got, never a value
that may be a secret."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from monitor.config.errors import Fault, Path, Wanted, show

_WANTED = {
    "missing": "is required",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "set_type": "must be a list",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "dataclass_type": "must be a mapping",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "too_short": "must have at least {min_length} in it",
    "too_long": "must have at most {max_length} in it",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
}
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}


def faults_of(
    errors: Iterable[ErrorDetails], value: Any, known: Mapping[Path, Collection[str]], at: Path = ()
) -> list[Fault]:
    """One fault for each place: the branches of a union are joined by "or".

    `value` is what was validated. `known` are the keys that exist at each place where an unknown
    one stood. `at` is the place of the value in the document.
    """
    by_place: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_place.setdefault(_place(error, value), []).append(error)
    return [
        _fault((*at, *place), found, known.get(place[:-1], ())) for place, found in by_place.items()
    ]


def unknown(key: str, known: Collection[str], kind: str = "setting") -> str:
    """Says that there is no such key here, and which one may have been meant.

    >>> unknown("tiemout", ["timeout", "target"])
    'is no setting here; did you mean timeout?'
    """
    near = get_close_matches(key, list(known), n=1, cutoff=0.6)
    if near:
        return f"is no {kind} here; did you mean {near[0]}?"
    return f"is no {kind} here; there are: {', '.join(sorted(known)) or 'none'}"


def keys_at(schema: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """The keys that a JSON Schema knows at a path."""
    here = _resolve(schema, schema)
    for part in path:
        if isinstance(part, int):
            here = _resolve(schema, here.get("items", {}))
        else:
            here = _resolve(schema, here.get("properties", {}).get(part, {}))
    return tuple(here.get("properties", ()))


def _resolve(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follows references, and skips the null of what may be absent."""
    if "$ref" in part:
        return _resolve(schema, schema["$defs"][part["$ref"].rpartition("/")[2]])
    for branch in part.get("anyOf", ()):
        if "$ref" in branch or branch.get("type") in ("array", "object"):
            return _resolve(schema, branch)
    return part


def _place(error: ErrorDetails, value: Any) -> Path:
    """The error's place without the parts that the validator adds, such as a union's branches."""
    place: Path = ()
    for part in error["loc"]:
        is_here = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if not is_here:
            return (*place, part) if error["type"] == "missing" else place
        value = value[part]
        place = (*place, part)
    return place


def _fault(place: Path, errors: Sequence[ErrorDetails], known: Collection[str]) -> Fault:
    first = errors[0]
    if first["type"] in _UNKNOWN:
        return Fault(path=place, wanted=unknown(str(place[-1]), known))
    wanted = " or ".join(dict.fromkeys(map(_wanted, errors))).replace(" or must be ", " or ")
    return Fault(path=place, wanted=wanted, got=_got(first))


def _got(error: ErrorDetails) -> str:
    """Empty where the specification's own message shows the value, or deliberately does not."""
    reason = _reason(error)
    if isinstance(reason, Wanted):
        return show(error["input"]) if reason.got is None else reason.got
    return "" if error["type"] == "missing" or reason else show(error["input"])


def _wanted(error: ErrorDetails) -> str:
    reason = _reason(error)
    if reason is not None:
        return str(reason)
    words = _WANTED.get(error["type"])
    if words is None:
        return error["msg"][:1].lower() + error["msg"][1:]
    return words.format(**error.get("ctx", {})).replace("'", "")


def _reason(error: ErrorDetails) -> ValueError | AssertionError | None:
    """What a reader raised, either ours or a specification's."""
    reason = error.get("ctx", {}).get("error")
    return reason if isinstance(reason, ValueError | AssertionError) else None

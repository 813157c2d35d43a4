"""Settings of a kind from the command line: `--set key=value`, checked as the configuration is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from monitor.domain.secret import Secret
from probes._kind import ProbeKind

TIMEOUT = "timeout"


class BadSettings(Exception):
    """Everything that is wrong with what was typed, a line each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def read_specification(kind: ProbeKind, target: str, settings: Iterable[str]) -> Any:
    """The specification of a target with `key=value` settings on top. Raises BadSettings."""
    try:
        given = dict(kind.from_target(target))
    except ValueError as error:
        raise BadSettings([f"target: {error}"]) from error
    errors: list[str] = []
    for text in settings:
        try:
            _place(kind, given, text)
        except ValueError as error:
            errors.append(str(error))
    if errors:
        raise BadSettings(errors)
    try:
        return TypeAdapter(kind.spec).validate_python(given)
    except ValidationError as refused:
        raise BadSettings(_line(error) for error in refused.errors(include_url=False)) from refused


def describe(kind: ProbeKind) -> list[tuple[str, str, str]]:
    """Each setting of a kind with its default and its description."""
    return [
        (f.name, _default(f), str(f.metadata.get("description", ""))) for f in fields(kind.spec)
    ]


def take_timeout(settings: list[str]) -> tuple[float | None, list[str]]:
    """`timeout` belongs to the check run and not to the kind. Raises BadSettings."""
    rest = [text for text in settings if text.partition("=")[0].strip() != TIMEOUT]
    given = [text.partition("=")[2] for text in settings if text not in rest]
    if not given:
        return None, rest
    try:
        seconds = float(given[-1].strip().removesuffix("s"))
    except ValueError as error:
        raise BadSettings([f"timeout: want seconds, got {given[-1]!r}"]) from error
    return seconds, rest


def _place(kind: ProbeKind, given: dict[str, Any], text: str) -> None:
    """Put one setting where it belongs; `headers.X-Name=value` reaches into a mapping."""
    key, separator, value = text.partition("=")
    if not separator:
        raise ValueError(f"want key=value, got {text!r}")
    hints = _hints(kind)
    name, _, inside = key.strip().partition(".")
    if name not in hints:
        raise ValueError(_unknown(name, [*hints, TIMEOUT], kind.name))
    is_mapping = _is(hints[name], Mapping)
    if is_mapping != bool(inside):
        wanted = f"{name}.NAME=value" if is_mapping else f"{name}=value"
        raise ValueError(f"want {wanted}, got {text!r}")
    if is_mapping:
        given[name] = {**given.get(name, {}), inside: _scalar(hints[name], value)}
    elif _is(hints[name], tuple):
        given[name] = _parts(value)
    else:
        given[name] = value


def _parts(value: str) -> tuple[Any, ...]:
    """Several values: with commas between them, or as a JSON list, where one holds a comma.

    >>> _parts("a, b"), _parts('["v=DMARC1; rua=mailto:a@b.test,mailto:c@b.test"]')
    (('a', 'b'), ('v=DMARC1; rua=mailto:a@b.test,mailto:c@b.test',))
    """
    if value.lstrip().startswith("["):
        with suppress(ValueError):
            return tuple(json.loads(value))
    return tuple(part.strip() for part in value.split(","))


def _scalar(hint: Any, value: str) -> Any:
    """A value inside a mapping: JSON where the mapping takes any of it, else text."""
    if get_args(hint)[1] in (str, Secret):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _hints(kind: ProbeKind) -> Mapping[str, Any]:
    hints = get_type_hints(kind.spec)
    return {field.name: hints[field.name] for field in fields(kind.spec)}


def _is(hint: Any, wanted: type) -> bool:
    """Whether a type, or an arm of a union such as `tuple[str, ...] | None`, is a collection."""
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return any(isinstance(o := get_origin(arm), type) and issubclass(o, wanted) for arm in arms)


def _unknown(name: str, known: list[str], kind: str) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else f"; see estado probe {kind} --help"
    return f"{kind} has no setting {name!r}{hint}"


def _line(error: Any) -> str:
    """One of the validator's findings, without the value: it may be a secret's."""
    where = ".".join(str(step) for step in error["loc"])
    what = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _default(field: Field[Any]) -> str:
    if field.default_factory is not MISSING:
        return ""
    if field.default is MISSING:
        return "required"
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

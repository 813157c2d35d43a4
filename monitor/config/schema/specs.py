"""Settings of probes and notifiers: validated into the specification that their kind declares."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, get_args, get_type_hints

from pydantic import JsonValue, TypeAdapter, ValidationError

from monitor.config.compiling.messages import faults_of, unknown
from monitor.config.errors import Fault, Path
from monitor.config.registries import KindOfProbe
from monitor.domain.secret import Secret

_CREDENTIALS = re.compile(r"://[^/?#\s@]*:[^/?#\s@]*@")
_BESIDE = frozenset(
    {"interval", "timeout", "slow", "usual", "host", "connectivity_check", "gate", "affects"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What reads one kind of specification; made once for each."""

    adapter: TypeAdapter[Any]
    names: frozenset[str]
    secrets: frozenset[str]
    choices: frozenset[str]

    @classmethod
    def of(cls, spec: type[Any]) -> _Reader:
        if spec not in _READERS:
            _READERS[spec] = cls(
                adapter=_adapter(spec),
                names=frozenset(field.name for field in fields(spec)),
                secrets=_fields_of(spec, Secret),
                choices=_fields_of(spec, Enum),
            )
        return _READERS[spec]


_READERS: dict[type[Any], _Reader] = {}


def settings_schema_of(spec: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a specification."""
    return _Reader.of(spec).adapter.json_schema()


def _adapter(spec: type[Any]) -> TypeAdapter[Any]:
    made = TypeAdapter(spec)
    if not made.pydantic_complete:
        # The domain's recursive `Json` is pydantic's JsonValue.
        made.rebuild(_types_namespace={"Json": JsonValue})
    return made


def read_check_spec(
    name: str, kind: KindOfProbe, target: str, settings: Mapping[str, Any], at: Path
) -> tuple[object, list[Fault]]:
    """The specification of a check at `at`, or what is wrong with its target and settings."""
    if has_credentials(target):
        return None, [Fault(path=(*at, "target"), wanted=_NO_CREDENTIALS)]
    try:
        given = dict(kind.from_target(target))
    except ValueError as error:
        return None, [Fault(path=(*at, "target"), wanted=f"is no target of {name}: {error}")]
    return _read(name, kind.spec, given, settings, at)


def read_settings(
    name: str, spec: type[Any], settings: Mapping[str, Any], at: Path
) -> tuple[object, list[Fault]]:
    """The specification of an alert's target, or of the store."""
    return _read(name, spec, {}, settings, at)


_NO_CREDENTIALS = "must hold no user and password: give them as settings, by reference"


def has_credentials(text: str) -> bool:
    """
    >>> has_credentials("https://user:secret@host/"), has_credentials("https://host/a:b@c")
    (True, False)
    """
    return _CREDENTIALS.search(text) is not None


def _read(
    name: str, spec: type[Any], given: Mapping[str, Any], settings: Mapping[str, Any], at: Path
) -> tuple[object, list[Fault]]:
    at = (*at, "settings")
    reader = _Reader.of(spec)
    faults = [
        Fault(path=(*at, key), wanted=_unknown(name, key, reader.names))
        for key in settings
        if key not in reader.names
    ]
    faults += _literal_secrets(settings, at)
    known = {key: value for key, value in settings.items() if key in reader.names}
    values = {**given, **_words_for_choices(known, reader.choices)}
    try:
        return reader.adapter.validate_json(json.dumps(values), strict=True), faults
    except ValidationError as error:
        found = faults_of(error.errors(include_url=False), values, {}, at)
    return None, faults + [
        _without_value(f) if reader.secrets & {*f.path[len(at) :]} else f for f in found
    ]


def _without_value(fault: Fault) -> Fault:
    """The fault without the value that was got, which may be the secret itself."""
    return replace(fault, got="")


def _unknown(kind: str, key: str, names: frozenset[str]) -> str:
    if key in _BESIDE:
        return f"belongs to the check itself, beside settings, not to {kind}"
    return unknown(key, names, f"setting of {kind}")


def _literal_secrets(value: Any, at: Path) -> list[Fault]:
    if isinstance(value, str) and has_credentials(value):
        return [Fault(path=at, wanted=_NO_CREDENTIALS)]
    if isinstance(value, Mapping):
        return [f for key, item in value.items() for f in _literal_secrets(item, (*at, key))]
    if isinstance(value, list):
        return [f for i, item in enumerate(value) for f in _literal_secrets(item, (*at, i))]
    return []


def _words_for_choices(settings: Mapping[str, Any], choices: frozenset[str]) -> dict[str, Any]:
    """`family: 4` is a word that looks like a number."""
    return {
        key: str(value) if key in choices and type(value) is int else value
        for key, value in settings.items()
    }


def _fields_of(spec: type[Any], wanted: type) -> frozenset[str]:
    """The fields whose type contains the wanted class or a subclass of it."""
    # Only classes matter here, so that a recursive alias may resolve to anything.
    hints = get_type_hints(spec, localns={"Json": object})
    return frozenset(name for name, hint in hints.items() if _contains(wanted, hint))


def _contains(wanted: type, hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, wanted):
        return True
    return any(_contains(wanted, part) for part in get_args(hint))

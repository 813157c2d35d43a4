"""The configuration's JSON Schema, for editors: with the settings of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.config.older_keys import OLDER_KEYS
from monitor.config.registries import KindWithSettings, Registries
from monitor.config.schema.services import ConfigSchema
from monitor.config.schema.specs import settings_schema_of
from monitor.config.schema.values import write_duration
from monitor.registry import usable

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def json_schema(registries: Registries) -> Schema:
    """Everything that `config check` accepts by its form. References and contradictions between
    numbers are tested only by `config check` itself."""
    schema = _tidied(ConfigSchema.model_json_schema())
    definitions = schema["$defs"]
    definitions["TermsSchema"]["properties"]["policy"]["enum"] = list(registries.policy_names)
    _branch(schema, "CheckSchema", "probe", registries.probes, given_by_target=True)
    _branch(schema, "TargetSchema", "kind", registries.notifiers, given_by_target=False)
    _branch(schema, "StoreSchema", "kind", registries.stores, given_by_target=False)
    _branch(schema, "BillingSchema", "kind", registries.panels, given_by_target=False)
    _add_older_keys(definitions)
    return {"$schema": _DIALECT, "title": "Estado: services.yaml", **schema}


def _add_older_keys(definitions: Mapping[str, Schema]) -> None:
    for definition in definitions.values():
        properties = definition.get("properties", {})
        for one in OLDER_KEYS:
            if one.key in properties:
                properties[one.older] = {
                    **properties[one.key],
                    "description": f"Older name of `{one.key}`.",
                    "deprecated": True,
                }


def settings_schema(kind: KindWithSettings) -> Schema:
    """The JSON Schema of one kind's settings; `required` lists those that the kind needs."""
    schema = _tidied(settings_schema_of(kind.spec))
    # The docstring of a class is for programmers.
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("description", None)
    return schema


def _branch(
    schema: Schema,
    holder: str,
    key: str,
    kinds: Mapping[str, KindWithSettings],
    *,
    given_by_target: bool,
) -> None:
    """Make the schema of `settings` depend on the value of `key`, the kind."""
    definition = schema["$defs"][holder]
    definition["properties"][key]["enum"] = list(usable(kinds))
    definition["properties"]["settings"] = {
        "type": "object",
        "description": definition["properties"]["settings"]["description"],
    }
    definition["allOf"] = []
    for name, kind in usable(kinds).items():
        settings = settings_schema(kind)
        for inner, definition_of_inner in settings.pop("$defs", {}).items():
            schema["$defs"].setdefault(inner, definition_of_inner)
        if given_by_target:
            # Only the kind knows which of them the target gives.
            settings.pop("required", None)
        schema["$defs"][f"settings of {name}"] = settings
        definition["allOf"].append(
            {
                "if": {"properties": {key: {"const": name}}, "required": [key]},
                "then": {"properties": {"settings": {"$ref": f"#/$defs/settings of {name}"}}},
            }
        )


def _tidied(schema: Schema) -> Schema:
    return dict(_tidy(schema))


def _tidy(part: Any) -> Any:
    """Without titles that repeat the key, empty texts and nulls; durations as they are written."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("x-written") == "secret":
        return {**part, **_secret(part)}
    tidy = {
        key: {name: _tidy(item) for name, item in value.items()}
        if key in ("properties", "$defs")
        else _tidy(value)
        for key, value in part.items()
        if not (key == "title" or (key == "description" and value == ""))
    }
    return _with_default(_without_null(tidy))


def _without_null(part: Schema) -> Schema:
    branches = [b for b in part.get("anyOf", ()) if b != {"type": "null"}]
    if len(branches) == len(part.get("anyOf", ())):
        return part
    rest = {k: v for k, v in part.items() if k != "anyOf" and not (k == "default" and v is None)}
    return {**branches[0], **rest} if len(branches) == 1 else {"anyOf": branches, **rest}


def _with_default(part: Schema) -> Schema:
    default, written = part.get("default"), str(part.get("x-written", ""))
    if not isinstance(default, int) or not written.startswith("duration"):
        return part
    milliseconds = default if written == "duration in ms" else default * 1000
    return {**part, "default": write_duration(milliseconds)}


def _secret(part: Schema) -> Schema:
    """A secret is written as text, or as a mapping that names a file."""
    path = {"type": "string", "minLength": 1}
    file = {
        "type": "object",
        "properties": {"file": path},
        "required": ["file"],
        "additionalProperties": False,
    }
    text = {key: value for key, value in part.items() if key != "x-written"}
    return {"anyOf": [text, file], "type": ["string", "object"]}

"""The reference of every setting as Markdown, made from the schema alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.json_schema import Schema, json_schema, settings_schema
from monitor.config.registries import KindWithSettings, Registries
from monitor.registry import usable

_HEAD = "| Setting | What | Value | Default |\n|---|---|---|---|"


def reference(registries: Registries) -> str:
    """Tables of settings: the sections of the file, then what each kind adds under `settings`."""
    schema = json_schema(registries)
    lines = ["## Every setting", "", *_table(schema, schema)]
    for key, part in schema["properties"].items():
        lines += _section(schema, key, part, 3)
    lines += _kinds("Settings of a probe", registries.probes, required="from the target")
    lines += _kinds("Settings of a notifier", registries.notifiers, required="required")
    lines += _kinds("Settings of a store", registries.stores, required="required")
    lines += _kinds("Settings of a billing panel", registries.panels, required="required")
    return "\n".join(lines) + "\n"


def _section(schema: Schema, path: str, part: Schema, depth: int) -> Iterator[str]:
    """A heading and a table for a mapping, then those of the mappings inside it."""
    is_list = part.get("type") == "array"
    here = _definition(schema, part["items"] if is_list else part)
    if "properties" not in here:
        return
    path = f"{path}[]" if is_list else path
    yield from ("", f"{'#' * min(depth, 5)} `{path}`", "")
    if here.get("description"):
        yield from (here["description"], "")
    yield from _table(schema, here)
    for key, inner in _present(here):
        if key != "settings" and not _is_written(inner):
            yield from _section(schema, f"{path}.{key}", inner, depth + 1)


def _kinds(title: str, kinds: Mapping[str, KindWithSettings], *, required: str) -> Iterator[str]:
    yield from ("", f"## {title}")
    for name, kind in usable(kinds).items():
        schema = settings_schema(kind)
        yield from ("", f"### `{name}`", "", *_table(schema, schema, required))


def _table(schema: Schema, part: Schema, required: str = "required") -> Iterator[str]:
    yield _HEAD
    for key, setting in _present(part):
        default = required if key in part.get("required", ()) else _default(setting)
        if part is not schema and key in _inherited(schema, part):
            default = "see `defaults`"
        description = setting.get("description") or _definition(schema, setting).get(
            "description", ""
        )
        cells = (f"`{key}`", description, _value(schema, setting), default)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _present(part: Schema) -> list[tuple[str, Schema]]:
    """The settings by their present names; each says its older one."""
    return [
        (k, setting) for k, setting in part["properties"].items() if "deprecated" not in setting
    ]


def _inherited(schema: Schema, part: Schema) -> frozenset[str]:
    """The settings that a check takes from the defaults where it does not set its own."""
    definitions = schema.get("$defs", {})
    if part != definitions.get("CheckSchema"):
        return frozenset()
    return frozenset(definitions["DefaultsSchema"]["properties"])


def _default(setting: Schema) -> str:
    if setting.get("default") is None:
        return "none"
    default = setting["default"]
    if isinstance(default, dict):
        return "as below" if default else "empty"
    if default == []:
        return "empty"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _value(schema: Schema, setting: Schema) -> str:
    """What values a setting takes, in a word or two."""
    if _is_written(setting):
        return str(setting["x-written"]).removesuffix(" in ms")
    here = _definition(schema, setting)
    if _is_written(here):
        return str(here["x-written"])
    if "enum" in here or "const" in here:
        return ", ".join(f"`{choice}`" for choice in here.get("enum", [here.get("const")]))
    if "anyOf" in here:
        return " or ".join(dict.fromkeys(_value(schema, branch) for branch in here["anyOf"]))
    kind = here.get("type", "any")
    if kind == "array":
        items = here.get("items", {})
        is_own_table = "$ref" in items and "enum" not in _definition(schema, items)
        return "list" if is_own_table else f"list of {_value(schema, items)}"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(kind, "mapping" if kind == "object" else str(kind))


def _definition(schema: Schema, part: Schema) -> Schema:
    if "$ref" not in part:
        return part
    found: Any = schema.get("$defs", {}).get(part["$ref"].rpartition("/")[2], {})
    return dict(found)


def _is_written(part: Schema) -> bool:
    return "x-written" in part


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

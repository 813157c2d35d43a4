"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from monitor.api.operation import ROOT, Operation
from monitor.api.problems import MEDIA_TYPE
from monitor.api.requests.request import MEDIA_STREAM

_TEMPLATE = "#/components/schemas/{model}"
_JSON = "application/json"
_ENTITY_TAG = r'^(\*|(W/)?"\d{1,18}")$'
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is for programs; it and `fields` do not change.",
    "required": ["type", "title", "status", "detail", "code", "fields"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "fields": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "line": {"type": "integer"},
                    "column": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "current": {"description": "With 412: what it is now.", "type": "object"},
    },
}


def openapi_document(operations: Sequence[Operation], public_url: str | None) -> bytes:
    """The document as JSON; `public_url` is where clients find the API, if that is known."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Estado del Servicio",
            "version": "1",
            "description": "State, incidents, billing, configuration, accounts, audit log.",
        },
        "servers": [{"url": f"{public_url or ''}{ROOT}"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM, **_schemas(operations)},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token (estado_…), or the key of a session.",
                }
            },
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _operation(operation: Operation) -> dict[str, Any]:
    scopes = [] if operation.scope is None else [str(operation.scope)]
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1].partition(".")[0]],
        "security": [{"bearer": scopes}] if operation.needs_sign_in else [],
        "parameters": [*_path(operation), *_query(operation), *_headers(operation)],
        "responses": {
            str(operation.status): _answer(operation),
            "default": {
                "description": "A problem.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": _TEMPLATE.format(model="Problem")}}},
            },
        },
    }
    if operation.body is not None:
        is_needed = any(f.is_required() for f in operation.body.model_fields.values())
        found["requestBody"] = {
            "required": is_needed,
            "content": {_JSON: {"schema": _reference(operation.body)}},
        }
    if operation.upload is not None:
        content = {operation.upload.media_type: {"schema": {"type": "string"}}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _answer(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.file_type is not None:
        answer["content"] = {operation.file_type: {"schema": {"type": "string"}}}
    elif operation.answer is not None:
        answer["content"] = {_JSON: {"schema": _reference(operation.answer)}}
    elif operation.status != HTTPStatus.NO_CONTENT:
        answer["content"] = {_JSON: {"schema": {"type": "object"}}}
    if operation.streams:
        answer["content"][MEDIA_STREAM] = {"schema": {"type": "string"}}
    if operation.has_csv:
        answer["content"]["text/csv"] = {"schema": {"type": "string"}}
    if operation.has_revision:
        answer["headers"] = {
            "ETag": {"schema": {"type": "string"}, "description": "The revision, in quotes."}
        }
    return answer


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in operation.path_names
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(ref_template=_TEMPLATE)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": {key: value for key, value in found.items() if key != "title"},
        }
        for name, found in schema["properties"].items()
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    names: list[tuple[str, str, Mapping[str, Any]]] = []
    if operation.current is not None:
        said = "The entity tag that was seen; 412 where it has changed since."
        names.append(("If-Match", said, {"pattern": _ENTITY_TAG}))
    if operation.streams:
        names.append(("Last-Event-ID", "Of a stream: the event behind which it goes on.", {}))
    if operation.creates:
        said = "The same key and body create once, within 24 h."
        names.append(("Idempotency-Key", said, {"pattern": r"^[\x21-\x7e]+$", "maxLength": 200}))
    return [
        {"name": name, "in": "header", "description": said, "schema": {"type": "string", **bounds}}
        for name, said, bounds in names
    ]


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    bodies = {o.body for o in operations if o.body is not None}
    answers = {o.answer for o in operations if o.answer is not None}
    ordered: list[tuple[type[BaseModel], Any]] = [
        *((model, "validation") for model in sorted(bodies, key=lambda m: m.__name__)),
        *((model, "serialization") for model in sorted(answers, key=lambda m: m.__name__)),
    ]
    _, found = models_json_schema(ordered, ref_template=_TEMPLATE)
    schemas: dict[str, Any] = found.get("$defs", {})
    _close(schemas)
    return schemas


def _close(schema: Any) -> None:
    """Where only names of a pattern are taken, no others are: pydantic leaves that open."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(model=model.__name__)}

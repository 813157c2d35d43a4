"""A compiled catalogue as JSON, whole, and back: what the journal stores of each revision next to
its text, for a later version may refuse a text that this one compiled.

Secrets stay references.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.catalogue import Alerting, AlertTarget, Billing, Catalogue, Check, Route, Store
from monitor.runtime.frozen_json import dataclass_from_json, from_json, to_json


class FormUnreadable(Exception):
    """The form is not one that this program reads; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specs:
    """The types of specifications by kind: each belongs to its kind and is opaque elsewhere."""

    probes: Mapping[str, type[Any]]
    notifiers: Mapping[str, type[Any]]
    stores: Mapping[str, type[Any]]
    panels: Mapping[str, type[Any]]


def form_of(catalogue: Catalogue) -> str:
    return json.dumps(to_json(catalogue), ensure_ascii=False, separators=(",", ":"))


@contextmanager
def unreadable_as_refusal() -> Iterator[None]:
    """What JSON that does not fit raises, as FormUnreadable."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FormUnreadable(f"{type(error).__name__}: {error}") from error


def catalogue_from(raw: dict[str, Any], specs: Specs) -> Catalogue:
    """A catalogue of everything but its checks. Raises what JSON that does not fit raises."""
    given = {
        "alerting": _alerting(raw.pop("alerting", {}), specs.notifiers),
        "store": _with_spec(Store, raw.pop("store", {}), specs.stores),
        "billing": _with_spec(Billing, raw.pop("billing", {}), specs.panels),
    }
    catalogue: Catalogue = dataclass_from_json(Catalogue, raw, **given)
    return catalogue


def check_of(raw: dict[str, Any], specs: Mapping[str, type[Any]]) -> Check:
    check: Check = _with_spec(Check, raw, specs)
    return check


def _alerting(raw: dict[str, Any], specs: Mapping[str, type[Any]]) -> Alerting:
    routes = {
        name: tuple(_route(route, specs) for route in raw.pop(name, ()))
        for name in ("routes", "billing_routes")
    }
    alerting: Alerting = dataclass_from_json(Alerting, raw, **routes)
    return alerting


def _route(raw: dict[str, Any], specs: Mapping[str, type[Any]]) -> Route:
    targets = tuple(_with_spec(AlertTarget, target, specs) for target in raw.pop("targets"))
    route: Route = dataclass_from_json(Route, raw, targets=targets)
    return route


def _with_spec(kind: Any, raw: dict[str, Any], specs: Mapping[str, type[Any]]) -> Any:
    """A value of a kind: its fields, and its specification."""
    spec = raw.pop("spec", None)
    if spec is None:
        return dataclass_from_json(kind, raw, spec=spec)
    made = dataclass_from_json(kind, raw, spec=None)
    try:
        known = specs[made.kind]
    except LookupError:
        # Of a plugin that is gone or broken: its settings are kept for when it is back.
        return replace(made, spec=spec)
    return replace(made, spec=from_json(known, spec))

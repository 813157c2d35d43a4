"""What one compiled catalogue changes in another, as JSON, and back.

Of thousands of checks an edit changes a few. So the configurations of years are read in the time of
one, and each is made of the very parts of the one before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from monitor.catalogues.form import Specs, catalogue_from, check_of, unreadable_as_refusal
from monitor.domain.catalogue import Catalogue, Component
from monitor.runtime.frozen_json import dataclass_from_json

_P = TypeVar("_P")
Raw = Mapping[str, Any]
_PARTS = ("components", "checks")


def delta_between(before: Raw, after: Raw) -> str:
    """The delta from one form, as JSON has it, to another; from an empty one, all of it.

    Components and checks are a list of pieces, in order: `[start, end]` is a range of those before,
    an object is a new one. The rest is written whole where any of it differs.
    """
    delta: dict[str, Any] = {
        name: list(_pieces(before.get(name, ()), after.get(name, ()))) for name in _PARTS
    }
    if not before or _rest(before) != _rest(after):
        delta["rest"] = _rest(after)
    return json.dumps(delta, ensure_ascii=False, separators=(",", ":"))


def apply_delta(delta: str, before: Catalogue | None, specs: Specs) -> Catalogue:
    """The catalogue that a delta leads to. Raises FormUnreadable."""
    with unreadable_as_refusal():
        raw = json.loads(delta)
        started = catalogue_from(raw["rest"], specs) if "rest" in raw else before
        if started is None:
            raise ValueError("it changes a catalogue that is not there")
        components: tuple[Component, ...] = _replayed(
            raw["components"],
            before.components if before else (),
            partial(dataclass_from_json, Component),
        )
        checks = _replayed(
            raw["checks"],
            before.checks if before else (),
            lambda check: check_of(check, specs.probes),
        )
        return replace(started, components=components, checks=checks)


def ranges(places: Sequence[int]) -> Iterator[list[int]]:
    """Ranges of places that follow each other, as `[start, end]`."""
    start = 0
    for at in range(1, len(places) + 1):
        if at == len(places) or places[at] != places[at - 1] + 1:
            yield [places[start], places[at - 1] + 1]
            start = at


def parts_in(span: Any, parts: Sequence[_P]) -> Sequence[_P]:
    """The parts of a range. Raises ValueError where there are none such."""
    start, end = span
    if not 0 <= start < end <= len(parts):
        raise ValueError(f"parts {start} to {end} of {len(parts)}")
    return parts[start:end]


def _rest(raw: Raw) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in _PARTS}


def _pieces(before: Sequence[Raw], after: Sequence[Raw]) -> Iterator[Raw | list[int]]:
    known = {part["id"]: at for at, part in enumerate(before)}
    same: list[int] = []
    for part in after:
        at = known.get(part["id"])
        if at is not None and before[at] == part:
            same.append(at)
            continue
        yield from ranges(same)
        same = []
        yield part
    yield from ranges(same)


def _replayed(pieces: Any, before: tuple[_P, ...], build: Callable[[Any], _P]) -> tuple[_P, ...]:
    """The parts that the pieces describe; `before` itself where nothing differs."""
    if pieces == [[0, len(before)]]:
        return before
    out: list[_P] = []
    for piece in pieces:
        if isinstance(piece, list):
            out += parts_in(piece, before)
        else:
            out.append(build(piece))
    return tuple(out)

"""A few rows of an issued report, found in its text without reading all of it.

A month with ten thousand credits is 35 MB of JSON: to read it takes half a second, to find three of
its rows in it some hundredths. What is stored is canonical: keys are sorted, there is no space, and
in no string stands a quote that is not escaped, so that a key with its value is found as it stands.
What does not look like that is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder
from typing import Any

_COMPONENTS, _CREDITS, _EVIDENCE = '"components":[', '"credits":[', '"evidence":{'
_AFTER_CREDITS, _TAIL = '],"default_terms":', '"period":"'
_DECODER = JSONDecoder()
Document = Mapping[str, Any]


class _Unlike(Exception):
    """The text is not written as reports are."""


@dataclass(frozen=True)
class IssuedBody:
    """The body of an issued report, as it is stored."""

    text: str

    def about(self, key: str, value: str) -> dict[str, Any]:
        """Period, zone, window and components, and those of the credits alone whose `key` is that
        value, in the report's order, with what they rest on."""
        try:
            return self._found(key, value)
        except (_Unlike, ValueError, KeyError, TypeError):
            return _narrowed(self._whole, lambda row: row[key] == value)

    @cached_property
    def window(self) -> Document:
        """The month that it is about."""
        try:
            found: Document = self._tail()["window"]
        except (_Unlike, ValueError, KeyError):
            found = self._whole["window"]
        return found

    def has_evidence(self, hashed: str) -> bool:
        try:
            return self._place_of(hashed, self._place(_EVIDENCE)) >= 0
        except _Unlike:
            return hashed in self._whole["evidence"]

    @cached_property
    def _whole(self) -> Document:
        found: Document = json.loads(self.text)
        return found

    def _found(self, key: str, value: str) -> dict[str, Any]:
        rows = list(self._rows(key, value))
        components = self._value(self._place(_COMPONENTS) + len(_COMPONENTS) - 1)
        return {
            "components": components,
            "credits": rows,
            "evidence": dict(self._evidence({row["evidence_hash"] for row in rows})),
            **self._tail(),
        }

    def _rows(self, key: str, value: str) -> Iterator[Document]:
        start = self._place(_CREDITS) + len(_CREDITS)
        end = self.text.find(_AFTER_CREDITS, start)
        if end < 0:
            raise _Unlike
        # Every row begins with the first of its keys.
        marker = self.text[start : self.text.find(":", start) + 1]
        wanted = f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False)}"
        at = self.text.find(wanted, start, end)
        while at >= 0:
            row, after = _DECODER.raw_decode(self.text, self._last(marker, start, at))
            if after <= at or row[key] != value:
                raise _Unlike
            yield row
            at = self.text.find(wanted, after, end)

    def _last(self, marker: str, start: int, end: int) -> int:
        found = self.text.rfind(marker, start, end)
        if found < 0:
            raise _Unlike
        return found

    def _evidence(self, wanted: Collection[str]) -> Iterator[tuple[str, Any]]:
        start = self._place(_EVIDENCE)
        for hashed in sorted(wanted):
            at = self._place_of(hashed, start)
            if at >= 0:
                yield hashed, self._value(at)

    def _place_of(self, hashed: str, start: int) -> int:
        """Where the evidence with that hash stands; negative where it stands nowhere."""
        name = f"{json.dumps(hashed, ensure_ascii=False)}:"
        found = self.text.find(name, start)
        return found if found < 0 else found + len(name)

    def _tail(self) -> dict[str, Any]:
        """From `period` on: a few short values."""
        found: dict[str, Any] = json.loads("{" + self.text[self._last(_TAIL, 0, len(self.text)) :])
        if "window" not in found or "zone" not in found:
            raise _Unlike
        return found

    def _place(self, name: str) -> int:
        found = self.text.find(name)
        if found < 0:
            raise _Unlike
        return found

    def _value(self, at: int) -> Any:
        return _DECODER.raw_decode(self.text, at)[0]


def _narrowed(whole: Document, is_wanted: Callable[[Document], bool]) -> dict[str, Any]:
    rows = [row for row in whole["credits"] if is_wanted(row)]
    named = {row["evidence_hash"] for row in rows}
    evidence = {name: whole["evidence"][name] for name in sorted(named & whole["evidence"].keys())}
    tail = {name: found for name, found in whole.items() if name >= "period"}
    return {"components": whole["components"], "credits": rows, "evidence": evidence, **tail}

"""The configuration of a product elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.client.door import Door
from monitor.client.ports import Document
from monitor.client.reading import Fields

_PAGE, _REVISIONS_PAGE = 2_000, 1_000


class RemoteConfiguration:
    """Implements `monitor.client.ports.Configuration`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def show(self, revision: int | None, under: str) -> Document:
        query = {"under": under, "limit": str(_PAGE)}
        if revision is not None:
            query["revision"] = str(revision)
        page = self._door.get("/configuration", **query)
        whole, values = _without(page, "next_after"), list(_values(page))
        while page.number_or_none("next_after") is not None:
            after = str(page.number("next_after"))
            page = self._door.get("/configuration", **{**query, "after": after})
            values += _values(page)
        return {**whole, "values": values}

    def revisions(self) -> Sequence[Document]:
        query = {"limit": str(_REVISIONS_PAGE)}
        page = self._door.get("/configuration/revisions", **query)
        found = list(_found(page, "revisions"))
        while page.number_or_none("next_before") is not None:
            before = str(page.number("next_before"))
            page = self._door.get("/configuration/revisions", **{**query, "before": before})
            found += _found(page, "revisions")
        return found

    def reload(self) -> Document:
        return _without(self._door.act("/configuration/apply"), "look_at")

    def application(self, wanted: int) -> Document:
        return _without(self._door.get(f"/configuration/applications/{wanted}"), "look_at")


def _values(page: Fields) -> Sequence[Document]:
    return _found(page, "values")


def _found(page: Fields, name: str) -> Sequence[Document]:
    return page.each(name, lambda one: dict(one.found))


def _without(answer: Fields, name: str) -> dict[str, Any]:
    return {key: value for key, value in answer.found.items() if key != name}

"""The configuration of a product elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.client.door import Door
from monitor.client.ports import Document
from monitor.client.reading import Fields
from monitor.domain.refusals import Refused

_PAGE, _REVISIONS_PAGE = 2_000, 1_000
_LARGEST = 8 * 1024 * 1024
_CHECK_S = 150.0
"""A door checks a large text in a process of its own, after others."""


class RemoteConfiguration:
    """Implements `monitor.client.ports.Configuration`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def show(self, revision: int | None, under: str) -> Document:
        query = {"under": under, "limit": str(_PAGE)}
        if revision is not None:
            query["revision"] = str(revision)
        first, *others = self._door.pages("/configuration", "after", **query)
        values = [value for page in (first, *others) for value in page.documents("values")]
        return {**_without(first, "next_after"), "values": values}

    def revisions(self) -> Sequence[Document]:
        pages = self._door.pages("/configuration/revisions", "before", limit=str(_REVISIONS_PAGE))
        return [revision for page in pages for revision in page.documents("revisions")]

    def check(self, file: Path) -> Document:
        content = file.read_bytes()
        if len(content) > _LARGEST:
            raise Refused("request.too_large", most=_LARGEST)
        answer = self._door.upload(
            "/configuration/check", content, "application/yaml", longest_s=_CHECK_S
        )
        return answer.found

    def reload(self) -> Document:
        return _without(self._door.act("/configuration/apply"), "look_at")

    def application(self, wanted: int) -> Document:
        return _without(self._door.get(f"/configuration/applications/{wanted}"), "look_at")


def _without(answer: Fields, name: str) -> dict[str, Any]:
    return {key: value for key, value in answer.found.items() if key != name}

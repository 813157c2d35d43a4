"""Applying at a product elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.client.door import Door, step
from monitor.client.ports import Document

_PAGE = 1_000


class RemoteApplying:
    """Implements `monitor.client.ports.Applying`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def ask(self, task: str, month: str = "") -> Document:
        asked = self._door.post("/billing/applications", {"task": task, "month": month})
        return _without_place(asked.found)

    def show(self, wanted: int) -> Document:
        return _without_place(self._door.get(f"/billing/applications/{wanted}").found)

    def handed_out(self) -> Sequence[Document]:
        pages = self._door.pages("/billing/handed-out", "after", limit=str(_PAGE))
        return [one for page in pages for one in page.documents("credits")]

    def confirm(self, references: Mapping[str, str]) -> Sequence[Document]:
        given = [{"credit_id": one, "reference": said} for one, said in references.items()]
        return self._door.post("/billing/confirmations", {"confirmed": given}).documents("credits")

    def release(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        path = f"/credits/{step(wanted)}/release"
        return self._door.post(path, {"reason": reason}, revision=revision).found

    def pause(self, reason: str) -> Document:
        return self._set_brake(reason, is_on=True)

    def resume(self, reason: str) -> Document:
        return self._set_brake(reason, is_on=False)

    def _set_brake(self, reason: str, *, is_on: bool) -> Document:
        return self._door.post("/billing/brake", {"is_on": is_on, "reason": reason}).found


def _without_place(found: Mapping[str, Any]) -> Document:
    return {key: value for key, value in found.items() if key != "look_at"}

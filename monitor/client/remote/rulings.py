"""What unknown time was, at a product elsewhere: said and decided as the credential's account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.client.door import Door, step
from monitor.client.ports import Document
from monitor.client.remote.fields import evidence_fields, optional_instant
from monitor.client.views import AskedRuling


class RemoteRulings:
    """Implements `monitor.client.ports.Rulings`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def waiting(self, month: str = "") -> Sequence[Document]:
        query = {"month": month} if month else {}
        return self._door.get("/unknown-time", **query).documents("sources")

    def listed(self, status: str = "") -> Sequence[Document]:
        query = {"status": status} if status else {}
        return self._door.get("/rulings", **query).documents("rulings")

    def show(self, wanted: str) -> Document:
        return self._door.get(_path(wanted)).found

    def propose(self, asked: AskedRuling) -> Document:
        return self._door.post("/rulings", _body(asked)).found

    def revise(self, wanted: str, asked: AskedRuling, *, revision: int | None = None) -> Document:
        path = f"{_path(wanted)}/revisions"
        return self._door.post(path, _body(asked), revision=revision).found

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._said(wanted, "approval", reason, revision)

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._said(wanted, "refusal", reason, revision)

    def _said(self, wanted: str, what: str, reason: str, revision: int | None) -> Document:
        path = f"{_path(wanted)}/{what}"
        return self._door.post(path, {"reason": reason}, revision=revision).found


def _path(wanted: str) -> str:
    return f"/rulings/{step(wanted)}"


def _body(asked: AskedRuling) -> dict[str, Any]:
    return {
        "assumed": asked.assumed,
        "chosen": None if asked.month is None else _chosen(asked),
        "credits": list(asked.credits),
        "evidence": evidence_fields(asked.evidence),
    }


def _chosen(asked: AskedRuling) -> dict[str, Any]:
    return {
        "month": asked.month,
        "start": optional_instant(asked.start),
        "end": optional_instant(asked.end),
        "cause": asked.cause or None,
    }

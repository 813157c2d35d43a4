"""Exclusions of a product elsewhere: proposed and decided as the account of the credential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.client.door import Door, step
from monitor.client.ports import Document
from monitor.client.remote.fields import evidence_fields, optional_instant
from monitor.client.views import AskedExclusion


class RemoteExclusions:
    """Implements `monitor.client.ports.Exclusions`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def listed(self, status: str = "") -> Sequence[Document]:
        query = {"status": status} if status else {}
        return self._door.get("/exclusions", **query).documents("exclusions")

    def show(self, wanted: str) -> Document:
        return self._door.get(_path(wanted)).found

    def effect(self, wanted: str) -> Document:
        return self._door.get(f"{_path(wanted)}/effect").found

    def propose(self, asked: AskedExclusion) -> Document:
        return self._door.post("/exclusions", _body(asked)).found

    def revise(
        self, wanted: str, asked: AskedExclusion, *, revision: int | None = None
    ) -> Document:
        path = f"{_path(wanted)}/revisions"
        return self._door.post(path, _body(asked), revision=revision).found

    def withdraw(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._said(wanted, "withdrawal", reason, revision)

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._said(wanted, "approval", reason, revision)

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._said(wanted, "refusal", reason, revision)

    def _said(self, wanted: str, what: str, reason: str, revision: int | None) -> Document:
        path = f"{_path(wanted)}/{what}"
        return self._door.post(path, {"reason": reason}, revision=revision).found


def _path(wanted: str) -> str:
    return f"/exclusions/{step(wanted)}"


def _body(asked: AskedExclusion) -> dict[str, Any]:
    return {
        "component": asked.component,
        "incident": asked.incident,
        "start": optional_instant(asked.start),
        "end": optional_instant(asked.end),
        "cause": asked.cause,
        "evidence": evidence_fields(asked.evidence),
    }

"""Credits of a product elsewhere: asked for and decided as the account of the credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.client.door import Door, step
from monitor.client.ports import Document
from monitor.client.views import AskedCredits

_PAGE = 500
"""As many as an answer has, and as many as are judged in one request."""


class RemoteCredits:
    """Implements `monitor.client.ports.Credits`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def listed(self, asked: AskedCredits, limit: int) -> Sequence[Document]:
        named = {
            "state": asked.state, "month": asked.month, "client": asked.client,
            "contract": asked.contract, "limit": str(min(limit, _PAGE)),
        }  # fmt: skip
        query = {name: value for name, value in named.items() if value}
        found: list[Document] = []
        for page in self._door.pages("/credits", "before", **query):
            found += page.documents("credits")
            if len(found) >= limit:
                break
        return found[:limit]

    def show(self, wanted: str) -> Document:
        return self._door.get(_path(wanted)).found

    def request(
        self, wanted: str, *, ticket: str, client: str, revision: int | None = None
    ) -> Document:
        return self._taken(wanted, "request", {"ticket": ticket, "client": client}, revision)

    def review(self, wanted: str, *, revision: int | None = None) -> Document:
        return self._taken(wanted, "review", {}, revision)

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Document:
        return self._taken(wanted, "approval", {"reason": reason}, revision)

    def reject(
        self, wanted: str, *, reason: str, clause: str, revision: int | None = None
    ) -> Document:
        return self._taken(wanted, "rejection", {"reason": reason, "clause": clause}, revision)

    def review_all(self, wanted: Sequence[str]) -> Sequence[Document]:
        return self._each("reviews", wanted, {})

    def approve_all(self, wanted: Sequence[str], *, reason: str) -> Sequence[Document]:
        return self._each("approvals", wanted, {"reason": reason})

    def _taken(
        self, wanted: str, what: str, body: Mapping[str, Any], revision: int | None
    ) -> Document:
        return self._door.post(f"{_path(wanted)}/{what}", body, revision=revision).found

    def _each(
        self, what: str, wanted: Sequence[str], more: Mapping[str, Any]
    ) -> Sequence[Document]:
        found: list[Document] = []
        for at in range(0, len(wanted), _PAGE):
            chosen = [{"credit_id": name} for name in wanted[at : at + _PAGE]]
            answer = self._door.post(f"/credits/{what}", {"credits": chosen, **more})
            found += answer.documents("credits")
        return found


def _path(wanted: str) -> str:
    return f"/credits/{step(wanted)}"

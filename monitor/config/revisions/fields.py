"""Configurations and requests as people and programs read them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from monitor.config.revisions.application import Application
from monitor.config.revisions.reading import ListedRevision, Listing
from monitor.domain.time.interval import Second
from monitor.i18n.formats import iso


def listing_fields(found: Listing, file: str | None, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "revision": found.header.number,
        "content_hash": found.header.hash,
        "effective_from": iso(found.header.effective_from, zone),
        "file": file,
        "values": [{"path": v.path, "line": v.line, "value": v.value} for v in found.values],
    }


def revision_fields(found: ListedRevision, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "revision": found.header.number,
        "content_hash": found.header.hash,
        "effective_from": iso(found.header.effective_from, zone),
        "is_in_force": found.is_in_force,
    }


def application_fields(found: Application, zone: ZoneInfo) -> dict[str, Any]:
    outcome: Any = found.outcome
    since = outcome.get("effective_from")
    return {
        "id": found.id,
        "state": str(found.state),
        "asked_at": iso(found.asked_at, zone),
        "asked_by": found.asked_by,
        "answered_at": None if found.answered_at is None else iso(found.answered_at, zone),
        "revision": outcome.get("revision"),
        "effective_from": None if since is None else iso(Second(since), zone),
        "difference": outcome.get("difference", ""),
        "errors": outcome.get("errors", []),
    }

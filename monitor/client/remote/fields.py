"""What several parts of the door's bodies are made of."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from monitor.domain.exclusions.classification import Evidence
from monitor.domain.time.interval import Second


def instant(at: Second) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, tz=UTC).isoformat()


def optional_instant(at: Second | None) -> str | None:
    return None if at is None else instant(at)


def evidence_fields(evidence: Evidence) -> dict[str, Any]:
    return {
        "text": evidence.text,
        "files": [asdict(file) for file in evidence.files],
        "links": list(evidence.links),
    }

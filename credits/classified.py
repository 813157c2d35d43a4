"""What two people excluded, as values of a report and of the API."""

from __future__ import annotations

from monitor.domain.exclusions.classification import Evidence


def evidence_fields(evidence: Evidence) -> dict[str, object]:
    return {
        "text": evidence.text,
        "files": [
            {"name": file.name, "sha256": file.sha256, "bytes": file.bytes}
            for file in evidence.files
        ],
        "links": list(evidence.links),
    }

"""Evidence of what people say: checked as it comes, and as values of a report and of the API."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from monitor.domain.exclusions.classification import Evidence, EvidenceFile
from monitor.domain.refusals import Refused, public_text
from monitor.domain.text import Text

MOST_FILES = MOST_LINKS = 20
LONGEST_LINK = 2_000
_LONGEST_NAME = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")


def evidence_fields(evidence: Evidence) -> dict[str, object]:
    return {
        "text": evidence.text,
        "files": [
            {"name": file.name, "sha256": file.sha256, "bytes": file.bytes}
            for file in evidence.files
        ],
        "links": list(evidence.links),
    }


def checked_evidence(evidence: Evidence) -> Evidence:
    """Words at least; files by name and hash, and links that open over TLS. Raises Refused."""
    if len(evidence.files) > MOST_FILES or len(evidence.links) > MOST_LINKS:
        raise Refused("exclusion.too_much_evidence", most=MOST_FILES)
    return Evidence(
        text=plain_words(evidence.text, "evidence"),
        files=tuple(map(_checked_file, evidence.files)),
        links=tuple(map(_checked_link, evidence.links)),
    )


def plain_words(text: str, what: str) -> str:
    """Trimmed, bounded and without control characters. Raises Refused."""
    return public_text(Text({"es": text}), what).in_locale("es")


def _checked_file(file: EvidenceFile) -> EvidenceFile:
    name, digest = file.name.strip(), file.sha256.lower()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refused("exclusion.file_name", name=name[:_LONGEST_NAME])
    if _SHA256.fullmatch(digest) is None or file.bytes < 0:
        raise Refused("exclusion.file_hash", name=name)
    return EvidenceFile(name=name, sha256=digest, bytes=file.bytes)


def _checked_link(link: str) -> str:
    if len(link) > LONGEST_LINK or not link.isprintable() or not _is_https(link):
        raise Refused("exclusion.link", link=link[:_LONGEST_NAME])
    return link


def _is_https(link: str) -> bool:
    """Without a name and password in it: those would be kept for ever."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
